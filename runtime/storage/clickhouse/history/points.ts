import type { SeriesFilter, TimeRange } from '../../../../actors/ports/index.ts';
import type {
  ExemplarJson,
  MetricJson,
  MetricPointJson,
  MetricSeriesJson,
} from '../../../../proto/api/index.ts';
import { Presence, type ServiceKey } from '../../../../proto/columns/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { lookUp, lookUpOrigins, type Entries } from './entry-lookup.ts';
import { inTurns } from './in-turns.ts';
import { listed } from './stream-listing.ts';
import { hexId, serviceOf, type ServiceRow } from './spans.ts';
import { doubleJson, serviceJson } from '../../../../workers/json/index.ts';
import { numberValueJson, storedDouble, type StoredDouble } from './stored-number.ts';

interface PointRow extends ServiceRow {
  readonly metric: string;
  readonly resource: string;
  readonly scope: string;
  readonly attributes: readonly string[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly flags: number;
  readonly valueKind: number;
  readonly doubleValue: StoredDouble;
  readonly intValue: string;
  readonly count: string;
  readonly sum: StoredDouble;
  readonly presence: number;
  readonly min: StoredDouble;
  readonly max: StoredDouble;
  readonly bucketCounts: readonly string[];
  readonly explicitBounds: readonly StoredDouble[];
  readonly scale: number;
  readonly zeroCount: string;
  readonly zeroThreshold: StoredDouble;
  readonly positiveOffset: number;
  readonly positiveCounts: readonly string[];
  readonly negativeOffset: number;
  readonly negativeCounts: readonly string[];
  readonly quantiles: readonly StoredDouble[];
  readonly quantileValues: readonly StoredDouble[];
  readonly exemplarTimes: readonly string[];
  readonly exemplarValueKinds: readonly number[];
  readonly exemplarDoubles: readonly StoredDouble[];
  readonly exemplarInts: readonly string[];
  readonly exemplarTraceIds: readonly string[];
  readonly exemplarSpanIds: readonly string[];
  readonly exemplarAttributes: readonly (readonly string[])[];
}

/** What makes two points of one name the same series. */
export const SERIES_KEY =
  'metric, serviceNamespace, serviceName, serviceEnvironment, resource, scope, attributes';

const POINT_COLUMNS = `${SERIES_KEY},
  startTimeUnixNano, timeUnixNano, flags, valueKind, doubleValue, intValue, count, sum, presence, min, max,
  bucketCounts, explicitBounds, scale, zeroCount, zeroThreshold, positiveOffset, positiveCounts, negativeOffset,
  negativeCounts, quantiles.quantile AS quantiles, quantiles.value AS quantileValues,
  exemplars.timeUnixNano AS exemplarTimes, exemplars.valueKind AS exemplarValueKinds,
  exemplars.doubleValue AS exemplarDoubles, exemplars.intValue AS exemplarInts,
  arrayMap(id -> lower(hex(id)), exemplars.traceId) AS exemplarTraceIds,
  arrayMap(id -> lower(hex(id)), exemplars.spanId) AS exemplarSpanIds,
  exemplars.filteredAttributes AS exemplarAttributes`;

function exemplarsOf(row: PointRow, attributes: Entries<'attributes'>): ExemplarJson[] {
  return row.exemplarTimes.map((timeUnixNano, i) => ({
    timeUnixNano,
    value: numberValueJson(
      row.exemplarValueKinds[i] ?? 0,
      row.exemplarDoubles[i] ?? 0,
      row.exemplarInts[i] ?? '0',
    ),
    traceId: hexId(row.exemplarTraceIds[i] ?? ''),
    spanId: hexId(row.exemplarSpanIds[i] ?? ''),
    filteredAttributes: attributes.all(row.exemplarAttributes[i] ?? []),
  }));
}

function pointJson(row: PointRow, { kind }: MetricJson, attributes: Entries<'attributes'>): MetricPointJson {
  const { startTimeUnixNano, timeUnixNano, flags, count, presence } = row;
  const point = { startTimeUnixNano, timeUnixNano, flags, exemplars: exemplarsOf(row, attributes) };
  const optional = (bit: number, value: StoredDouble): ReturnType<typeof doubleJson> | null =>
    (presence & bit) === 0 ? null : doubleJson(storedDouble(value));
  const statistics = {
    count,
    sum: optional(Presence.sum, row.sum),
    min: optional(Presence.min, row.min),
    max: optional(Presence.max, row.max),
  };
  switch (kind) {
    case 'gauge':
    case 'sum':
      return { ...point, value: numberValueJson(row.valueKind, row.doubleValue, row.intValue) };
    case 'histogram':
      return {
        ...point,
        ...statistics,
        bucketCounts: row.bucketCounts,
        explicitBounds: row.explicitBounds.map(storedDouble),
      };
    case 'exponentialHistogram':
      return {
        ...point,
        ...statistics,
        scale: row.scale,
        zeroCount: row.zeroCount,
        zeroThreshold: storedDouble(row.zeroThreshold),
        positive: { offset: row.positiveOffset, bucketCounts: row.positiveCounts },
        negative: { offset: row.negativeOffset, bucketCounts: row.negativeCounts },
      };
    case 'summary':
      return {
        ...point,
        count,
        sum: doubleJson(storedDouble(row.sum)),
        quantiles: row.quantiles.map((quantile, i) => ({
          quantile: storedDouble(quantile),
          value: doubleJson(storedDouble(row.quantileValues[i] ?? 0)),
        })),
      };
  }
}

const MAX_METRICS = 20_000;

export async function listMetrics(
  reader: Reader,
  service: ServiceKey | undefined,
  range: TimeRange,
  through: number,
  oldestWhole: number,
): Promise<MetricJson[]> {
  const rows = await listed(reader, range, through, oldestWhole, (table, where) =>
    reader.records<{ metricName: string; metric: string }>(
      `SELECT DISTINCT metricName, metric FROM ${table} WHERE ${where.ofService(service).sql}
       ORDER BY metricName, metric LIMIT {limit:UInt32}`,
      { ...where.parameters, limit: MAX_METRICS },
    ),
  );
  const names = new Map(rows.map(({ metric, metricName }) => [metric, metricName]));
  const ids = [...names]
    .sort(byNameThenId)
    .slice(0, MAX_METRICS)
    .map(([id]) => id);
  const metrics = await lookUp(reader, 'metrics', ids);
  return metrics.all(ids);
}

function byNameThenId(
  [id, name]: readonly [string, string],
  [otherId, other]: readonly [string, string],
): number {
  if (name !== other) return name < other ? -1 : 1;
  return id.length - otherId.length || (id < otherId ? -1 : 1);
}

export function withLabels(where: Conditions, labels: SeriesFilter['labels']): void {
  for (const [i, { key, value }] of labels.entries()) {
    const ids = `(SELECT id FROM attributes WHERE key = {key${i}:String} AND value = {value${i}:String})`;
    const isIn = (list: string): string => `arrayExists(id -> id IN ${ids}, ${list})`;
    where.add(`${isIn('attributes')} OR resource IN (SELECT id FROM resources WHERE ${isIn('attributes')})`, {
      [`key${i}`]: key,
      [`value${i}`]: value,
    });
  }
}

export async function findSeries(
  reader: Reader,
  filter: SeriesFilter,
  range: TimeRange,
  limit: number,
  through: number,
): Promise<MetricSeriesJson[]> {
  const where = new Conditions(reader.run, through)
    .add('metricName = {name:String}', { name: filter.name })
    .within('timeUnixNano', range)
    .ofService(filter.service);
  withLabels(where, filter.labels);
  const rows = await reader.records<PointRow>(
    `SELECT ${POINT_COLUMNS} FROM metric_points
     WHERE ${where.sql} AND (${SERIES_KEY}) IN (
       SELECT ${SERIES_KEY} FROM metric_points WHERE ${where.sql}
       GROUP BY ${SERIES_KEY} ORDER BY max(metric_points.timeUnixNano) DESC LIMIT {limit:UInt32}
     )
     ORDER BY ${SERIES_KEY}, metric_points.timeUnixNano`,
    { ...where.parameters, limit },
  );
  const attributeIds = new Set<string>();
  await inTurns(rows, (row) => {
    for (const ids of [row.attributes, ...row.exemplarAttributes]) for (const id of ids) attributeIds.add(id);
  });
  const [entries, metrics] = await Promise.all([
    lookUpOrigins(reader, rows, attributeIds),
    lookUp(
      reader,
      'metrics',
      rows.map(({ metric }) => metric),
    ),
  ]);
  const bySeries = new Map<string, MetricSeriesJson & { points: MetricPointJson[] }>();
  await inTurns(rows, (row) => {
    const metric = metrics.get(row.metric);
    const key = seriesKey(row);
    const known = bySeries.get(key) ?? {
      service: serviceJson(serviceOf(row)),
      resource: entries.resources.get(row.resource),
      scope: entries.scopes.get(row.scope),
      metric,
      attributes: entries.attributes.all(row.attributes),
      points: [],
    };
    bySeries.set(key, known);
    known.points.push(pointJson(row, metric, entries.attributes));
  });
  return [...bySeries.values()];
}

function seriesKey(row: PointRow): string {
  const { serviceNamespace, serviceName, serviceEnvironment } = row;
  return JSON.stringify([
    [row.metric, row.resource, row.scope, ...row.attributes],
    [serviceNamespace, serviceName, serviceEnvironment],
  ]);
}
