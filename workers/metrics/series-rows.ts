// Hot: once a point. Bench: bench/hot-query.
import type { Batch } from '../../proto/columns/index.ts';
import type { SeriesFilter, TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader, type Attribute, type DictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import { isWithin } from '../scan/index.ts';

/** Rows of a metric within a range whose series a filter means; services are not looked at. */
export function seriesRows(batch: Batch<'metrics'>, filter: SeriesFilter, range: TimeRange): number[] {
  const { columns, rowCount } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const isNamed = new Map<number, boolean>();
  const rows: number[] = [];
  for (let row = 0; row < rowCount; row += 1) {
    const metric = columns.metric[row] ?? 0;
    let named = isNamed.get(metric);
    if (named === undefined) {
      named = dictionary.metric(metric).name === filter.name;
      isNamed.set(metric, named);
    }
    if (!named || !isWithin(columns.timeUnixNano[row] ?? 0n, range)) continue;
    if (hasLabels(filter, batch, row, dictionary)) rows.push(row);
  }
  return rows;
}

function hasLabels(
  filter: SeriesFilter,
  { columns }: Batch<'metrics'>,
  row: number,
  dictionary: DictionaryReader,
): boolean {
  if (filter.labels.length === 0) return true;
  const { offsets, items } = columns.attributes;
  const own = Array.from(items.subarray(offsets[row], offsets[row + 1]), (code) =>
    dictionary.attribute(code),
  );
  const inherited = dictionary.resource(columns.resource[row] ?? 0).attributes;
  const holds = (attributes: readonly Attribute[], key: string, value: string): boolean =>
    attributes.some((attribute) => attribute.key === key && anyValueText(attribute.value) === value);
  return filter.labels.every(({ key, value }) => holds(own, key, value) || holds(inherited, key, value));
}
