import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsOf } from '../model/labels.ts';
import { markStale, type Series } from '../model/series.ts';
import { parsePromql } from '../parse/parse-promql.ts';
import { planSelections } from '../select/plan-selections.ts';
import { evaluatePromql, type Evaluated } from './evaluate-promql.ts';
import type { QueryWindow } from './grid.ts';
import { TooManySamplesError } from './promql-error.ts';

const LOOKBACK_MS = 300_000;

function ask(query: string, window: QueryWindow, stored: readonly Series[], maxSamples = 1e6): Evaluated {
  const selections = planSelections(parsePromql(query), window, LOOKBACK_MS);
  const series: Series[][] = [];
  for (const { ordinal, afterMs, untilMs } of selections) {
    series[ordinal] = stored.map((one) => {
      const isWithin = (_: number, at: number): boolean =>
        (one.timestamps[at] ?? 0) > afterMs && (one.timestamps[at] ?? 0) <= untilMs;
      return { ...one, timestamps: one.timestamps.filter(isWithin), values: one.values.filter(isWithin) };
    });
  }
  return evaluatePromql({ query, window, series, limits: { maxSamples } });
}

function counter(
  samples: readonly (readonly [number, number])[],
  name = 'x_total',
  extra: [string, string][] = [],
): Series {
  return {
    labels: labelsOf([['__name__', name], ...extra]),
    timestamps: Float64Array.from(samples, ([time]) => time),
    values: Float64Array.from(samples, ([, value]) => value),
  };
}

/** Irregular gaps, values that rise and sometimes fall to something small. */
const samples = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.integer({ min: 0, max: 50 }), fc.boolean()), {
    minLength: 1,
    maxLength: 60,
  })
  .map((steps) => {
    let [time, value] = [0, 0];
    return steps.map(([gap, increase, resets]): [number, number] => {
      time += gap;
      value = resets && increase < 5 ? increase : value + increase;
      return [time, value];
    });
  });

/** The definition of `rate` and `increase`, for one window at a time. */
function naiveIncrease(
  all: readonly (readonly [number, number])[],
  startMs: number,
  endMs: number,
): number | undefined {
  const inside = all.filter(([time]) => time > startMs && time <= endMs);
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined || inside.length < 2) return undefined;
  let increase = last[1] - first[1];
  inside.forEach(([, value], at) => {
    const previous = inside[at - 1]?.[1] ?? 0;
    if (at > 0 && value < previous) increase += previous;
  });
  const sampled = last[0] - first[0];
  const average = sampled / (inside.length - 1);
  const limit = average * 1.1;
  const toEnd = endMs - last[0] < limit ? endMs - last[0] : average / 2;
  let toStart = first[0] - startMs < limit ? first[0] - startMs : average / 2;
  if (increase > 0) toStart = Math.min(toStart, sampled * (first[1] / increase));
  return (increase * (sampled + toStart + toEnd)) / sampled;
}

