import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { startQueryRun } from '../../actors/query/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
} from '../../runtime/storage/clickhouse/index.ts';
import { spanSearch } from '../../workers/search/index.ts';
import { STOCK_TABLE } from '../ingest/stock-table.ts';
import { number, readOptions } from '../read-options.ts';
import { fillArchive, SERVICES } from './fill-archive.ts';

const DAY_NANOS = 86_400_000_000_000n;
const FROM = 1_705_320_000_000_000_000n;
const LIMITS = { deadlineMs: 600_000, maxRowsRead: 1e12, maxBytesRead: 1e15 };

/** Where the exporter keeps when a trace was, which its queries by trace id begin with. */
const STOCK_TRACE_TIMES = `
CREATE TABLE otel_traces_trace_id_ts (
  TraceId String CODEC(ZSTD(1)),
  Start DateTime CODEC(Delta, ZSTD(1)),
  End DateTime CODEC(Delta, ZSTD(1)),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = MergeTree PARTITION BY toDate(Start) ORDER BY (TraceId, Start)`;

type Timings = Record<'traceById' | 'search' | 'red24h', { ours: number[]; stock: number[] }>;

/**
 * Questions to the archive alone, 95th percentiles: a trace by id, a search among a day's spans with all spans of the
 * fifty traces found, and requests, errors and duration percentiles of every service over that day. The same rows in the
 * stock table of the OpenTelemetry exporter, asked for the same by turns, give the ratios.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    spans: number(10_000_000, 'spans in the archive'),
    segment: number(500_000, 'spans an insert'),
    rounds: number(20, 'times that each question is asked'),
  });
  const dataDir = await mkdtemp(join(tmpdir(), 'ophion-cold-query-'));
  const engine = await startEmbeddedClickHouse({ dataDir, memoryLimitBytes: 3 * 2 ** 30 });
  const store = await openClickHouse({ target: engine });
  const client = createClient({
    ...engine.clientOptions,
    database: 'ophion',
    request_timeout: 3_600_000,
    log: { level: ClickHouseLogLevel.OFF },
  });
  try {
    const spans = values.spans;
    const segmentSpans = values.segment;
    const begin = performance.now();
    const traceIds = await fillArchive(store, {
      spans,
      segmentSpans,
      fromUnixNano: FROM,
      lengthNanos: DAY_NANOS,
    });
    say(`archived ${spans} spans in ${seconds(begin)} s`);
    await fillStock(client, traceIds.length);
    say(`the stock table has them after ${seconds(begin)} s`);
    const timings = await ask({ store, client, traceIds, rounds: values.rounds });
    return resultOf(timings, spans);
  } finally {
    await Promise.all([store.close(), client.close()]);
    await engine.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Through the view that has the stock shape, a segment at a time. */
async function fillStock(client: ClickHouseClient, segments: number): Promise<void> {
  await client.command({ query: 'CREATE DATABASE stock' });
  await client.command({ query: STOCK_TABLE.replace('otel_traces', 'stock.otel_traces') });
  await client.command({ query: STOCK_TRACE_TIMES.replace('otel_traces', 'stock.otel_traces') });
  const columns = `Timestamp, TraceId, SpanId, ParentSpanId, TraceState, SpanName, SpanKind, ServiceName,
    ResourceAttributes, ScopeName, ScopeVersion, SpanAttributes, Duration, StatusCode, StatusMessage`;
  for (let segment = 1; segment <= segments; segment += 1) {
    // The id of a trace begins with its segment.
    const prefix = segment.toString(16).padStart(2, '0');
    await client.command({
      query: `INSERT INTO stock.otel_traces (${columns}) SELECT ${columns} FROM ophion.otel_traces
        WHERE startsWith(TraceId, '${prefix}')`,
      clickhouse_settings: { max_execution_time: 3_600 },
    });
  }
  await client.command({
    query: `INSERT INTO stock.otel_traces_trace_id_ts
      SELECT TraceId, min(Timestamp), max(Timestamp) FROM stock.otel_traces GROUP BY TraceId`,
    clickhouse_settings: { max_execution_time: 3_600 },
  });
}

interface Asked {
  readonly store: ClickHouseStore;
  readonly client: ClickHouseClient;
  readonly traceIds: readonly string[];
  readonly rounds: number;
}

