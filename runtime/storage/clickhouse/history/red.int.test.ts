import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { insertSegment } from '../../../../actors/ports/index.ts';
import { spanBatches, unboundedRun, type SpanFixture } from '../../../../actors/fixtures/index.ts';
import { startQueryRun } from '../../../../actors/query/index.ts';
import { durationBucket } from '../../../../workers/red/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../index.ts';

const HOUR_MS = 3_600_000;
const SEGMENTS = 4;

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

type Span = Required<Pick<SpanFixture, 'service' | 'name' | 'kind' | 'startMs' | 'durationMs' | 'isError'>> &
  Pick<SpanFixture, 'parentSpanId'>;

/** Around the borders of seconds, minutes and hours, and anywhere else. */
function randomSpan(random: (below: number) => number): Span {
  const border = [1_000, 60_000, HOUR_MS][random(3)] ?? 1;
  const startMs = random(5 * Math.floor(HOUR_MS / border)) * border + random(3) - 1;
  return {
    service: random(2) === 0 ? 'cart' : 'pay',
    name: random(2) === 0 ? 'GET /' : 'query',
    kind: 1 + random(5),
    startMs: Math.max(0, startMs),
    durationMs: random(50),
    isError: random(5) === 0,
    ...(random(2) === 0 ? { parentSpanId: 'ab'.repeat(8) } : {}),
  };
}

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
const segments: Span[][] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-red-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  const random = randomNumbers(7);
  for (let number = 1; number <= SEGMENTS; number += 1) {
    const spans = Array.from({ length: 400 }, () => randomSpan(random));
    segments.push(spans);
    await insertSegment(store.archive, { number, batches: spanBatches(spans) });
  }
});
afterAll(async () => {
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

interface Tally {
  spans: number;
  requests: number;
  errors: number;
  durations: Record<number, number>;
}

/** Span by span. */
function tallies(spans: readonly Span[], keyOf: (span: Span) => string): Record<string, Tally> {
  const found: Record<string, Tally> = {};
  for (const span of spans) {
    const tally = (found[keyOf(span)] ??= { spans: 0, requests: 0, errors: 0, durations: {} });
    tally.spans += 1;
    if (span.kind !== 2 && span.kind !== 5 && span.parentSpanId !== undefined) continue;
    tally.requests += 1;
    if (span.isError) tally.errors += 1;
    const bucket = durationBucket(span.durationMs * 1e6);
    tally.durations[bucket] = (tally.durations[bucket] ?? 0) + 1;
  }
  return found;
}

describe('requests, errors and durations from rollups', () => {
  it('are those of the spans, for any range and as far as any segment', async () => {
    const random = randomNumbers(11);
    for (let trial = 0; trial < 40; trial += 1) {
      const fromMs = random(4 * HOUR_MS);
      const toMs = fromMs + 1 + random([2_000, 200_000, 5 * HOUR_MS][trial % 3] ?? 1);
      const range = { fromUnixNano: BigInt(fromMs) * 1_000_000n, toUnixNano: BigInt(toMs) * 1_000_000n };
      const through = random(SEGMENTS + 1);
      const visible = segments
        .slice(0, through)
        .flat()
        .filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
      const services = await store.history.services(range, through, unboundedRun());
      const byService = Object.fromEntries(
        services.map(({ service, spans, requests, errors, durations }) => [
          service.name,
          { spans, requests, errors, durations: Object.fromEntries(durations) },
        ]),
      );
      expect(byService).toEqual(tallies(visible, ({ service }) => service));
      const cart = { namespace: '', name: 'cart', environment: '' };
      const operations = await store.history.operations(cart, range, through, unboundedRun());
      const expected = Object.entries(
        tallies(
          visible.filter(({ service }) => service === 'cart'),
          ({ name, kind }) => `${name} ${kind}`,
        ),
      ).filter(([, { requests }]) => requests > 0);
      expect(
        Object.fromEntries(
          operations.map(({ name, kind, requests, errors, durations }) => [
            `${name} ${kind}`,
            { requests, errors, durations: Object.fromEntries(durations) },
          ]),
        ),
      ).toEqual(
        Object.fromEntries(
          expected.map(([key, { requests, errors, durations }]) => [key, { requests, errors, durations }]),
        ),
      );
    }
  });

  it('are those of the spans by slice, whether its borders are whole seconds, minutes, hours or none', async () => {
    const random = randomNumbers(13);
    for (const [widthMs, stages] of [
      [HOUR_MS, ['cold rollup 1h']],
      [20 * 60_000, ['cold rollup 1m']],
      [7_000, ['cold rollup 1s']],
      [1_234, ['cold rows']],
    ] as const) {
      const fromMs = (random(4) * HOUR_MS) / (stages[0] === 'cold rows' ? 7 : 1);
      const slices = {
        ...{ fromUnixNano: BigInt(Math.floor(fromMs)) * 1_000_000n, count: 5 },
        widthNano: BigInt(widthMs) * 1_000_000n,
      };
      const through = 1 + random(SEGMENTS);
      const limits = { deadlineMs: 30_000, maxRowsRead: 1e9, maxBytesRead: 1e12 };
      const run = startQueryRun({ visible: 'all', limits });
      const found = await store.history.requestsBySlice(slices, through, run);
      run.end();
      expect([...run.stats().stages.keys()]).toEqual(stages);
      const sliceOf = (span: Span): number => Math.floor((span.startMs - Math.floor(fromMs)) / widthMs);
      const visible = segments
        .slice(0, through)
        .flat()
        .filter((span) => sliceOf(span) >= 0 && sliceOf(span) < 5);
      const expected = Object.entries(tallies(visible, (span) => `${span.service} ${sliceOf(span)}`))
        .filter(([, { requests }]) => requests > 0)
        .map(([key, { requests, durations }]) => [key, { requests, durations }]);
      expect(
        Object.fromEntries(
          found.map(({ service, slice, requests, durations }) => [
            `${service.name} ${slice}`,
            { requests, durations: Object.fromEntries(durations) },
          ]),
        ),
      ).toEqual(Object.fromEntries(expected));
    }
  });

  it('are said to be from rollups, which read little', async () => {
    const limits = { deadlineMs: 30_000, maxRowsRead: 1e9, maxBytesRead: 1e12 };
    const run = startQueryRun({ visible: 'all', limits });
    await store.history.services({ fromUnixNano: 0n, toUnixNano: 5n * 3_600_000_000_000n }, SEGMENTS, run);
    run.end();
    expect([...run.stats().stages.keys()]).toEqual(['cold rollup 1h']);
    expect(run.stats().tiers.cold.rows).toBeLessThan(SEGMENTS * 400);
  });
});
