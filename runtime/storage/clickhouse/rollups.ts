import { DURATION_BUCKETS, DURATION_GAMMA } from '../../../proto/columns/index.ts';
import { DURATION_BUCKET, IS_REQUEST, STATUS_ERROR } from './history/conditions.ts';

const SECOND = { level: '1s', seconds: 1n } as const;
const MINUTE = { level: '1m', seconds: 60n } as const;
const HOUR = { level: '1h', seconds: 3_600n } as const;

/** Lengths that requests, errors and durations are rolled up over, from the shortest: by service, operation and kind, and by service. */
export const ROLLUP_LEVELS = { red: [MINUTE, HOUR], service_red: [SECOND, MINUTE, HOUR] } as const;
export type RollupFamily = keyof typeof ROLLUP_LEVELS;
type LevelOf<Family extends RollupFamily> = (typeof ROLLUP_LEVELS)[Family][number]['level'];
export type RollupLevel = LevelOf<RollupFamily>;

export type RedTable = { [Family in RollupFamily]: `${Family}_${LevelOf<Family>}` }[RollupFamily];

const SERVICE = 'serviceNamespace, serviceName, serviceEnvironment';
const OPERATION = `${SERVICE}, name, kind`;
const FIGURES = 'spans, requests, errors, buckets, counts';
const SUMS = 'sum(spans), sum(requests), sum(errors), sumMap(buckets, counts).1, sumMap(buckets, counts).2';
const OF_SEGMENT = 'segment = {segment:UInt64} AND day = {day:Date}';

/** Rows of one segment's spans, each table from one before it, in this order. */
export const RED_INSERTS: readonly { readonly table: RedTable; readonly sql: string }[] = [
  { table: 'service_red_1s', sql: ofSpans('service_red_1s', SERVICE, 1) },
  { table: 'red_1m', sql: ofSpans('red_1m', OPERATION, 60) },
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

function ofSpans(table: RedTable, columns: string, seconds: number): string {
  return `
    INSERT INTO ${table} (segment, day, ${columns}, second, ${FIGURES})
    SELECT
      {segment:UInt64}, {day:Date}, ${columns}, second,
      sum(found), sumIf(found, isRequest), sumIf(failed, isRequest),
      groupArrayIf(bucket, isRequest), groupArrayIf(found, isRequest)
    FROM (
      SELECT
        ${columns}, intDiv(startTimeUnixNano, ${seconds}000000000) * ${seconds} AS second, ${IS_REQUEST} AS isRequest,
        toUInt32(if(isRequest, ${DURATION_BUCKET}, 0)) AS bucket,
        count() AS found, countIf(statusCode = {error:UInt8}) AS failed
      FROM spans WHERE ${OF_SEGMENT}
      GROUP BY ${columns}, second, isRequest, bucket
    )
    GROUP BY ${columns}, second`;
}

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
