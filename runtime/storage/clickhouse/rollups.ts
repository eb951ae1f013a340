import { DURATION_BUCKETS, DURATION_GAMMA } from '../../../proto/columns/index.ts';
import { DURATION_BUCKET, IS_REQUEST, STATUS_ERROR } from './history/conditions.ts';

/** Lengths that requests, errors and durations are rolled up over, from the shortest. */
export const ROLLUP_LEVELS = [
  { level: '1m', seconds: 60n },
  { level: '1h', seconds: 3_600n },
] as const;
export type RollupLevel = (typeof ROLLUP_LEVELS)[number]['level'];

/** By service, operation and kind, or by service. */
export type RollupFamily = 'red' | 'service_red';
export type RedTable = `${RollupFamily}_${RollupLevel}`;

const SERVICE = 'serviceNamespace, serviceName, serviceEnvironment';
const OPERATION = `${SERVICE}, name, kind`;
const FIGURES = 'spans, requests, errors, buckets, counts';
const SUMS = 'sum(spans), sum(requests), sum(errors), sumMap(buckets, counts).1, sumMap(buckets, counts).2';
const OF_SEGMENT = 'segment = {segment:UInt64} AND day = {day:Date}';

/** Rows of one segment's spans, each table from one before it, in this order. */
export const RED_INSERTS: readonly { readonly table: RedTable; readonly sql: string }[] = [
  {
    table: 'red_1m',
    sql: `
      INSERT INTO red_1m (segment, day, ${OPERATION}, second, ${FIGURES})
      SELECT
        {segment:UInt64}, {day:Date}, ${OPERATION}, minute,
        sum(found), sumIf(found, isRequest), sumIf(failed, isRequest),
        groupArrayIf(bucket, isRequest), groupArrayIf(found, isRequest)
      FROM (
        SELECT
          ${OPERATION}, intDiv(startTimeUnixNano, 60000000000) * 60 AS minute, ${IS_REQUEST} AS isRequest,
          toUInt32(if(isRequest, ${DURATION_BUCKET}, 0)) AS bucket,
          count() AS found, countIf(statusCode = {error:UInt8}) AS failed
        FROM spans WHERE ${OF_SEGMENT}
        GROUP BY ${OPERATION}, minute, isRequest, bucket
      )
      GROUP BY ${OPERATION}, minute`,
  },
  {
    table: 'red_1h',
    sql: `
      INSERT INTO red_1h (segment, day, ${OPERATION}, second, ${FIGURES})
      SELECT {segment:UInt64}, {day:Date}, ${OPERATION}, intDiv(second, 3600) * 3600 AS hour, ${SUMS}
      FROM red_1m WHERE ${OF_SEGMENT} GROUP BY ${OPERATION}, hour`,
  },
  { table: 'service_red_1m', sql: byService('service_red_1m', 'red_1m') },
  { table: 'service_red_1h', sql: byService('service_red_1h', 'red_1h') },
];

function byService(table: RedTable, source: RedTable): string {
  return `
    INSERT INTO ${table} (segment, day, ${SERVICE}, second, ${FIGURES})
    SELECT {segment:UInt64}, {day:Date}, ${SERVICE}, second, ${SUMS}
    FROM ${source} WHERE ${OF_SEGMENT} GROUP BY ${SERVICE}, second`;
}

/** What the statements are bound to besides segment and day. */
export const RED_PARAMETERS = {
  lastBucket: DURATION_BUCKETS - 1,
  gamma: DURATION_GAMMA,
  error: STATUS_ERROR,
} as const;
