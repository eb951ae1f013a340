import type { Compression } from './compression.ts';
import { inflateInSlices } from './inflate-in-slices.ts';
import { inflateZlib } from './inflate-zlib.ts';
import type { InflateBounds, Inflated } from './inflated.ts';
import { lz4 } from './lz4/lz4.ts';
import { snappy } from './snappy/snappy.ts';
import { zstd } from './zstd/zstd.ts';

const CODECS = { zstd, snappy, lz4 } as const;

/** Inflates `body` to at most `maxBytes`, at once when it is small. Until it is known to fit, never holds more. */
export function inflate(
  body: Uint8Array,
  compression: Compression,
  bounds: InflateBounds,
): Inflated | Promise<Inflated> {
  return compression === 'gzip' || compression === 'deflate'
    ? inflateZlib(body, compression, bounds)
    : inflateInSlices(body, CODECS[compression], bounds);
}
