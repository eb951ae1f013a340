import { MAX_BLOCKS, tooManyBlocks } from '../block-limit.ts';
import type { Extent } from '../codec.ts';
import { littleEndian } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';
import { readFrameHeader, type FrameHeader } from './frame-header.ts';
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

export type DataFrame = Extract<FrameHeader, { readonly kind: 'frame' }>;

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

export function maxBlockBytes({ windowBytes }: DataFrame): number {
  return Math.min(MAX_BLOCK_BYTES, windowBytes);
}

/** Walks over all frames and blocks without opening them. Throws `MalformedBody`. */
export function extentOfZstd(source: Uint8Array): Extent {
  let leastBytes = 0;
  let mostBytes = 0;
  let blocks = 0;
  let at = 0;
  while (at < source.length) {
    if (blocks > MAX_BLOCKS) throw tooManyBlocks();
    const header = readFrameHeader(source, at);
    if (header.kind === 'skippable') {
      at = header.next;
      blocks += 1;
      continue;
    }
    const frame = frameExtent(source, header, MAX_BLOCKS - blocks);
    leastBytes += header.contentBytes ?? 0;
    mostBytes += header.contentBytes ?? frame.mostBytes;
    blocks += frame.blocks;
    at = frame.next;
  }
  return { leastBytes, mostBytes };
}

function frameExtent(
  source: Uint8Array,
  header: DataFrame,
  maxBlocks: number,
): { readonly mostBytes: number; readonly blocks: number; readonly next: number } {
  const most = maxBlockBytes(header);
  let mostBytes = 0;
  let blocks = 0;
  let at = header.next;
  for (let isLast = false; !isLast; blocks += 1) {
    const block = readBlockHeader(source, at);
    mostBytes += block.kind === BlockKind.compressed ? most : block.size;
    ({ isLast, next: at } = block);
    if (blocks >= maxBlocks) throw tooManyBlocks();
  }
  if (header.contentBytes !== undefined && header.contentBytes > mostBytes) {
    throw new MalformedBody('a frame announces more than its blocks can hold');
  }
  return { mostBytes, blocks, next: at + (header.hasChecksum ? CHECKSUM_BYTES : 0) };
}

export const CHECKSUM_BYTES = 4;
