import type { MetricJson, MetricPointJson, MetricSeriesJson } from '../../proto/api/index.ts';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import type { SeriesFilter, TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { metricJson, originJson, pointJson, rowAttributesJson } from '../../workers/json/index.ts';
import { seriesRows } from '../../workers/metrics/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { compareText } from './activity.ts';
import { forEachBatch } from './for-each-batch.ts';
import { partsWithin, runOptions, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';
import { compareNanos } from './traces.ts';

export async function hotMetrics(
  threads: Threads,
  tier: HotTier<'metrics'>,
  range: TimeRange,
  run: QueryRun,
): Promise<MetricJson[]> {
  const parts = partsWithin(tier, range, run);
  return (await threads.scan('find-metrics', parts, { range }, runOptions(run))).flat();
}

/** Each once, by name. */
export function mergeMetrics(...tiers: readonly (readonly MetricJson[])[]): MetricJson[] {
  const found = new Map(tiers.flat().map((metric) => [JSON.stringify(metric), metric]));
  return [...found.values()].sort((a, b) => compareText(a.name, b.name));
}

export async function hotSeries(
  tier: HotTier<'metrics'>,
  filter: SeriesFilter,
  range: TimeRange,
  run: QueryRun,
): Promise<MetricSeriesJson[]> {
  const found: MetricSeriesJson[] = [];
  await forEachBatch(tier, range, run, (service, batch) => {
    found.push(...seriesOfBatch(service, batch, filter, range));
  });
  return found;
}

/** Series that are the same become one, points oldest first; the `limit` with the newest points. */
export function mergeSeries(
  tiers: readonly MetricSeriesJson[],
  limit: number,
): { readonly series: MetricSeriesJson[]; readonly more: boolean } {
  const merged = new Map<string, MetricSeriesJson & { points: MetricPointJson[] }>();
  for (const { points, ...identity } of tiers) {
    const key = JSON.stringify(identity);
    const known = merged.get(key);
    if (known) known.points.push(...points);
    else merged.set(key, { ...identity, points: [...points] });
  }
  const all = [...merged.values()];
  for (const { points } of all) points.sort((a, b) => compareNanos(a.timeUnixNano, b.timeUnixNano));
  all.sort((a, b) => compareNanos(newestOf(b), newestOf(a)));
  return { series: all.slice(0, limit), more: all.length > limit };
}

function newestOf(series: MetricSeriesJson): string {
  return series.points.at(-1)?.timeUnixNano ?? '0';
}

function seriesOfBatch(
  service: ServiceKey,
  batch: Batch<'metrics'>,
  filter: SeriesFilter,
  range: TimeRange,
): Iterable<MetricSeriesJson> {
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const series = new Map<string, MetricSeriesJson & { points: MetricPointJson[] }>();
  for (const row of seriesRows(batch, filter, range)) {
    const metric = columns.metric[row] ?? 0;
    const resource = columns.resource[row] ?? 0;
    const scope = columns.scope[row] ?? 0;
    const { offsets, items } = columns.attributes;
    const key = [metric, resource, scope, ...items.subarray(offsets[row], offsets[row + 1])].join();
    let entry = series.get(key);
    if (!entry) {
      entry = {
        ...originJson(service, dictionary, resource, scope),
        metric: metricJson(dictionary.metric(metric)),
        attributes: rowAttributesJson(columns.attributes, row, dictionary),
        points: [],
      };
      series.set(key, entry);
    }
    entry.points.push(pointJson(batch, row));
  }
  return series.values();
}
