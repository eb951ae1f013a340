import { afterEach, describe, expect, it } from 'vitest';
import { EMPTY_HISTORY, engineOptions, pointBatches, unboundedRun } from '../fixtures/index.ts';
import { PrometheusEngine } from '../query/index.ts';
import { OutlookEngine, PromqlRefusedError } from './index.ts';

const STEP_MS = 60_000;
const START_MS = 1_700_000_040_000;

let stop: () => void = () => undefined;
afterEach(() => {
  stop();
});

function outlookOver(series: Readonly<Record<string, readonly number[]>>): OutlookEngine {
  const points = Object.entries(series).flatMap(([key, values]) =>
    values.map((value, at) => ({
      ...{
        name: 'level',
        kind: 'gauge' as const,
        attributes: { key },
        value,
        timeMs: START_MS + at * STEP_MS,
      },
    })),
  );
  const options = engineOptions(EMPTY_HISTORY, [pointBatches(points)], 0);
  stop = () => {
    options.system.stop();
  };
  return new OutlookEngine({ prometheus: new PrometheusEngine(options), threads: options.threads });
}

const gridOf = (count: number) => ({ startUnixMs: START_MS, stepMs: STEP_MS, count });
const wave = (at: number): number => 100 + 20 * Math.sin(at / 5) + ((at * 7_919) % 13) / 13;

describe('forecasts of a query', () => {
  it('go on from the newest value, and say when a limit is reached', async () => {
    const outlook = outlookOver({ a: Array.from({ length: 200 }, (_, at) => at) });
    const asked = { query: 'level', grid: gridOf(203), limit: 5, horizon: 100, limitValue: 250 };
    const { series, more } = await outlook.forecast(asked, unboundedRun());
    expect(more).toBe(false);
    expect(series[0]?.labels).toMatchObject({ __name__: 'level', key: 'a', job: 'cart' });
    expect(series[0]?.values).toHaveLength(203);
    // Two minutes after the last sample the last one still counts.
    const outcome = series[0]?.outcome;
    if (outcome?.type !== 'forecast') return expect.unreachable();
    for (const path of [outcome.median, outcome.lower80, outcome.upper80, outcome.lower95, outcome.upper95]) {
      expect(path).toHaveLength(100);
    }
    for (const [at, median] of outcome.median.entries()) {
      expect(outcome.lower95[at]).toBeLessThanOrEqual(outcome.lower80[at] ?? NaN);
      expect(outcome.lower80[at]).toBeLessThanOrEqual(median);
      expect(outcome.upper80[at]).toBeLessThanOrEqual(outcome.upper95[at] ?? NaN);
    }
    expect(outcome.reached?.median).toBeGreaterThan(30 * 60);
    expect(outcome.models.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1);
  });

  it('are refused where there is too little, and are of as many series as are asked for', async () => {
    const outlook = outlookOver({ a: [1, 2], b: [1, 2], c: [1, 2] });
    const asked = { query: 'level', grid: gridOf(2), limit: 2, horizon: 10 };
    const { series, more } = await outlook.forecast(asked, unboundedRun());
    expect(more).toBe(true);
    expect(series.map(({ outcome }) => outcome.type)).toEqual(['refused', 'refused']);
    expect(series[0]?.outcome).toMatchObject({ reason: 'too-few-points' });
  });

  it.each([
    ['sum(', 'query: '],
    ['"text"', 'query: '],
  ])('of %j are refused, and it says why', async (query, message) => {
    const outlook = outlookOver({ a: [1, 2] });
    const refused = outlook.forecast({ query, grid: gridOf(2), limit: 2, horizon: 10 }, unboundedRun());
    await expect(refused).rejects.toThrow(PromqlRefusedError);
    await expect(refused).rejects.toThrow(message);
  });

  it('end with the run', async () => {
    const outlook = outlookOver({ a: Array.from({ length: 100 }, (_, at) => at) });
    const run = { ...unboundedRun(), signal: AbortSignal.abort(new Error('nobody waits')) };
    const asked = { query: 'level', grid: gridOf(100), limit: 5, horizon: 10 };
    await expect(outlook.forecast(asked, run)).rejects.toThrow('nobody waits');
  });
});

describe('bands of a query', () => {
  it('show what was expected, and the one value that was abnormal', async () => {
    const values = Array.from({ length: 600 }, (_, at) => (at === 550 ? 900 : wave(at)));
    const outlook = outlookOver({ a: values });
    const grid = { startUnixMs: START_MS + 400 * STEP_MS, stepMs: STEP_MS, count: 200 };
    const { series } = await outlook.band({ query: 'level', grid, limit: 5, warmUp: 400 }, unboundedRun());
    const [one] = series;
    expect(one?.values).toHaveLength(200);
    expect(one?.band.learning).toBe(0);
    expect(one?.band.anomalies[0]).toMatchObject({
      ...{ unixMs: START_MS + 550 * STEP_MS, observed: 900, isOnset: true },
    });
    expect(one?.band.anomalies.every(({ unixMs }) => unixMs >= START_MS + 550 * STEP_MS)).toBe(true);
    const inside = [...(one?.values ?? [])].slice(0, 140).filter((value, at) => {
      return value >= (one?.band.lower[at] ?? NaN) && value <= (one?.band.upper[at] ?? NaN);
    });
    expect(inside.length).toBeGreaterThan(130);
  });

  it('say how much of the range was only learned from', async () => {
    const outlook = outlookOver({ a: Array.from({ length: 100 }, (_, at) => wave(at)) });
    const { series } = await outlook.band(
      { query: 'level', grid: gridOf(100), limit: 5, warmUp: 0 },
      unboundedRun(),
    );
    expect(series[0]?.band.learning).toBe(64);
    expect(series[0]?.band.expected[63]).toBeNaN();
    expect(series[0]?.band.expected[64]).toBeGreaterThan(0);
  });
});