describe('a query over all steps at once', () => {
  it('has for rate and increase at each step what one window gives', () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 120 }),
        (all, rangeS, stepS) => {
          const window = { startMs: 0, endMs: 600_000, stepMs: stepS * 1000 };
          const { result } = ask(`increase(x_total[${rangeS}s])`, window, [counter(all)]);
          const wanted = new Map<number, number>();
          for (let time = 0; time <= window.endMs; time += window.stepMs) {
            const increase = naiveIncrease(all, time - rangeS * 1000, time);
            if (increase !== undefined) wanted.set(time, increase);
          }
          const [series] = result.type === 'matrix' ? result.series : [];
          expect([...(series?.timestamps ?? [])]).toEqual([...wanted.keys()]);
          [...wanted.values()].forEach((value, at) => {
            expect(series?.values[at]).toBeCloseTo(value, 6);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    'x_total',
    'sum(x_total)',
    'sum by (a) (rate(x_total[1m])) / 2',
    'avg_over_time(x_total[45s:10s])',
    'x_total offset 30s or vector(1)',
    'max_over_time(x_total[1m] offset 10s) - x_total',
    'topk(1, x_total)',
    'x_total > bool 10 and on (a) x_total',
    'changes(x_total[2m])',
    'quantile_over_time(0.5, x_total[1m])',
    'sum(x_total @ 60) + sum(x_total)',
    'absent(x_total)',
    'timestamp(x_total)',
  ])('%s as a range query is the same as instant queries', (query) => {
    fc.assert(
      fc.property(samples, samples, (left, right) => {
        const stored = [counter(left, 'x_total', [['a', 'l']]), counter(right, 'x_total', [['a', 'r']])];
        const window = { startMs: 0, endMs: 200_000, stepMs: 40_000 };
        const asRange = ask(query, window, stored).result;
        if (asRange.type !== 'matrix') throw new Error(asRange.type);
        const found = asRange.series.flatMap(({ labels, timestamps, values }) =>
          [...timestamps].map((time, at) => [labels.join(), time, values[at]] as const),
        );
        const wanted = [0, 1, 2, 3, 4, 5].flatMap((step) => {
          const atMs = step * window.stepMs;
          const { result } = ask(query, { startMs: atMs, endMs: atMs, stepMs: 0 }, stored);
          return result.type === 'vector'
            ? result.series.map(({ labels, values }) => [labels.join(), atMs, values[0]] as const)
            : [];
        });
        const sorted = (list: readonly (readonly [string, number, number | undefined])[]): unknown =>
          [...list].sort(([a, b], [c, d]) => (a < c ? -1 : a > c ? 1 : b - d));
        expect(sorted(found)).toEqual(sorted(wanted));
      }),
      { numRuns: 60 },
    );
  });

  it('ends a series at its stale marker, and tells it from other NaNs', () => {
    const series = counter([
      [0, 1],
      [60_000, NaN],
      [120_000, 3],
    ]);
    const window = { startMs: 0, endMs: 120_000, stepMs: 60_000 };
    expect(ask('x_total', window, [series]).result).toMatchObject({
      series: [{ values: Float64Array.of(1, NaN, 3) }],
    });
    markStale(series.values, 1);
    expect(ask('x_total', window, [series]).result).toMatchObject({
      series: [{ values: Float64Array.of(1, 3) }],
    });
    expect(
      ask('count_over_time(x_total[5m])', { startMs: 120_000, endMs: 120_000, stepMs: 0 }, [series]).result,
    ).toMatchObject({
      series: [{ values: Float64Array.of(2) }],
    });
  });

  it('stops at its budget, and when it is told to', () => {
    const series = counter(Array.from({ length: 100 }, (_, at): [number, number] => [at * 1000, at]));
    const window = { startMs: 0, endMs: 99_000, stepMs: 1000 };
    expect(() => ask('rate(x_total[10s])', window, [series], 50)).toThrow(TooManySamplesError);
    const limits = {
      maxSamples: 1e6,
      checkpoint: () => {
        throw new Error('stop');
      },
    };
    expect(() => evaluatePromql({ query: 'x_total', window, series: [[series]], limits })).toThrow('stop');
  });

  it.each(['max_over_time(vector(1)[290y:1ms])', 'sum_over_time(vector(time())[1h:1ms])'])(
    'makes no room for more steps than it may: %s',
    (query) => {
      const window = { startMs: 0, endMs: 0, stepMs: 0 };
      expect(() => ask(query, window, [])).toThrow(TooManySamplesError);
    },
  );

  it.each([
    'x[2 ^ 9999]',
    'x offset (2 ^ 40)',
    'x offset (-(2 ^ 9999))',
    'x[300y]',
    'max_over_time(x[1m:2 ^ 9999])',
  ])('refuses a duration that is longer than any: %s', (query) => {
    expect(() => ask(query, { startMs: 0, endMs: 0, stepMs: 0 }, [])).toThrow('duration out of range');
  });

  it('plans what is needed of subqueries, offsets and moments', () => {
    const window = { startMs: 1_000_000, endMs: 2_000_000, stepMs: 10_000 };
    const plan = (query: string): unknown => {
      const [selection] = planSelections(parsePromql(query), window, LOOKBACK_MS);
      return [selection?.afterMs, selection?.untilMs];
    };
    expect(plan('x')).toEqual([700_000, 2_000_000]);
    expect(plan('rate(x[1m] offset 1m)')).toEqual([880_000, 1_940_000]);
    expect(plan('max_over_time(x[10m:1m])')).toEqual([120_000, 1_980_000]);
    expect(plan('x @ start()')).toEqual([700_000, 1_000_000]);
    expect(plan('sum_over_time(rate(x[1m])[10m:1m] @ 1200 offset 1m)')).toEqual([540_000, 1_140_000]);
  });
});
