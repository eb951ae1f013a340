import type { MetricJson } from '../../proto/api/index.ts';
import type { CatalogueQuery } from '../../proto/query/index.ts';
import { estimateCount, LEAST_HASHES, LeastHashes } from '../../workers/catalogue/index.ts';
import type { QueryRun, TelemetryHistory } from '../ports/index.ts';
import { compareText } from './activity.ts';
import { partsWithin, runOptions, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';

export interface CatalogueEntry {
  readonly metric: MetricJson;
  readonly points: number;
  readonly series: number;
  /** False: estimated. */
  readonly isExact: boolean;
  /** Attributes that have several values, those with most first. */
  readonly offenders: readonly { readonly field: string; readonly values: number }[];
}

interface CatalogueSource {
  readonly threads: Threads;
  readonly history: TelemetryHistory;
  readonly tier: HotTier<'metrics'>;
}

/** The `limit` metrics with most series, and for each the `offenders` attributes with most values. */
export async function metricCatalogue(
  source: CatalogueSource,
  query: CatalogueQuery,
  { limit, offenders }: { readonly limit: number; readonly offenders: number },
  run: QueryRun,
): Promise<{ readonly entries: CatalogueEntry[]; readonly more: boolean }> {
  const uses = await mergedUses(source, query, run);
  const shown = uses.slice(0, limit);
  const names = [...new Set(shown.map(({ metric }) => metric.name))];
  const fields =
    offenders > 0 && names.length > 0
      ? await mergedFields(source, { ...query, names }, run)
      : new Map<string, Fields>();
  const entries = shown.map(({ metric, points, least, series }) => ({
    metric,
    points,
    series,
    isExact: least.length < LEAST_HASHES,
    offenders: offendersOf(fields.get(JSON.stringify(metric)), offenders),
  }));
  return { entries, more: uses.length > limit };
}

type Fields = Map<string, LeastHashes>;

async function mergedUses({ threads, history, tier }: CatalogueSource, query: CatalogueQuery, run: QueryRun) {
  const [hot, cold] = await Promise.all([
    run.timed('hot', () =>
      threads.scan('metric-uses', partsWithin(tier, query.range, run), query, runOptions(run)),
    ),
    run.timed('cold', () => history.metricUses(query, tier.through, run)),
  ]);
  const merged = new Map<string, { metric: MetricJson; points: number; hashes: LeastHashes }>();
  for (const { metric, points, series } of [...hot.flat(), ...cold]) {
    const key = JSON.stringify(metric);
    const use = merged.get(key) ?? { metric, points: 0, hashes: new LeastHashes() };
    merged.set(key, use);
    use.points += points;
    use.hashes.addAll(series);
  }
  return Array.from(merged.values(), ({ metric, points, hashes }) => {
    const least = hashes.take();
    return { metric, points, least, series: estimateCount(least) };
  }).sort((a, b) => b.series - a.series || compareText(a.metric.name, b.metric.name));
}

async function mergedFields(
  { threads, history, tier }: CatalogueSource,
  query: CatalogueQuery,
  run: QueryRun,
): Promise<Map<string, Fields>> {
  const [hot, cold] = await Promise.all([
    run.timed('hot', () =>
      threads.scan('attribute-uses', partsWithin(tier, query.range, run), query, runOptions(run)),
    ),
    run.timed('cold', () => history.attributeUses(query, tier.through, run)),
  ]);
  const merged = new Map<string, Fields>();
  for (const { metric, field, values } of [...hot.flat(), ...cold]) {
    const key = JSON.stringify(metric);
    const fields: Fields = merged.get(key) ?? new Map<string, LeastHashes>();
    merged.set(key, fields);
    const hashes = fields.get(field) ?? new LeastHashes();
    fields.set(field, hashes);
    hashes.addAll(values);
  }
  return merged;
}

function offendersOf(fields: Fields | undefined, most: number): CatalogueEntry['offenders'] {
  return Array.from(fields ?? [], ([field, hashes]) => ({ field, values: estimateCount(hashes.take()) }))
    .filter(({ values }) => values > 1)
    .sort((a, b) => b.values - a.values || compareText(a.field, b.field))
    .slice(0, most);
}
