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

export const RED_TABLES = [
  'service_red_1s',
  'service_red_1m',
  'service_red_1h',
  'red_1m',
  'red_1h',
] as const satisfies readonly RedTable[];

/** Written with each segment; views keep the longer levels of them (migration 0009). */
export const COUNTED_TABLES = ['service_red_1s', 'red_1m'] as const satisfies readonly RedTable[];

const SECONDS = { '1s': SECOND.seconds, '1m': MINUTE.seconds, '1h': HOUR.seconds } as const;
const SERVICE = 'serviceNamespace, serviceName, serviceEnvironment';

/** Counts one segment's spans as a level has them. */
export function insertOfSpans(level: RedTable, table: string = level): string {
  const columns = level.startsWith('service_') ? SERVICE : `${SERVICE}, name, kind`;
  const seconds = SECONDS[level.slice(-2) as RollupLevel];
  return `
    INSERT INTO ${table} (segment, day, ${columns}, second, spans, requests, errors, buckets, counts)
    SELECT
      {segment:UInt64}, {day:Date}, ${columns}, second,
      sum(found), sumIf(found, isRequest), sumIf(failed, isRequest),
      groupArrayIf(bucket, isRequest), groupArrayIf(found, isRequest)
    FROM (
      SELECT
        ${columns}, intDiv(startTimeUnixNano, ${seconds}000000000) * ${seconds} AS second, ${IS_REQUEST} AS isRequest,
        toUInt32(if(isRequest, ${DURATION_BUCKET}, 0)) AS bucket,
        count() AS found, countIf(statusCode = {error:UInt8}) AS failed
      FROM spans WHERE segment = {segment:UInt64} AND day = {day:Date}
      GROUP BY ${columns}, second, isRequest, bucket
    )
    GROUP BY ${columns}, second`;
}

/** What the statement is bound to besides segment and day. */
export const RED_PARAMETERS = {
  lastBucket: DURATION_BUCKETS - 1,
  gamma: DURATION_GAMMA,
  error: STATUS_ERROR,
} as const;
