import type { MetricJson, MetricPointJson, MetricSeriesJson } from '../../proto/api/index.ts';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import type { SeriesFilter, TimeRange } from '../../proto/query/index.ts';
import { dictionaryReader } from '../../workers/columns/index.ts';
import { metricJson, originJson, pointJson, rowAttributesJson } from '../../workers/json/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { compareText } from './activity.ts';
import { partsWithin, runOptions, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';
import { compareNanos } from './traces.ts';
import { Turns } from './turns.ts';

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

/** Found on threads; made into JSON in turns. */
export async function hotSeries(
  threads: Threads,
  tier: HotTier<'metrics'>,
  filter: SeriesFilter,
  range: TimeRange,
  run: QueryRun,
): Promise<MetricSeriesJson[]> {
  const parts = partsWithin(tier, range, run, 'oldest-first');
  const answers = await threads.scan('find-points', parts, { filter, range }, runOptions(run));
  const turns = new Turns(run.signal);
  const found: MetricSeriesJson[] = [];
  for (const { places, rows } of answers) {
    for (const [index, place] of places.entries()) {
      const part = parts[place];
      if (!part) continue;
      const series = new SeriesOfBatch(part.service, part.batch as Batch<'metrics'>);
      for (const row of rows[index] ?? []) {
        series.add(row);
        if (turns.isOver()) await turns.next();
      }
      found.push(...series.found());
    }
  }
  return found;
}

/** Series that are the same become one, points oldest first; the `limit` with the newest points. */
export async function mergeSeries(
  tiers: readonly MetricSeriesJson[],
  limit: number,
): Promise<{ readonly series: MetricSeriesJson[]; readonly more: boolean }> {
  const turns = new Turns();
  const merged = new Map<string, MetricSeriesJson & { points: MetricPointJson[] }>();
  for (const { points, ...identity } of tiers) {
    const key = JSON.stringify(identity);
    const known = merged.get(key);
    if (known) for (const point of points) known.points.push(point);
    else merged.set(key, { ...identity, points: [...points] });
    if (turns.isOver()) await turns.next();
  }
  const all = [...merged.values()];
  for (const { points } of all) {
    points.sort((a, b) => compareNanos(a.timeUnixNano, b.timeUnixNano));
    if (turns.isOver()) await turns.next();
  }
  all.sort((a, b) => compareNanos(newestOf(b), newestOf(a)));
  return { series: all.slice(0, limit), more: all.length > limit };
}

function newestOf(series: MetricSeriesJson): string {
  return series.points.at(-1)?.timeUnixNano ?? '0';
}

/** The series of some points of a batch. */
class SeriesOfBatch {
  private readonly service: ServiceKey;
  private readonly batch: Batch<'metrics'>;
  private readonly series = new Map<string, MetricSeriesJson & { points: MetricPointJson[] }>();

  constructor(service: ServiceKey, batch: Batch<'metrics'>) {
    this.service = service;
    this.batch = batch;
  }

  add(row: number): void {
    const { columns, dictionary: snapshot } = this.batch;
    const metric = columns.metric[row] ?? 0;
    const resource = columns.resource[row] ?? 0;
    const scope = columns.scope[row] ?? 0;
    const { offsets, items } = columns.attributes;
    const key = [metric, resource, scope, ...items.subarray(offsets[row], offsets[row + 1])].join();
    let entry = this.series.get(key);
    if (!entry) {
      const dictionary = dictionaryReader(snapshot);
      entry = {
        ...originJson(this.service, dictionary, resource, scope),
        metric: metricJson(dictionary.metric(metric)),
        attributes: rowAttributesJson(columns.attributes, row, dictionary),
        points: [],
      };
      this.series.set(key, entry);
    }
    entry.points.push(pointJson(this.batch, row));
  }

  found(): Iterable<MetricSeriesJson> {
    return this.series.values();
  }
}
