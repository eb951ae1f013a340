import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { insertSegment } from '../../../actors/ports/index.ts';
import { engineOver, pointBatches, type PointFixture } from '../../../actors/fixtures/index.ts';
import { startQueryRun, type StartedRun } from '../../../actors/query/index.ts';
import type { ServiceBatch } from '../../../proto/columns/index.ts';
import { MS_PER_HOUR, MS_PER_SLOT, rangeOfMs } from '../../../workers/hours/index.ts';
import { connect } from './connection.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from './index.ts';
import { MetricRollups } from './metric-rollups.ts';

const HOURS = 8;
const SEGMENTS = 24;
const TRIALS = 120;
const STEP_MS = 20_000;
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

/** A stream's samples: counters that begin anew now and then, gaps, points without a value, some at the borders of slots. */
function samplesOf(
  kind: (typeof KINDS)[number],
  instance: string,
  random: (below: number) => number,
): Sample[] {
  const samples: Sample[] = [];
  let counts = [0, 0, 0, 0];
  let total = 0;
  for (let at = 0; at < (HOURS * MS_PER_HOUR) / STEP_MS; at += 1) {
    if (random(15) === 0) continue;
    const timeMs = BASE_MS + at * STEP_MS + (at % 15 === 0 ? random(3) - 1 : 0);
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
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({
    target: engine,
    now: () => nowMs,
    onRollupFailure: (error) => failures.push(error),
  });
  const random = randomNumbers(3);
  const samples = ['a', 'b'].flatMap((instance) =>
    KINDS.flatMap((kind) => samplesOf(kind, instance, random)),
  );
  segments = inSegments(samples, random).map((points) => pointBatches(points));
  for (const [index, batches] of segments.entries()) {
    nowMs = BASE_MS + ((index + 1) / (SEGMENTS - 2)) * HOURS * MS_PER_HOUR;
    await insertSegment(store.archive, { number: index + 1, batches });
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
  const range = one(['1h', '2h', '4h', '90m', '5m', '10m', '15m', '61m', '310s']);
  const modifier = one(['', '', ' offset 1h', ' offset 10m', ` @ ${BASE_MS / 1_000 + 5 * 3_600}`]);
  const plain = `${call}(${name}[${range}]${modifier})`;
  const query = one([
    plain,
    plain,
    `sum by (le) (${plain})`,
    `max_over_time(${plain}[3h:1h])`,
    `max_over_time(${plain}[1h:5m])`,
  ]);
  // Half of them as dashboards ask: on the slot.
  const isAligned = random(2) === 0;
  const startMs =
    BASE_MS +
    random(HOURS) * MS_PER_HOUR +
    (isAligned ? random(12) * MS_PER_SLOT : one([0, 0, 0, 1_000, 1_800_000]));
  const stepMs = isAligned
    ? one([1, 2, 3, 6]) * MS_PER_SLOT
    : one([MS_PER_HOUR, 2 * MS_PER_HOUR, 1_800_000, 60_000, 0]);
  const endMs = startMs + random(stepMs < MS_PER_HOUR ? 4 * HOURS : HOURS) * stepMs;
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

describe('lists of series', () => {
  const everything = [{ name: '__name__', operator: '=~', value: '.+' }] as const;
  const listed = async (
    through: number,
    run: StartedRun,
    fromMs: number,
    toMs: number,
  ): Promise<string[]> => {
    const { prometheus, stop } = engineOver(store.history, segments, through);
    const found = await prometheus.series([everything], rangeOfMs(fromMs, toMs), run);
    const names = (await prometheus.metrics(rangeOfMs(fromMs, toMs), run)).map(({ name }) => name);
    run.end();
    stop();
    return [...found.map((labels) => labels.join(' ')), ...names].sort();
  };
  const DAY_MS = 86_400_000;

  it.each([
    ['a day that is not over', BASE_MS, BASE_MS + HOURS * MS_PER_HOUR, ['cold rollup 1h']],
    ['a day that was begun before', BASE_MS + 1, BASE_MS + DAY_MS, ['cold rollup 1h']],
    ['all of a day', BASE_MS, BASE_MS + DAY_MS, ['cold rollup 1d']],
    ['all time', 0, BASE_MS + 2 * DAY_MS, ['cold rollup 1d']],
  ])('are of rollups what they are of the windows: %s', async (_, fromMs, toMs, stages) => {
    for (const through of [SEGMENTS, SEGMENTS - 1, SEGMENTS / 2]) {
      const run = newRun();
      const found = await listed(through, run, fromMs, toMs);
      const rolled = [...run.stats().stages.keys()].filter((stage) => stage.startsWith('cold rollup'));
      if (through === SEGMENTS) expect(rolled).toEqual(stages);
      expect(found).toEqual(await listed(0, newRun(), fromMs, toMs));
      expect(found.length).toBeGreaterThan(10);
    }
  });

  it('show those who may see some services what they may see', async () => {
    const run = startQueryRun({ visible: [{ name: 'cart' }], limits: LIMITS });
    const found = await listed(SEGMENTS, run, 0, BASE_MS + DAY_MS);
    expect(run.stats().stages.has('cold rollup 1d')).toBe(true);
    expect(found.some((labels) => labels.includes('job cart'))).toBe(true);
    expect(found.some((labels) => labels.includes('pay'))).toBe(false);
  });
});

describe('metrics by hour and slot', () => {
  const compared = async (seed: number, trials: number): Promise<{ rolled: number; inSlots: number }> => {
    const random = randomNumbers(seed);
    let rolled = 0;
    let inSlots = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const question = randomQuestion(random);
      const through = random(3) === 0 ? random(SEGMENTS + 1) : SEGMENTS;
      const run = newRun();
      const found = await ask(question, through, run);
      if (run.stats().stages.has('cold rollup 1h')) rolled += 1;
      if (run.stats().stages.has('cold rollup 5m')) inSlots += 1;
      expect({ question, through, found }).toEqual({
        question,
        through,
        found: await ask(question, 0, newRun()),
      });
    }
    expect(failures).toEqual([]);
    return { rolled, inSlots };
  };

  it('answer as their points do, wherever the seam is', async () => {
    const { rolled, inSlots } = await compared(5, TRIALS);
    expect(rolled).toBeGreaterThan(20);
    expect(inSlots).toBeGreaterThan(20);
  });

  it('answer as their points do where an older version rolled up half of the hours, without slots', async () => {
    const connection = connect({
      client: { ...engine.clientOptions },
      database: 'ophion',
      queryTimeoutMs: 30_000,
    });
    const marks = (): Promise<unknown[][]> =>
      connection.rows(
        'SELECT hour % 2 AS half, max(hasSlots), max(inDays) FROM rolled_hours GROUP BY half ORDER BY half',
      );
    expect(await marks()).toEqual([
      [0, 1, 1],
      [1, 1, 1],
    ]);
    await connection.run(
      'ALTER TABLE rolled_hours UPDATE hasSlots = 0, inDays = 0 WHERE hour % 2 = 1',
      {},
      { mutations_sync: '2' },
    );
    await connection.run('DELETE FROM metric_slots WHERE intDiv(slot, 12) % 2 = 1');
    expect(await marks()).toEqual([
      [0, 1, 1],
      [1, 0, 0],
    ]);
    await connection.close();
    const { rolled, inSlots } = await compared(7, TRIALS);
    expect(rolled).toBeGreaterThan(20);
    expect(inSlots).toBeGreaterThan(10);
  });
});

/** A store of its own, in which a counter grows by one a minute from `BASE_MS` on, a segment an hour. */
async function steadyStore(database: string, clock: { nowMs: number }, metrics = 30) {
  const steady = await openClickHouse({
    target: engine,
    database,
    now: () => clock.nowMs,
    retentionDays: { metrics, metricRollups: 30 },
  });
  const point = (minute: number, value = minute): Sample => ({
    name: 'grown',
    timeMs: BASE_MS + minute * 60_000,
    value,
  });
  for (const hour of [0, 1, 2, 3]) {
    clock.nowMs = BASE_MS + (hour + 1.5) * MS_PER_HOUR;
    const points = Array.from({ length: 60 }, (_, minute) => point(hour * 60 + minute + 1));
    await insertSegment(steady.archive, { number: hour + 1, batches: pointBatches(points) });
  }
  const hourly = async (through: number, functionName = 'increase'): Promise<unknown> => {
    const { prometheus, stop } = engineOver(steady.history, [], through);
    const run = newRun();
    const answer = await prometheus.evaluate(
      {
        query: `${functionName}(grown_total[1h])`,
        window: { startMs: BASE_MS + MS_PER_HOUR, endMs: BASE_MS + 4 * MS_PER_HOUR, stepMs: MS_PER_HOUR },
        lookbackMs: 300_000,
        limit: 0,
      },
      run,
    );
    run.end();
    stop();
    if (answer.type === 'refused') throw new Error(answer.message);
    const { result } = JSON.parse(answer.dataJson) as { result: { values: [number, string][] }[] };
    const stages = [...run.stats().stages.keys()].filter((stage) => stage.startsWith('cold '));
    return { values: result[0]?.values.map(([, value]) => Number(value)), stages: stages.sort() };
  };
  return { steady, point, hourly };
}

describe('an hour of metrics', () => {
  it('shows those who may see some services what they may see', async () => {
    const question = {
      query: 'sum by (job) (increase(sum_total[1h]))',
      window: { startMs: BASE_MS + MS_PER_HOUR, endMs: BASE_MS + 6 * MS_PER_HOUR, stepMs: MS_PER_HOUR },
    };
    const run = startQueryRun({ visible: [{ name: 'cart' }], limits: LIMITS });
    const found = await ask(question, SEGMENTS, run);
    expect(run.stats().stages.has('cold rollup 1h')).toBe(true);
    const all = (await ask(question, SEGMENTS, newRun())) as { metric: { job: string } }[];
    expect(all.map(({ metric }) => metric.job)).toEqual(['cart', 'pay']);
    expect(found).toEqual(all.filter(({ metric }) => metric.job === 'cart'));
  });

  it('is read from its points once something came late, and rolled up again after an hour', async () => {
    const clock = { nowMs: 0 };
    const { steady, point, hourly } = await steadyStore('late', clock);
    expect(await hourly(4, 'count_over_time')).toEqual({
      values: [60, 60, 60, 60],
      stages: ['cold rollup 1h'],
    });
    const late = { ...point(90.5, 90) };
    await insertSegment(steady.archive, { number: 5, batches: pointBatches([late]) });
    const both = ['cold points', 'cold rollup 1h'];
    expect(await hourly(5, 'count_over_time')).toEqual({ values: [60, 61, 60, 60], stages: both });
    expect(await hourly(4, 'count_over_time')).toEqual({ values: [60, 60, 60, 60], stages: both });
    clock.nowMs += MS_PER_HOUR;
    await insertSegment(steady.archive, { number: 6, batches: pointBatches([point(300)]) });
    expect(await hourly(6, 'count_over_time')).toEqual({
      values: [60, 61, 60, 60],
      stages: ['cold rollup 1h'],
    });
    await steady.close();
  });

  it('that was rolled up without its mark is not read, and comes once when it is begun again', async () => {
    const clock = { nowMs: 0 };
    const { steady, hourly, point } = await steadyStore('cut', clock);
    const connection = connect({
      client: { ...engine.clientOptions },
      database: 'cut',
      queryTimeoutMs: 30_000,
    });
    const rolledRows = async (): Promise<unknown> =>
      (await connection.rows('SELECT count() FROM metric_hours'))[0]?.[0];
    const before = await rolledRows();
    // As after a kill between rows and mark: the same segment is the last one when it is tried again.
    await connection.run('DELETE FROM rolled_hours WHERE hour = {hour:UInt32}', {
      hour: BASE_MS / MS_PER_HOUR + 3,
    });
    await insertSegment(steady.archive, { number: 4, batches: [] });
    expect(await hourly(4, 'count_over_time')).toEqual({
      values: [60, 60, 60, 60],
      stages: ['cold points', 'cold rollup 1h'],
    });
    const rollups = new MetricRollups({
      connection,
      retentionDays: 30,
      now: () => clock.nowMs,
      onFailure: (error) => failures.push(error),
    });
    await rollups.rollUp(4);
    expect(await rolledRows()).toBe(before);
    expect(await hourly(4, 'count_over_time')).toEqual({
      values: [60, 60, 60, 60],
      stages: ['cold rollup 1h'],
    });
    expect(failures).toEqual([]);
    await insertSegment(steady.archive, { number: 5, batches: pointBatches([point(241)]) });
    await Promise.all([steady.close(), connection.close()]);
  });

  it('answers when its points were dropped for their age', async () => {
    const clock = { nowMs: 0 };
    const { steady, hourly } = await steadyStore('aged', clock, 3);
    const before = await hourly(4);
    const connection = connect({
      client: { ...engine.clientOptions },
      database: 'aged',
      queryTimeoutMs: 30_000,
    });
    await connection.run('TRUNCATE TABLE metric_points');
    expect(await hourly(4)).toEqual(before);
    // What came late for it changes nothing any more.
    clock.nowMs += 4 * 24 * MS_PER_HOUR;
    await connection.run('INSERT INTO touched_hours SELECT hour, 9, day FROM rolled_hours');
    await insertSegment(steady.archive, { number: 10, batches: [] });
    expect(await hourly(10)).toEqual(before);
    await Promise.all([steady.close(), connection.close()]);
  });
});
