import { zeroBuffer } from './zeros.ts';

/** The class of a typed array that can stand on shared memory. */
export interface SharedArrayType<A extends ArrayBufferView> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): A;
}

/** Regions are a multiple of 8 bytes, so that every one may hold 64-bit values. */
export function align8(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 8) * 8;
}

/** More than any layout has arrays. */
const MAX_ZERO_COLUMNS = 128;

/** Hands out aligned regions of one shared buffer, one behind the other, for the arrays of a batch in the order of its layout. */
export class Packer {
  readonly buffer: SharedArrayBuffer;
  /** See `Batch.zeroArrays`. */
  zeroArrays = 0;
  private bit = 1;
  private used = 0;
  private zeroOffset = MAX_ZERO_COLUMNS * 8;

  constructor(sizeBytes: number) {
    this.buffer = new SharedArrayBuffer(sizeBytes);
  }

  take<A extends ArrayBufferView>(ArrayType: SharedArrayType<A>, length: number): A {
    const region = new ArrayType(this.buffer, this.used, length);
    this.used += align8(region.byteLength);
    this.bit *= 2;
    return region;
  }

  /**
   * A view of the shared zeros. apache-arrow 21 joins byte ranges of one buffer that overlap when it writes IPC
   * (`collapseContiguousByteRanges`), and so loses columns, unless each begins before the one written before it:
   * hence an offset for each column of a batch, counting down.
   */
  zeros<A extends ArrayBufferView>(ArrayType: SharedArrayType<A>, length: number): A {
    this.zeroOffset -= 8;
    this.zeroArrays += this.bit;
    this.bit *= 2;
    const buffer = zeroBuffer(MAX_ZERO_COLUMNS * 8 + length * ArrayType.BYTES_PER_ELEMENT);
    return new ArrayType(buffer, this.zeroOffset, length);
  }
}