async function ask({ store, client, traceIds, rounds }: Asked): Promise<Timings> {
  const timings: Timings = {
    traceById: { ours: [], stock: [] },
    search: { ours: [], stock: [] },
    red24h: { ours: [], stock: [] },
  };
  const through = traceIds.length;
  const range = { fromUnixNano: FROM, toUnixNano: FROM + DAY_NANOS };
  for (let round = -1; round < rounds; round += 1) {
    const traceId = traceIds[(round + traceIds.length) % traceIds.length] ?? '';
    const service = SERVICES[(round + SERVICES.length) % SERVICES.length] ?? '';
    const route = `/route/${(round + 40) % 40}`;
    const measured = {
      traceById: {
        ours: await timed((run) => store.history.spansOf([traceId], 100_000, through, run)),
        stock: await timedRows(client, STOCK_TRACE, { traceId }),
      },
      search: {
        ours: await timed(async (run) => {
          const search = spanSearch({
            service: { namespace: '', name: service, environment: '' },
            text: route,
            minDurationNano: 30_000_000n,
          });
          const hits = await store.history.findTraces({ search }, range, { limit: 50 }, through, run);
          const ids = hits.map((hit) => hit.traceId);
          return store.history.spansOf(ids, 200_000, through, run);
        }),
        stock: await timedRows(client, STOCK_SEARCH, { service, route }),
      },
      red24h: {
        ours: await timed((run) => store.history.services(range, through, run)),
        stock: await timedRows(client, STOCK_RED, {}),
      },
    };
    // The first round fills caches and is the same for both.
    if (round < 0) continue;
    for (const kind of ['traceById', 'search', 'red24h'] as const) {
      timings[kind].ours.push(measured[kind].ours);
      timings[kind].stock.push(measured[kind].stock);
    }
  }
  return timings;
}

const STOCK_TRACE = `
  WITH
    (SELECT min(Start) FROM stock.otel_traces_trace_id_ts WHERE TraceId = {traceId:String}) AS start,
    (SELECT max(End) + 1 FROM stock.otel_traces_trace_id_ts WHERE TraceId = {traceId:String}) AS end
  SELECT * FROM stock.otel_traces WHERE TraceId = {traceId:String} AND Timestamp >= start AND Timestamp <= end`;
const WITHIN_DAY = `Timestamp >= fromUnixTimestamp64Nano(toInt64(${FROM})) AND Timestamp < fromUnixTimestamp64Nano(toInt64(${FROM + DAY_NANOS}))`;
const STOCK_SEARCH = `
  SELECT * FROM stock.otel_traces WHERE TraceId IN (
    SELECT TraceId FROM stock.otel_traces
    WHERE ${WITHIN_DAY} AND ServiceName = {service:String} AND Duration >= 30000000
      AND (positionCaseInsensitiveUTF8(SpanName, {route:String}) > 0
        OR arrayExists(value -> positionCaseInsensitiveUTF8(value, {route:String}) > 0, mapValues(SpanAttributes)))
    GROUP BY TraceId ORDER BY max(Timestamp) DESC LIMIT 50)`;
const STOCK_RED = `
  SELECT ServiceName, count(), countIf(isRequest), countIf(isRequest AND StatusCode = 'Error'),
    quantilesIf(0.5, 0.95, 0.99)(Duration, isRequest)
  FROM (
    SELECT ServiceName, Duration, StatusCode, SpanKind IN ('Server', 'Consumer') OR ParentSpanId = '' AS isRequest
    FROM stock.otel_traces WHERE ${WITHIN_DAY}
  )
  GROUP BY ServiceName`;

async function timed(work: (run: QueryRun) => Promise<readonly unknown[]>): Promise<number> {
  const query = startQueryRun({ visible: 'all', limits: LIMITS });
  const begin = performance.now();
  const found = await work(query);
  query.end();
  if (found.length === 0) throw new Error('a question found nothing');
  return performance.now() - begin;
}

async function timedRows(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): Promise<number> {
  const begin = performance.now();
  const result = await client.query({ query, query_params, format: 'JSONEachRow' });
  const found = await result.json();
  if (found.length === 0) throw new Error('a question to the stock table found nothing');
  return performance.now() - begin;
}

function resultOf(timings: Timings, spans: number): Record<string, unknown> {
  const figures = Object.entries(timings).map(([kind, { ours, stock }]) => {
    const figure = { ours: p95(ours), stock: p95(stock), ratio: round1(median(stock) / median(ours)) };
    say(`${kind}: p95 ${figure.ours} ms, stock ${figure.stock} ms, ratio of medians ${figure.ratio}`);
    return [kind, figure] as const;
  });
  return {
    spans,
    ...Object.fromEntries(figures.map(([kind, { ours }]) => [`${kind}P95Ms`, ours])),
    ratio: Math.min(...figures.map(([, { ratio }]) => ratio)),
    ratios: Object.fromEntries(figures.map(([kind, { ratio }]) => [kind, ratio])),
    stockP95Ms: Object.fromEntries(figures.map(([kind, { stock }]) => [kind, stock])),
  };
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

function p95(values: readonly number[]): number {
  return round1(sorted(values)[Math.ceil(values.length * 0.95) - 1] ?? 0);
}

function median(values: readonly number[]): number {
  return sorted(values)[Math.floor(values.length / 2)] ?? 0;
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1_000);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
