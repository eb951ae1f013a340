import type { AttributeUse, CatalogueQuery, MetricUse } from '../../../../proto/query/index.ts';
import { LEAST_HASHES, RESOURCE_FACTOR, SCOPE_FACTOR } from '../../../../workers/catalogue/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { lookUp } from './entry-lookup.ts';

/** Metrics that a catalogue tells of at most: those with most series. */
const MOST_METRICS = 20_000;
const MOST_FIELDS = 100_000;

/** See `workers/catalogue/series-hashes.ts`. */
const SERIES_HASH = `toUInt32(bitAnd(
  bitAnd(resource, 4294967295) * toUInt64(${RESOURCE_FACTOR}) + bitAnd(scope, 4294967295) * toUInt64(${SCOPE_FACTOR})
    + arraySum(attributes), 4294967295))`;

const least = (hash: string): string => `arraySlice(arraySort(groupUniqArray(${hash})), 1, ${LEAST_HASHES})`;

export async function metricUses(
  reader: Reader,
  query: CatalogueQuery,
  through: number,
): Promise<MetricUse[]> {
  const where = conditionsOf(reader, query, through);
  const rows = await reader.records<{ metric: string; points: string; series: readonly number[] }>(
    `SELECT metric, sum(found) AS points, ${least('hash')} AS series
     FROM (
       SELECT metric, ${SERIES_HASH} AS hash, count() AS found FROM metric_points WHERE ${where.sql}
       GROUP BY metric, hash
     )
     GROUP BY metric ORDER BY length(series) DESC, metric LIMIT {most:UInt32}`,
    { ...where.parameters, most: MOST_METRICS },
  );
  const metrics = await lookUp(
    reader,
    'metrics',
    rows.map(({ metric }) => metric),
  );
  return rows.map(({ metric, points, series }) => ({
    metric: metrics.get(metric),
    points: Number(points),
    series: Uint32Array.from(series),
  }));
}

export async function attributeUses(
  reader: Reader,
  query: CatalogueQuery,
  through: number,
): Promise<AttributeUse[]> {
  const where = conditionsOf(reader, query, through);
  const used = (item: string): string =>
    `SELECT DISTINCT metric, ${item} AS id FROM metric_points WHERE ${where.sql}`;
  const entries = (table: string, columns: string, ids: string): string =>
    `SELECT id, ${columns} FROM ${table} WHERE id IN (${ids}) GROUP BY id`;
  const attributes = (ids: string): string =>
    entries('attributes', 'any(key) AS key, any(value) AS value', ids);
  const ofResources = `
    SELECT DISTINCT metric, arrayJoin(ids) AS id
    FROM (${used('resource')}) AS used
    INNER JOIN (${entries('resources', 'any(attributes) AS ids', `SELECT id FROM (${used('resource')})`)}) AS origins
    ON used.id = origins.id`;
  const rows = await reader.records<{ metric: string; field: string; values: readonly number[] }>(
    `SELECT metric, field, ${least('xxHash32(value)')} AS values
     FROM (
       SELECT metric, key AS field, value
       FROM (${used('arrayJoin(attributes)')}) AS used
       INNER JOIN (${attributes(`SELECT id FROM (${used('arrayJoin(attributes)')})`)}) AS entries
       ON used.id = entries.id
       UNION ALL
       SELECT metric, concat('resource.', key) AS field, value
       FROM (${ofResources}) AS used
       INNER JOIN (${attributes(`SELECT id FROM (${ofResources})`)}) AS entries ON used.id = entries.id
     )
     GROUP BY metric, field ORDER BY length(values) DESC, metric, field LIMIT {most:UInt32}`,
    { ...where.parameters, most: MOST_FIELDS },
  );
  const metrics = await lookUp(
    reader,
    'metrics',
    rows.map(({ metric }) => metric),
  );
  return rows.map(({ metric, field, values }) => ({
    metric: metrics.get(metric),
    field,
    values: Uint32Array.from(values),
  }));
}

function conditionsOf(
  { run }: Reader,
  { range, service, text, names }: CatalogueQuery,
  through: number,
): Conditions {
  const where = new Conditions(run, through).within('timeUnixNano', range).ofService(service);
  if (text !== undefined) {
    where.add('positionCaseInsensitive(metricName, {text:String}) > 0', { text });
  }
  if (names) where.add('metricName IN {names:Array(String)}', { names });
  return where;
}
