import type { SharedArrayType } from './packer.ts';

/** More than any layout has arrays. */
const MAX_ARRAYS = 64;

/** Every array of zeros of every batch is a view of this. Nobody writes to it. Replaced by a larger one on demand. */
let zeros = new SharedArrayBuffer(64 * 1024);

/**
 * The zeros of a batch's array number `index`. apache-arrow 21 joins byte ranges of one buffer that overlap when it
 * writes IPC (`collapseContiguousByteRanges`), and so loses columns, unless each begins before the one written before
 * it: hence an offset for each array of a batch, counting down.
 */
export function zerosOf<A extends ArrayBufferView>(
  ArrayType: SharedArrayType<A>,
  index: number,
  length: number,
): A {
  const offset = (MAX_ARRAYS - index) * 8;
  const neededBytes = offset + length * ArrayType.BYTES_PER_ELEMENT;
  if (zeros.byteLength < neededBytes) {
    zeros = new SharedArrayBuffer(Math.max(neededBytes, zeros.byteLength * 2));
  }
  return new ArrayType(zeros, offset, length);
}
