import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { SeriesFilter, TimeRange } from '../../proto/query/index.ts';
import { seriesRows } from './series-rows.ts';

export interface FindPointsInput {
  readonly filter: SeriesFilter;
  readonly range: TimeRange;
}

/** Points by the place of their batch among the parts and their row there, both in the order they were read. */
export interface FoundPoints {
  readonly places: readonly number[];
  readonly rows: readonly Uint32Array[];
}

/** Where the points of a metric's series are: whoever asked has their columns. */
export function findPoints(
  { filter, range }: FindPointsInput,
  { batches }: { readonly batches: Iterable<ServiceBatch & { readonly place: number }> },
): FoundPoints {
  const places: number[] = [];
  const rows: Uint32Array[] = [];
  for (const { batch, place } of batches) {
    const found = seriesRows(batch as Batch<'metrics'>, filter, range);
    if (found.length === 0) continue;
    places.push(place);
    rows.push(Uint32Array.from(found));
  }
  return { places, rows };
}
