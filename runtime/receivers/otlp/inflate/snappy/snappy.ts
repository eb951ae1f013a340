import type { Codec, Extent } from '../codec.ts';
import type { InflatedOutput } from '../inflated-output.ts';
import { decodeBlock, readBlockHeader } from './block.ts';
import { decodeFramed, extentOfFramed, isFramed } from './framing.ts';

/**
 * Snappy as one block, which is what `snappy` means, and framed, which the OpenTelemetry Collector sends under that name, as
 * does the codec that Go's gRPC clients use. Checksums of the framing are not compared.
 */
export const snappy: Codec = {
  extentOf: (source) => (isFramed(source) ? extentOfFramed(source) : extentOfBlock(source)),
  decode: (source, output) => (isFramed(source) ? decodeFramed(source, output) : decodeWhole(source, output)),
};

function extentOfBlock(source: Uint8Array): Extent {
  const { bytes } = readBlockHeader(source, 0, source.length);
  return { leastBytes: bytes, mostBytes: bytes };
}

function decodeWhole(source: Uint8Array, output: InflatedOutput): Generator<undefined> {
  return decodeBlock(source, 0, source.length, output);
}
