import { deserialize, serialize } from 'node:v8';
import type { SeenResource, StreamChunk } from '../otlp-series/index.ts';

export interface GatheredPoints {
  readonly chunks: readonly StreamChunk[];
  readonly seen: readonly SeenResource[];
}

/** Points in shared memory, which whoever passes them on neither reads nor copies. */
export type PackedPoints = Uint8Array<SharedArrayBuffer>;

export function packPoints(points: GatheredPoints): PackedPoints {
  const bytes = serialize(points);
  const packed = new Uint8Array(new SharedArrayBuffer(bytes.length));
  packed.set(bytes);
  return packed;
}

export function unpackPoints(packed: PackedPoints): GatheredPoints {
  return deserialize(packed) as GatheredPoints;
}
