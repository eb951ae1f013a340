import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertSegment } from '../../../../actors/ports/index.ts';
import { engineOptions, pointBatches, unboundedRun } from '../../../../actors/fixtures/index.ts';
import {
  PrometheusEngine,
  QueryEngine,
  ShadowCheck,
  type ShadowDivergence,
} from '../../../../actors/query/index.ts';
import type { ServiceBatch } from '../../../../proto/columns/index.ts';
import { EVERYTHING } from '../../../../proto/query/index.ts';
import { aggregateQueries, smallWorld } from '../../../../workers/reference/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';

const EVER = { fromUnixNano: 0n, toUnixNano: 2n ** 62n };
const RUN = unboundedRun();

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
const segments: (readonly ServiceBatch[])[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-shadow-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  const point = fc.record({
    service: fc.constantFrom('cart', 'pay'),
    name: fc.constantFrom('requests', 'size'),
    kind: fc.constantFrom('gauge' as const, 'sum' as const, 'histogram' as const),
    timeMs: fc.integer({ min: 0, max: 600_000 }),
    value: fc.double({ min: 0, max: 1e6, noNaN: true }),
    attributes: fc.record({ route: fc.constantFrom('/a', '/b') }),
    exemplars: fc.array(fc.record({ timeMs: fc.nat({ max: 600_000 }), value: fc.double() }), {
      maxLength: 1,
    }),
  });
  for (let number = 1; number <= 4; number += 1) {
    const worlds = fc.sample(fc.tuple(smallWorld('traces'), smallWorld('logs')), 8).flat(2);
    segments.push([...worlds, ...pointBatches(fc.sample(point, 60))]);
    if (number < 4) await insertSegment(store.archive, { number, batches: segments.at(-1) ?? [] });
  }
});
afterAll(async () => {
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

it('questions of every kind are answered alike by windows and archive', async () => {
  const options = engineOptions(store.history, segments, 3);
  const divergences: ShadowDivergence[] = [];
  const failures: unknown[] = [];
  const check = new ShadowCheck({
    engine: options,
    share: 1,
    random: () => 0,
    limits: RUN.limits,
    onDivergence: (divergence) => divergences.push(divergence),
    onFailure: (error) => failures.push(error),
  });
  const query = check.watchQueries(new QueryEngine(options));
  const prometheus = check.watchPrometheus(new PrometheusEngine(options));
  const cart = { namespace: '', name: 'cart', environment: '' };
  const ask = async (question: Promise<unknown>): Promise<void> => {
    await question;
    await check.idle();
  };
  await ask(query.services(EVER, RUN));
  await ask(query.loads({ fromUnixNano: 0n, widthNano: 60_000_000_000n, count: 72 }, RUN));
  await ask(query.operations(cart, EVER, RUN));
  await ask(query.findTraces(EVERYTHING, EVER, { limit: 20 }, RUN));
  const { traces } = await query.findTraces(EVERYTHING, EVER, { limit: 1 }, RUN);
  await check.idle();
  await ask(query.trace(traces[0]?.traceId ?? '', RUN));
  await ask(query.findLogs(EVERYTHING, EVER, { limit: 50 }, RUN));
  const { logs } = await query.findLogs(EVERYTHING, EVER, { limit: 200 }, RUN);
  await check.idle();
  for (const hit of logs.slice(0, 3)) await ask(query.logContext(hit, { before: 5, after: 5 }, RUN));
  for (const signal of ['traces', 'logs'] as const) {
    for (const wanted of fc.sample(aggregateQueries(signal), 10)) await ask(query.aggregate(wanted, 20, RUN));
    const selections = [{ search: EVERYTHING, range: EVER }];
    await ask(query.countValues({ signal, selections, mostValues: 5 }, RUN));
  }
  await ask(query.metrics(undefined, EVER, RUN));
  await ask(query.metricCatalogue({ range: EVER }, { limit: 10, offenders: 5 }, RUN));
  const filter = { name: 'requests', labels: [] };
  await ask(query.series(filter, EVER, 1_000, RUN));
  await ask(query.exemplars(filter, EVER, 1_000, RUN));
  const window = { startMs: 0, endMs: 600_000, stepMs: 60_000 };
  for (const text of ['sum by (route) (rate(requests_total[5m]))', 'requests', 'avg_over_time(size[3m])']) {
    await ask(prometheus.evaluate({ query: text, window, lookbackMs: 300_000, limit: 0 }, RUN));
  }
  expect(failures).toEqual([]);
  expect(divergences).toEqual([]);
  expect(new Set(check.checks.keys()).size).toBe(14);
  options.system.stop();
});
