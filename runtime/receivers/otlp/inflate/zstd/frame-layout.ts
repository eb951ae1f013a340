import { tooManyBlocks } from '../block-limit.ts';
import type { BlocksExtent } from '../framed-codec.ts';
import { littleEndian } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';
import type { ZstdFrame } from './frame-header.ts';
import { MAX_BLOCK_BYTES } from './literals.ts';

export const BlockKind = { raw: 0, repeated: 1, compressed: 2 } as const;

export interface BlockHeader {
  readonly kind: number;
  /** Bytes of a raw or compressed block, repetitions of the byte of a repeated one. */
  readonly size: number;
  readonly isLast: boolean;
  readonly start: number;
  readonly next: number;
}

/** RFC 8878, 3.1.1.2; the whole block is there. */
export function readBlockHeader(source: Uint8Array, at: number): BlockHeader {
  const head = littleEndian(source, at, 3);
  const kind = (head >> 1) & 3;
  const size = head >> 3;
  const start = at + 3;
  const next = start + (kind === BlockKind.repeated ? 1 : size);
  if (next > source.length) throw new MalformedBody('it is cut short');
  if (kind > BlockKind.compressed) throw new MalformedBody('a block is of a kind that is none');
  return { kind, size, isLast: (head & 1) === 1, start, next };
}

export function maxBlockBytes({ windowBytes }: ZstdFrame): number {
  return Math.min(MAX_BLOCK_BYTES, windowBytes);
}

export function extentOfBlocks(source: Uint8Array, frame: ZstdFrame, maxBlocks: number): BlocksExtent {
  const most = maxBlockBytes(frame);
  let mostBytes = 0;
  let blocks = 0;
  let end = frame.next;
  for (let isLast = false; !isLast; blocks += 1) {
    const block = readBlockHeader(source, end);
    mostBytes += block.kind === BlockKind.compressed ? most : block.size;
    ({ isLast, next: end } = block);
    if (blocks >= maxBlocks) throw tooManyBlocks();
  }
  return { mostBytes, blocks, end };
}
