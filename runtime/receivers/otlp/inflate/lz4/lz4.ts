import { MAX_BLOCKS, tooManyBlocks } from '../block-limit.ts';
import type { Codec, Extent } from '../codec.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { MalformedBody } from '../malformed-body.ts';
import { decodeBlock } from './block.ts';
import { CHECKSUM_BYTES, readBlockHeader, readFrameHeader, type DataFrame } from './frame.ts';

/** LZ4 in frames (`lz4_Frame_format.md` 1.6), of which several may follow each other. Checksums are not compared. */
export const lz4: Codec = { extentOf: extentOfLz4, decode: decodeLz4 };

function extentOfLz4(source: Uint8Array): Extent {
  let leastBytes = 0;
  let mostBytes = 0;
  let blocks = 0;
  for (let at = 0; at < source.length; blocks += 1) {
    if (blocks > MAX_BLOCKS) throw tooManyBlocks();
    const header = readFrameHeader(source, at);
    if (header.kind === 'skippable') {
      at = header.next;
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

/** No byte of a block gives more: it lengthens a match by so many. */
const MAX_RATIO = 255;

function frameExtent(
  source: Uint8Array,
  header: DataFrame,
  maxBlocks: number,
): { readonly mostBytes: number; readonly blocks: number; readonly next: number } {
  let mostBytes = 0;
  let blocks = 0;
  let block = readBlockHeader(source, header.next, header);
  for (; !block.isEnd; block = readBlockHeader(source, block.next, header)) {
    const bytes = block.end - block.start;
    mostBytes += block.isCompressed ? Math.min(header.maxBlockBytes, MAX_RATIO * bytes) : bytes;
    blocks += 1;
    if (blocks > maxBlocks) throw tooManyBlocks();
  }
  if (header.contentBytes !== undefined && header.contentBytes > mostBytes) {
    throw new MalformedBody('a frame announces more than its blocks can hold');
  }
  return { mostBytes, blocks, next: afterFrame(source, header, block.next) };
}

function afterFrame(source: Uint8Array, { hasChecksum }: DataFrame, end: number): number {
  const next = end + (hasChecksum ? CHECKSUM_BYTES : 0);
  if (next > source.length) throw new MalformedBody('it is cut short');
  return next;
}

function* decodeLz4(source: Uint8Array, output: InflatedOutput): Generator<undefined> {
  for (let at = 0; at < source.length;) {
    const header = readFrameHeader(source, at);
    at = header.kind === 'skippable' ? header.next : yield* decodeFrame(source, header, output);
  }
}

/** Answers where the frame ends. */
function* decodeFrame(
  source: Uint8Array,
  header: DataFrame,
  output: InflatedOutput,
): Generator<undefined, number> {
  const startsAt = output.length;
  output.beginFrame();
  let block = readBlockHeader(source, header.next, header);
  for (; !block.isEnd; block = readBlockHeader(source, block.next, header)) {
    if (header.hasIndependentBlocks) output.beginFrame();
    output.beginBlock(header.maxBlockBytes);
    if (block.isCompressed) yield* decodeBlock(source, block.start, block.end, output);
    else output.append(source, block.start, block.end);
    yield;
  }
  if (header.contentBytes !== undefined && output.length - startsAt !== header.contentBytes) {
    throw new MalformedBody('a frame has another length than it announces');
  }
  return afterFrame(source, header, block.next);
}
