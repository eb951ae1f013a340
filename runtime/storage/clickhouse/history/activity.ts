import type { OperationActivity, ServiceActivity, TimeRange } from '../../../../actors/ports/index.ts';
import { DURATION_BUCKETS, DURATION_GAMMA, type ServiceKey } from '../../../../proto/columns/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions, DURATION_BUCKET, IS_REQUEST, STATUS_ERROR } from './conditions.ts';
import { serviceOf, type ServiceRow } from './spans.ts';

const SERVICE = 'serviceNamespace, serviceName, serviceEnvironment';
const BUCKETS = { lastBucket: DURATION_BUCKETS - 1, gamma: DURATION_GAMMA, error: STATUS_ERROR };

interface CountRow {
  readonly isRequest: number;
  readonly bucket: number;
  readonly found: string;
  readonly errors: string;
}

interface Tally {
  requests: number;
  errors: number;
  spans: number;
  logs: number;
  points: number;
  readonly durations: Map<number, number>;
}

function newTally(): Tally {
  return { requests: 0, errors: 0, spans: 0, logs: 0, points: 0, durations: new Map() };
}

function countSpans(tally: Tally, { isRequest, bucket, found, errors }: CountRow): void {
  const count = Number(found);
  tally.spans += count;
  if (isRequest === 0) return;
  tally.requests += count;
  tally.errors += Number(errors);
  tally.durations.set(bucket, (tally.durations.get(bucket) ?? 0) + count);
}

function tallyOf<Key>(tallies: Map<string, { key: Key; tally: Tally }>, key: Key): Tally {
  const text = JSON.stringify(key);
  let known = tallies.get(text);
  if (!known) {
    known = { key, tally: newTally() };
    tallies.set(text, known);
  }
  return known.tally;
}

function countByService(reader: Reader, table: string, where: Conditions): Promise<CountedService[]> {
  const sql = `SELECT ${SERVICE}, count() AS found FROM ${table} WHERE ${where.sql} GROUP BY ${SERVICE}`;
  return reader.records<CountedService>(sql, where.parameters);
}

type CountedService = ServiceRow & { readonly found: string };

export async function serviceActivity(
  reader: Reader,
  range: TimeRange,
  through: number,
): Promise<ServiceActivity[]> {
  const spanWhere = new Conditions(through).within('startTimeUnixNano', range);
  const [spans, logs, points] = await Promise.all([
    reader.records<ServiceRow & CountRow>(
      `SELECT ${SERVICE}, ${IS_REQUEST} AS isRequest, if(isRequest, ${DURATION_BUCKET}, 0) AS bucket,
         count() AS found, countIf(statusCode = {error:UInt8}) AS errors
       FROM spans WHERE ${spanWhere.sql} GROUP BY ${SERVICE}, isRequest, bucket`,
      { ...spanWhere.parameters, ...BUCKETS },
    ),
    countByService(reader, 'logs', new Conditions(through).within('logTimeUnixNano', range)),
    countByService(reader, 'metric_points', new Conditions(through).within('timeUnixNano', range)),
  ]);
  const tallies = new Map<string, { key: ServiceKey; tally: Tally }>();
  for (const row of spans) countSpans(tallyOf(tallies, serviceOf(row)), row);
  for (const row of logs) tallyOf(tallies, serviceOf(row)).logs += Number(row.found);
  for (const row of points) tallyOf(tallies, serviceOf(row)).points += Number(row.found);
  return Array.from(tallies.values(), ({ key, tally }) => ({ service: key, ...tally }));
}

export async function operationActivity(
  reader: Reader,
  service: ServiceKey,
  range: TimeRange,
  through: number,
): Promise<OperationActivity[]> {
  const where = new Conditions(through).within('startTimeUnixNano', range).ofService(service).add(IS_REQUEST);
  const rows = await reader.records<{ name: string; kind: number } & CountRow>(
    `SELECT name, kind, 1 AS isRequest, ${DURATION_BUCKET} AS bucket,
       count() AS found, countIf(statusCode = {error:UInt8}) AS errors
     FROM spans WHERE ${where.sql} GROUP BY name, kind, bucket`,
    { ...where.parameters, ...BUCKETS },
  );
  const tallies = new Map<string, { key: { name: string; kind: number }; tally: Tally }>();
  for (const row of rows) countSpans(tallyOf(tallies, { name: row.name, kind: row.kind }), row);
  return Array.from(tallies.values(), ({ key, tally: { requests, errors, durations } }) => ({
    ...key,
    requests,
    errors,
    durations,
  }));
}
