import type { Frame } from '../framed-codec.ts';
import { littleEndian, littleEndian64 } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';

const FRAME_MAGIC = 0x184d2204;
const VERSION = 1;
/** By bits 4 to 6 of the block descriptor, from 4 on. */
const MAX_BLOCK_BYTES = [2 ** 16, 2 ** 18, 2 ** 20, 2 ** 22] as const;

const CHECKSUM_BYTES = 4;

export interface Lz4Frame extends Frame {
  readonly maxBlockBytes: number;
  /** Their matches reach back within the block alone. */
  readonly hasIndependentBlocks: boolean;
  readonly hasBlockChecksums: boolean;
}

export function readFrameHeader(source: Uint8Array, start: number): Lz4Frame {
  if (littleEndian(source, start, 4) !== FRAME_MAGIC) {
    throw new MalformedBody('a frame does not begin with the mark of LZ4');
  }
  return readDescriptor(source, start + 4);
}

function readDescriptor(source: Uint8Array, start: number): Lz4Frame {
  const flags = source[start] ?? 0;
  const maxBlockBytes = MAX_BLOCK_BYTES[((source[start + 1] ?? 0) >> 4) - 4];
  if (flags >> 6 !== VERSION || (flags & 2) !== 0 || maxBlockBytes === undefined) {
    throw new MalformedBody('a frame is of a version that is not known');
  }
  const sizeStart = start + 2;
  const idStart = sizeStart + ((flags & 8) === 0 ? 0 : 8);
  const idBytes = (flags & 1) === 0 ? 0 : 4;
  // Behind the descriptor comes a byte of its checksum.
  const next = idStart + idBytes + 1;
  if (next > source.length) throw new MalformedBody('a frame is cut short');
  if (littleEndian(source, idStart, idBytes) !== 0) {
    throw new MalformedBody('it needs a dictionary; send without one');
  }
  return {
    maxBlockBytes,
    hasIndependentBlocks: (flags & 32) !== 0,
    hasBlockChecksums: (flags & 16) !== 0,
    hasChecksum: (flags & 4) !== 0,
    contentBytes: idStart === sizeStart ? undefined : littleEndian64(source, sizeStart),
    next,
  };
}

export interface BlockHeader {
  /** No block, but the mark behind the last one. */
  readonly isEnd: boolean;
  readonly isCompressed: boolean;
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** The whole block is there. */
export function readBlockHeader(source: Uint8Array, at: number, frame: Lz4Frame): BlockHeader {
  const head = littleEndian(source, at, 4);
  const start = at + 4;
  const isEnd = head === 0;
  const size = head % 2 ** 31;
  if (size > frame.maxBlockBytes) throw new MalformedBody('a block is larger than it may be');
  const end = start + size;
  const next = end + (frame.hasBlockChecksums && !isEnd ? CHECKSUM_BYTES : 0);
  if (next > source.length) throw new MalformedBody('it is cut short');
  return { isEnd, isCompressed: head < 2 ** 31, start, end, next };
}
