import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { engineOver, pointBatches, type PointFixture } from '../../../actors/fixtures/index.ts';
import { startQueryRun, type StartedRun } from '../../../actors/query/index.ts';
import type { ServiceBatch } from '../../../proto/columns/index.ts';
import { MS_PER_HOUR } from '../../../workers/hours/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from './index.ts';

const HOURS = 8;
const SEGMENTS = 40;
const STEP_MS = 40_000;
/** Nothing of it is too old to be kept. */
const BASE_MS = Math.floor(Date.now() / 86_400_000 - 1) * 86_400_000;

/** The same numbers in every run. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Sample extends PointFixture {
  readonly timeMs: number;
}

const KINDS = ['gauge', 'sum', 'histogram', 'delta'] as const;

/** A stream's samples: counters that begin anew now and then, gaps, points without a value, some at the borders of hours. */
function samplesOf(kind: (typeof KINDS)[number], instance: string, random: (below: number) => number): Sample[] {
  const samples: Sample[] = [];
  let counts = [0, 0, 0, 0];
  let total = 0;
  for (let at = 0; at < (HOURS * MS_PER_HOUR) / STEP_MS; at += 1) {
    if (random(15) === 0) continue;
    const timeMs = BASE_MS + at * STEP_MS + (at % 90 === 0 ? random(3) - 1 : 0);
    if (random(60) === 0) [counts, total] = [[0, 0, 0, 0], 0];
    counts = counts.map((count) => count + random(4));
    total += random(40) / 4;
    samples.push({
      service: instance === 'a' ? 'cart' : 'pay',
      name: kind,
      kind,
      instance,
      timeMs,
      value: kind === 'gauge' || kind === 'delta' ? random(400) / 4 - (kind === 'gauge' ? 50 : 0) : total,
      ...(kind === 'histogram' && { bucketCounts: counts }),
      ...(random(50) === 0 && { isStale: true }),
    });
  }
  return samples;
}

/** Samples by segment: mostly in their order, some late, some twice. */
function inSegments(samples: readonly Sample[], random: (below: number) => number): Sample[][] {
  const segments: Sample[][] = Array.from({ length: SEGMENTS }, () => []);
  const span = HOURS * MS_PER_HOUR;
  for (const sample of samples) {
    const own = Math.max(0, Math.floor(((sample.timeMs - BASE_MS) / span) * (SEGMENTS - 2)));
    const isLate = random(400) === 0;
    segments[Math.min(SEGMENTS - 1, own + (isLate ? random(SEGMENTS) : 0))]?.push(sample);
    if (random(300) === 0) segments[Math.min(SEGMENTS - 1, own + random(SEGMENTS))]?.push(sample);
  }
  return segments;
}

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
let segments: readonly (readonly ServiceBatch[])[];
let nowMs = BASE_MS;
const failures: unknown[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-rollups-'));
  engine = await startEmbeddedClickHouse({ dataDir: home });
  store = await openClickHouse({
    target: engine,
    now: () => nowMs,
    onRollupFailure: (error) => failures.push(error),
  });
  const random = randomNumbers(3);
  const samples = ['a', 'b'].flatMap((instance) => KINDS.flatMap((kind) => samplesOf(kind, instance, random)));
  segments = inSegments(samples, random).map((points) => pointBatches(points));
  for (const [index, batches] of segments.entries()) {
    nowMs = BASE_MS + ((index + 1) / (SEGMENTS - 2)) * HOURS * MS_PER_HOUR;
    await store.archive.insert({ number: index + 1, batches });
  }
});
afterAll(async () => {
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

const LIMITS = { deadlineMs: 30_000, maxRowsRead: 1e9, maxBytesRead: 1e12 };

const RATES = ['rate', 'increase', 'resets', 'delta'];
const OVER_TIME = ['min', 'max', 'sum', 'avg', 'count', 'last', 'first', 'present', 'stddev'];
const SERIES = ['gauge', 'sum_total', 'histogram_bucket', 'histogram_count', 'histogram_sum', 'delta_total'];

interface Question {
  readonly query: string;
  readonly window: { readonly startMs: number; readonly endMs: number; readonly stepMs: number };
}

function randomQuestion(random: (below: number) => number): Question {
  const one = <Item>(items: readonly Item[]): Item => items[random(items.length)] as Item;
  const name = one(SERIES);
  const call = random(2) === 0 ? one(RATES) : `${one(OVER_TIME)}_over_time`;
  const range = one(['1h', '2h', '4h', '90m', '5m', '61m']);
  const modifier = one(['', '', ' offset 1h', ' offset 10m', ` @ ${BASE_MS / 1_000 + 5 * 3_600}`]);
  const plain = `${call}(${name}[${range}]${modifier})`;
  const query = one([plain, plain, `sum by (le) (${plain})`, `max_over_time(${plain}[3h:1h])`]);
  const startMs = BASE_MS + random(HOURS) * MS_PER_HOUR + one([0, 0, 0, 1_000, 1_800_000]);
  const stepMs = one([MS_PER_HOUR, 2 * MS_PER_HOUR, 1_800_000, 0]);
  const endMs = stepMs === 0 ? startMs : startMs + random(HOURS) * stepMs;
  return { query, window: { startMs, endMs, stepMs } };
}

async function ask({ query, window }: Question, through: number, run: StartedRun): Promise<unknown> {
  const { prometheus, stop } = engineOver(store.history, segments, through);
  try {
    const answer = await prometheus.evaluate({ query, window, lookbackMs: 300_000, limit: 0 }, run);
    if (answer.type === 'refused') throw new Error(answer.message);
    const { result } = JSON.parse(answer.dataJson) as { result: { metric: object }[] };
    const keyOf = (series: { metric: object }): string => JSON.stringify(series.metric);
    return result.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  } finally {
    run.end();
    stop();
  }
}

const newRun = (): StartedRun => startQueryRun({ visible: 'all', limits: LIMITS });

describe('metrics by hour', () => {
  it('answer as their points do, wherever the seam is', async () => {
    const random = randomNumbers(5);
    let rolled = 0;
    for (let trial = 0; trial < (Number(process.env["TR"] ?? 100)); trial += 1) {
      const question = randomQuestion(random);
      const through = random(3) === 0 ? random(SEGMENTS + 1) : SEGMENTS;
      const run = newRun();
      const found = await ask(question, through, run);
      if (run.stats().stages.has('cold rollup 1h')) rolled += 1;
      expect({ question, through, found }).toEqual({
        question,
        through,
        found: await ask(question, 0, newRun()),
      });
    }
    console.log("rolled", rolled);
    expect(failures).toEqual([]);
    expect(rolled).toBeGreaterThan(25);
  });
});
