import { MAX_BLOCKS, tooManyBlocks } from './block-limit.ts';
import type { Codec, Extent } from './codec.ts';
import type { InflatedOutput } from './inflated-output.ts';
import { MalformedBody } from './malformed-body.ts';
import { endOfSkippable } from './skippable-frame.ts';

const CHECKSUM_BYTES = 4;

/** What stands before the blocks of a frame. */
export interface Frame {
  /** How long it is inflated; undefined when it was not sent. */
  readonly contentBytes: number | undefined;
  /** Behind the last block. It is not compared. */
  readonly hasChecksum: boolean;
  /** Where its first block begins. */
  readonly next: number;
}

/** What the blocks of a frame can become, how many they are, and where the last one ends. */
export interface BlocksExtent {
  readonly mostBytes: number;
  readonly blocks: number;
  readonly end: number;
}

export interface FrameFormat<F extends Frame> {
  /** Of a frame that is not a skippable one. Throws `MalformedBody`. */
  readonly readHeader: (source: Uint8Array, start: number) => F;
  /** Throws `MalformedBody`, also of more than `maxBlocks`. */
  readonly extentOfBlocks: (source: Uint8Array, frame: F, maxBlocks: number) => BlocksExtent;
  /** As `Codec.decode`; answers where the last block ends. */
  readonly decodeBlocks: (
    source: Uint8Array,
    frame: F,
    output: InflatedOutput,
  ) => Generator<undefined, number>;
}

/** A body of frames, one behind the other, some of which may be skippable. */
export function framedCodec<F extends Frame>(format: FrameFormat<F>): Codec {
  return {
    extentOf: (source) => extentOfFrames(source, format),
    decode: (source, output) => decodeFrames(source, format, output),
  };
}

function extentOfFrames<F extends Frame>(source: Uint8Array, format: FrameFormat<F>): Extent {
  let leastBytes = 0;
  let mostBytes = 0;
  let blocks = 0;
  for (let at = 0; at < source.length; blocks += 1) {
    if (blocks > MAX_BLOCKS) throw tooManyBlocks();
    const skipped = endOfSkippable(source, at);
    if (skipped !== undefined) {
      at = skipped;
      continue;
    }
    const frame = format.readHeader(source, at);
    const extent = format.extentOfBlocks(source, frame, MAX_BLOCKS - blocks);
    if (frame.contentBytes !== undefined && frame.contentBytes > extent.mostBytes) {
      throw new MalformedBody('a frame announces more than its blocks can hold');
    }
    leastBytes += frame.contentBytes ?? 0;
    mostBytes += frame.contentBytes ?? extent.mostBytes;
    blocks += extent.blocks;
    at = behind(frame, extent.end);
    if (at > source.length) throw new MalformedBody('it is cut short');
  }
  return { leastBytes, mostBytes };
}

function* decodeFrames<F extends Frame>(
  source: Uint8Array,
  format: FrameFormat<F>,
  output: InflatedOutput,
): Generator<undefined> {
  for (let at = 0; at < source.length;) {
    const skipped = endOfSkippable(source, at);
    if (skipped !== undefined) {
      at = skipped;
      continue;
    }
    const frame = format.readHeader(source, at);
    const startsAt = output.length;
    output.beginFrame();
    at = behind(frame, yield* format.decodeBlocks(source, frame, output));
    if (frame.contentBytes !== undefined && output.length - startsAt !== frame.contentBytes) {
      throw new MalformedBody('a frame has another length than it announces');
    }
  }
}

function behind({ hasChecksum }: Frame, end: number): number {
  return end + (hasChecksum ? CHECKSUM_BYTES : 0);
}
