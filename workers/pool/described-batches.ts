import { SIGNALS, type Batch, type ServiceKey } from '../../proto/columns/index.ts';
import type { DescribedBatches } from './protocol.ts';

/** A batch in a window: what a scan reads. */
export interface ScanPart {
  readonly segment: number;
  readonly service: ServiceKey;
  readonly batch: Batch;
}

/** A part, the number by which threads know its batch, and where the caller had it. */
export interface NumberedPart extends ScanPart {
  readonly id: number;
  readonly place: number;
}

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
