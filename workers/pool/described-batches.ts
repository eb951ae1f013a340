import { SIGNALS, type Batch, type ServiceKey } from '../../proto/columns/index.ts';
import type { DescribedBatches } from './protocol.ts';

/** A batch in a window: what a scan reads. */
export interface ScanPart {
  readonly segment: number;
  readonly service: ServiceKey;
  readonly batch: Batch;
}

/** A part, and the number by which threads know its batch. */
export interface NumberedPart extends ScanPart {
  readonly id: number;
}

/** Some parts of a scan. No objects: there are thousands, and a thread knows most of them. */
export interface Share {
  readonly parts: readonly ScanPart[];
  /** Of the share: where they are in `parts`, and the numbers by which threads know their batches. */
  readonly places: Uint32Array;
  readonly ids: Uint32Array;
}

export const NO_SHARE: Share = { parts: [], places: new Uint32Array(0), ids: new Uint32Array(0) };

export function describeBatches(
  parts: readonly NumberedPart[],
  placeOf: (service: ServiceKey) => number,
): DescribedBatches {
  const count = parts.length;
  const described = {
    ids: new Uint32Array(count),
    signals: new Uint8Array(count),
    rowCounts: new Uint32Array(count),
    zeroArrays: new Float64Array(count),
    timesUnixNano: new BigUint64Array(2 * count),
    segments: new Float64Array(count),
    services: new Uint32Array(count),
    generations: new Float64Array(count),
    buffers: parts.map(({ batch }) => batch.buffer),
  };
  for (const [index, { id, segment, service, batch }] of parts.entries()) {
    described.ids[index] = id;
    described.signals[index] = SIGNALS.indexOf(batch.signal);
    described.rowCounts[index] = batch.rowCount;
    described.zeroArrays[index] = batch.zeroArrays;
    described.timesUnixNano[2 * index] = batch.minTimeUnixNano;
    described.timesUnixNano[2 * index + 1] = batch.maxTimeUnixNano;
    described.segments[index] = segment;
    described.services[index] = placeOf(service);
    described.generations[index] = batch.dictionary.id;
  }
  return described;
}
