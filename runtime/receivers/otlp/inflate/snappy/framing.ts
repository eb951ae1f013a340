import { MAX_BLOCKS, tooManyBlocks } from '../block-limit.ts';
import type { Extent } from '../codec.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { littleEndian } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';
import { decodeBlock, readBlockHeader } from './block.ts';

/** Chunk types of Snappy's `framing_format.txt`; from the first skippable one on, what is not known is skipped. */
const ChunkType = {
  compressed: 0x00,
  uncompressed: 0x01,
  firstSkippable: 0x80,
  streamIdentifier: 0xff,
} as const;

const HEADER_BYTES = 4;
const CHECKSUM_BYTES = 4;
const MAX_CHUNK_BYTES = 65_536;
const IDENTIFIER = Buffer.from('sNaPpY');
const STREAM_START = Buffer.from([ChunkType.streamIdentifier, IDENTIFIER.length, 0, 0, ...IDENTIFIER]);

/** No block begins so: after a literal of one byte it would copy from a gigabyte before its beginning. */
export function isFramed(source: Uint8Array): boolean {
  return startsWith(source, 0, STREAM_START);
}

export function extentOfFramed(source: Uint8Array): Extent {
  let bytes = 0;
  let chunks = 0;
  for (const chunk of chunksOf(source)) {
    bytes += inflatedBytes(source, chunk);
    chunks += 1;
    if (chunks > MAX_BLOCKS) throw tooManyBlocks();
  }
  return { leastBytes: bytes, mostBytes: bytes };
}

export function* decodeFramed(source: Uint8Array, output: InflatedOutput): Generator<undefined> {
  for (const { type, start, end } of chunksOf(source)) {
    if (type === ChunkType.compressed) {
      yield* decodeBlock(source, start + CHECKSUM_BYTES, end, output);
    } else if (type === ChunkType.uncompressed) {
      output.beginBlock(MAX_CHUNK_BYTES);
      output.append(source, start + CHECKSUM_BYTES, end);
      yield;
    }
  }
}

interface Chunk {
  readonly type: number;
  /** Behind its header. */
  readonly start: number;
  readonly end: number;
}

function* chunksOf(source: Uint8Array): Generator<Chunk> {
  for (let at = 0; at < source.length;) {
    const start = at + HEADER_BYTES;
    const end = start + littleEndian(source, at + 1, 3);
    if (end > source.length) throw new MalformedBody('a chunk is cut short');
    yield { type: source[at] ?? 0, start, end };
    at = end;
  }
}

function inflatedBytes(source: Uint8Array, { type, start, end }: Chunk): number {
  if (type === ChunkType.compressed || type === ChunkType.uncompressed) {
    const from = start + CHECKSUM_BYTES;
    if (from > end) throw new MalformedBody('a chunk is cut short');
    const bytes = type === ChunkType.compressed ? readBlockHeader(source, from, end).bytes : end - from;
    if (bytes > MAX_CHUNK_BYTES) throw new MalformedBody('a chunk is larger than it may be');
    return bytes;
  }
  if (type < ChunkType.firstSkippable) throw new MalformedBody('a chunk is of a kind that is none');
  if (type === ChunkType.streamIdentifier && !isIdentifier(source, start, end)) {
    throw new MalformedBody('its mark is not that of Snappy');
  }
  return 0;
}

function isIdentifier(source: Uint8Array, start: number, end: number): boolean {
  return end - start === IDENTIFIER.length && startsWith(source, start, IDENTIFIER);
}

function startsWith(source: Uint8Array, start: number, mark: Uint8Array): boolean {
  return mark.every((byte, index) => source[start + index] === byte);
}
