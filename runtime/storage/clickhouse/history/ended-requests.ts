import type { EndedRequests, TimeRange } from '../../../../actors/ports/index.ts';
import { APDEX_T_MS } from '../../../../proto/live/index.ts';
import { RED_PARAMETERS } from '../rollups.ts';
import type { Reader } from '../reader.ts';
import { Conditions, DURATION_BUCKET, IS_REQUEST } from './conditions.ts';
import { serviceOf, type ServiceRow } from './spans.ts';

const OPERATION = 'serviceNamespace, serviceName, serviceEnvironment, name';
/** In doubles, as `readRequests` does. */
const END_SECOND =
  'toUInt32(floor((toFloat64(startTimeUnixNano) + toFloat64(greatest(durationNano, 0))) / 1e9))';

/** See `RedHistory`. */
export async function endedRequests(
  reader: Reader,
  started: TimeRange,
  fromSecond: number,
  through: number,
): Promise<EndedRequests[]> {
  const where = new Conditions(reader.run, through)
    .within('startTimeUnixNano', started)
    .add(IS_REQUEST)
    .add(`${END_SECOND} >= {fromSecond:UInt32}`, { fromSecond });
  const sql = `
    SELECT
      ${OPERATION}, second,
      toUInt32(sum(found)) AS requests, toUInt32(sum(failed)) AS errors,
      toUInt32(sum(quick)) AS satisfied, toUInt32(sum(slow)) AS tolerated,
      groupArray(bucket) AS buckets, groupArray(toUInt32(found)) AS counts
    FROM (
      SELECT
        ${OPERATION}, ${END_SECOND} AS second, ${DURATION_BUCKET} AS bucket,
        count() AS found, countIf(statusCode = {error:UInt8}) AS failed,
        countIf(statusCode != {error:UInt8} AND durationNano <= {satisfied:Int64}) AS quick,
        countIf(
          statusCode != {error:UInt8} AND durationNano > {satisfied:Int64} AND durationNano <= 4 * {satisfied:Int64}
        ) AS slow
      FROM spans WHERE ${where.sql}
      GROUP BY ${OPERATION}, second, bucket
    )
    GROUP BY ${OPERATION}, second`;
  const rows = await reader.records<Row>(sql, {
    ...where.parameters,
    ...RED_PARAMETERS,
    satisfied: APDEX_T_MS * 1e6,
  });
  return rows.map((row) => ({
    service: serviceOf(row),
    operation: row.name,
    second: row.second,
    requests: row.requests,
    errors: row.errors,
    satisfied: row.satisfied,
    tolerated: row.tolerated,
    buckets: row.buckets,
    counts: row.counts,
  }));
}

type Row = ServiceRow & Omit<EndedRequests, 'service' | 'operation'> & { readonly name: string };
