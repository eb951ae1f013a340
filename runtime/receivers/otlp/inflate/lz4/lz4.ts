import { tooManyBlocks } from '../block-limit.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { framedCodec, type BlocksExtent } from '../framed-codec.ts';
import { decodeBlock } from './block.ts';
import { readBlockHeader, readFrameHeader, type Lz4Frame } from './frame.ts';

/** LZ4 in frames (`lz4_Frame_format.md` 1.6). Checksums are not compared. */
export const lz4 = framedCodec({ readHeader: readFrameHeader, extentOfBlocks, decodeBlocks });

/** No byte of a block gives more: it lengthens a match by so many. */
const MAX_RATIO = 255;

function extentOfBlocks(source: Uint8Array, frame: Lz4Frame, maxBlocks: number): BlocksExtent {
  let mostBytes = 0;
  let blocks = 0;
  let block = readBlockHeader(source, frame.next, frame);
  for (; !block.isEnd; block = readBlockHeader(source, block.next, frame)) {
    const bytes = block.end - block.start;
    mostBytes += block.isCompressed ? Math.min(frame.maxBlockBytes, MAX_RATIO * bytes) : bytes;
    blocks += 1;
    if (blocks > maxBlocks) throw tooManyBlocks();
  }
  return { mostBytes, blocks, end: block.next };
}

function* decodeBlocks(
  source: Uint8Array,
  frame: Lz4Frame,
  output: InflatedOutput,
): Generator<undefined, number> {
  let block = readBlockHeader(source, frame.next, frame);
  for (; !block.isEnd; block = readBlockHeader(source, block.next, frame)) {
    if (frame.hasIndependentBlocks) output.beginFrame();
    output.beginBlock(frame.maxBlockBytes);
    if (block.isCompressed) yield* decodeBlock(source, block.start, block.end, output);
    else output.append(source, block.start, block.end);
    yield;
  }
  return block.next;
}
