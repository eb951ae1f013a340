import { init, compress, decompress } from '@bokuweb/zstd-wasm';

/** libzstd in WebAssembly: what the tests hold our decoder to, and compress with. */
export interface ReferenceZstd {
  compress(bytes: Uint8Array, level?: number): Buffer;
  /** Undefined when it refuses them. */
  decompress(bytes: Uint8Array, maxBytes: number): Buffer | undefined;
}

export async function loadReferenceZstd(): Promise<ReferenceZstd> {
  await init();
  return {
    // libzstd cannot be given an empty view: its source pointer would be null.
    compress: (bytes, level) => Buffer.from(compress(Buffer.from(bytes), level)),
    decompress(bytes, maxBytes) {
      try {
        return Buffer.from(decompress(Buffer.from(bytes), { defaultHeapSize: maxBytes }));
      } catch {
        return undefined;
      }
    },
  };
}

const FRAME = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** A frame of an unknown length. `windowLog` from 10. */
export function zstdFrame(windowLog: number, ...blocks: readonly Buffer[]): Buffer {
  return Buffer.concat([FRAME, Buffer.from([0, (windowLog - 10) << 3]), ...blocks]);
}

export function zstdBlock(kind: 0 | 1 | 2 | 3, size: number, isLast: boolean, content: Buffer): Buffer {
  const head = (isLast ? 1 : 0) | (kind << 1) | (size << 3);
  return Buffer.concat([Buffer.from([head & 255, (head >> 8) & 255, head >> 16]), content]);
}

/** About 10 MB that would become 343 GB: 128 KiB of zeros from each 4 bytes. */
export function zstdBomb(blocks: number): Buffer {
  const zeros = zstdBlock(1, 128 * 1024, false, Buffer.alloc(1));
  return zstdFrame(
    23,
    Buffer.concat(Array.from({ length: blocks }, () => zeros)),
    zstdBlock(0, 0, true, Buffer.alloc(0)),
  );
}

/**
 * One byte, then a block of `count` sequences that repeat it 131,074 times each: 18 bits a sequence. A decoder that
 * does not stop at the end of a block works on it for minutes.
 */
export function endlessMatches(count: number): Buffer {
  const bits = Buffer.alloc(((count * 18) >> 3) + 1);
  const set = (bit: number): void => {
    bits[bit >> 3] = (bits[bit >> 3] ?? 0) | (1 << (bit & 7));
  };
  set(count * 18);
  for (let sequence = 0; sequence < count; sequence += 1) {
    for (let bit = 0; bit < 16; bit += 1) set(sequence * 18 + bit);
  }
  // No literals; the tables of all three codes repeat one symbol: 0 literals, a distance of 1, the longest match.
  const head = Buffer.from([0, 128 + (count >> 8), count & 255, 0x54, 0, 2, 52]);
  const block = Buffer.concat([head, bits]);
  return zstdFrame(17, zstdBlock(0, 1, false, Buffer.from('a')), zstdBlock(2, block.length, true, block));
}
