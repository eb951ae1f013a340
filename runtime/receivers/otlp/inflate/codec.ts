import type { InflatedOutput } from './inflated-output.ts';

/** How much a body can become, by its headers alone: `leastBytes` are announced, more than `mostBytes` cannot be. */
export interface Extent {
  readonly leastBytes: number;
  readonly mostBytes: number;
}

/** A compression that we decode ourselves. */
export interface Codec {
  /** Walks over the headers without opening what they announce. Throws `MalformedBody`. */
  readonly extentOf: (source: Uint8Array) => Extent;
  /** `source` is one that `extentOf` has read. Pauses after some 64 to 128 KiB. Throws `MalformedBody` and `OutputFull`. */
  readonly decode: (source: Uint8Array, output: InflatedOutput) => Generator<undefined>;
}

/** After so much output a decoder pauses where its blocks may give more. */
export const PAUSE_BYTES = 64 * 1024;
