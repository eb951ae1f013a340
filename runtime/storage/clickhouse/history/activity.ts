import type {
  OperationActivity,
  RequestsOfSlice,
  ServiceActivity,
  TimeRange,
  TimeSlices,
} from '../../../../actors/ports/index.ts';
import type { ServiceKey } from '../../../../proto/columns/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { piecesOfSlices, redPieces } from './red-pieces.ts';
import { countSpansBy, type SpanCount } from './red.ts';
import { serviceOf, type ServiceRow } from './spans.ts';

const SERVICE = 'serviceNamespace, serviceName, serviceEnvironment';

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

function addSpans(tally: Tally, { isRequest, bucket, found, errors }: SpanCount): void {
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
  const [spans, logs, points] = await Promise.all([
    countSpansBy<ServiceRow>(reader, 'service_red', SERVICE, {
      pieces: redPieces(range, 'service_red'),
      through,
    }),
    countByService(reader, 'logs', new Conditions(reader.run, through).within('logTimeUnixNano', range)),
    countByService(
      reader,
      'metric_points',
      new Conditions(reader.run, through).within('timeUnixNano', range),
    ),
  ]);
  const tallies = new Map<string, { key: ServiceKey; tally: Tally }>();
  for (const row of spans) addSpans(tallyOf(tallies, serviceOf(row)), row);
  for (const row of logs) tallyOf(tallies, serviceOf(row)).logs += Number(row.found);
  for (const row of points) tallyOf(tallies, serviceOf(row)).points += Number(row.found);
  return Array.from(tallies.values(), ({ key, tally }) => ({ service: key, ...tally }));
}

export async function requestsBySlice(
  reader: Reader,
  slices: TimeSlices,
  through: number,
): Promise<RequestsOfSlice[]> {
  const rows = await countSpansBy<ServiceRow & { readonly slice: string }>(reader, 'service_red', SERVICE, {
    pieces: piecesOfSlices(slices, 'service_red'),
    through,
    slices,
  });
  const tallies = new Map<string, { key: { service: ServiceKey; slice: number }; tally: Tally }>();
  for (const row of rows) {
    addSpans(tallyOf(tallies, { service: serviceOf(row), slice: Number(row.slice) }), row);
  }
  const busy = [...tallies.values()].filter(({ tally }) => tally.requests > 0);
  return busy.map(({ key, tally: { requests, durations } }) => ({ ...key, requests, durations }));
}

export async function operationActivity(
  reader: Reader,
  service: ServiceKey,
  range: TimeRange,
  through: number,
): Promise<OperationActivity[]> {
  const rows = await countSpansBy<{ name: string; kind: number }>(reader, 'red', 'name, kind', {
    pieces: redPieces(range, 'red'),
    through,
    service,
  });
  const tallies = new Map<string, { key: { name: string; kind: number }; tally: Tally }>();
  for (const row of rows) addSpans(tallyOf(tallies, { name: row.name, kind: row.kind }), row);
  const busy = [...tallies.values()].filter(({ tally }) => tally.requests > 0);
  return busy.map(({ key, tally: { requests, errors, durations } }) => ({
    ...key,
    requests,
    errors,
    durations,
  }));
}
