import type { FoundExemplarJson } from '../../proto/api/index.ts';
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { SeriesFilter, TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { exemplarsJson, metricJson, originJson, rowAttributesJson } from '../json/index.ts';
import { newestExemplars } from './newest-exemplars.ts';
import { seriesRows } from './series-rows.ts';

export interface FindExemplarsInput {
  readonly filter: SeriesFilter;
  readonly range: TimeRange;
  readonly limit: number;
}

/** The newest exemplars of a metric's points within a range, newest first. */
export function findExemplars(
  { filter, range, limit }: FindExemplarsInput,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): FoundExemplarJson[] {
  let found: FoundExemplarJson[] = [];
  for (const { service, batch: any } of batches) {
    const batch = any as Batch<'metrics'>;
    const { columns } = batch;
    const { offsets } = columns.exemplars;
    if ((offsets[batch.rowCount] ?? 0) === (offsets[0] ?? 0)) continue;
    const dictionary = dictionaryReader(batch.dictionary);
    for (const row of seriesRows(batch, filter, range)) {
      if (offsets[row] === offsets[row + 1]) continue;
      const series = {
        ...originJson(service, dictionary, columns.resource[row] ?? 0, columns.scope[row] ?? 0),
        metric: metricJson(dictionary.metric(columns.metric[row] ?? 0)),
        attributes: rowAttributesJson(columns.attributes, row, dictionary),
      };
      for (const exemplar of exemplarsJson(columns, row, dictionary)) found.push({ ...series, ...exemplar });
      if (found.length > 4 * limit + 1_000) found = newestExemplars(found, limit);
    }
  }
  return newestExemplars(found, limit);
}
