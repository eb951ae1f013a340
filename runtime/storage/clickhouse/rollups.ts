import { DURATION_BUCKETS, DURATION_GAMMA } from '../../../proto/columns/index.ts';
import { DURATION_BUCKET, IS_REQUEST, STATUS_ERROR } from './history/conditions.ts';

/** Tables of requests, errors and durations, from the finest, and how many seconds a row of each holds. */
export const RED_TABLES = [
  { table: 'red_1s', seconds: 1n },
  { table: 'red_1m', seconds: 60n },
  { table: 'red_1h', seconds: 3_600n },
] as const;
export type RedTable = (typeof RED_TABLES)[number]['table'];

const KEY = 'serviceNamespace, serviceName, serviceEnvironment, name, kind';
const COLUMNS = `segment, day, ${KEY}, second, spans, requests, errors, buckets, counts`;

/** Rows of one segment's spans: by second, and each coarser table from the finer one. */
export const INSERT_RED: Readonly<Record<RedTable, string>> = {
  red_1s: `
    INSERT INTO red_1s (${COLUMNS})
    SELECT
      {segment:UInt64}, {day:Date}, ${KEY}, second,
      sum(found), sumIf(found, isRequest), sumIf(failed, isRequest),
      groupArrayIf(bucket, isRequest), groupArrayIf(found, isRequest)
    FROM (
      SELECT
        ${KEY}, intDiv(startTimeUnixNano, 1000000000) AS second, ${IS_REQUEST} AS isRequest,
        toUInt32(if(isRequest, ${DURATION_BUCKET}, 0)) AS bucket,
        count() AS found, countIf(statusCode = {error:UInt8}) AS failed
      FROM spans
      WHERE segment = {segment:UInt64} AND day = {day:Date}
      GROUP BY ${KEY}, second, isRequest, bucket
    )
    GROUP BY ${KEY}, second`,
  red_1m: coarser('red_1m', 'red_1s', 60),
  red_1h: coarser('red_1h', 'red_1m', 3_600),
};

function coarser(table: RedTable, finer: RedTable, seconds: number): string {
  return `
    INSERT INTO ${table} (${COLUMNS})
    SELECT
      {segment:UInt64}, {day:Date}, ${KEY}, intDiv(second, ${seconds}) * ${seconds} AS coarse,
      sum(spans), sum(requests), sum(errors), sumMap(buckets, counts).1, sumMap(buckets, counts).2
    FROM ${finer}
    WHERE segment = {segment:UInt64} AND day = {day:Date}
    GROUP BY ${KEY}, coarse`;
}

/** What the statements are bound to besides segment and day. */
export const RED_PARAMETERS = {
  lastBucket: DURATION_BUCKETS - 1,
  gamma: DURATION_GAMMA,
  error: STATUS_ERROR,
} as const;
