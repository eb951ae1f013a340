import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANOMALY_SCORE,
  newSeries,
  newVerdict,
  observePoint,
  SERIES_BYTES,
  silenceScore,
  type Verdict,
} from './index.ts';
import { neighbourDistance, NEIGHBOURS_SIZE } from './lag-neighbours.ts';
import { seasonalLevel, SEASONS_SIZE } from './seasonal-level.ts';
import { FLAT_LINE_SIZE, flatLineSurprise } from './flat-line.ts';
import { observationOfSurprise, TAIL_SIZE, tailSurprise } from './tail-surprise.ts';
import { newViewStatistics, observeView, startView, VIEW_SIZE } from './value-view.ts';

const INTERVAL_MS = 300_000;

function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function observeAll(
  values: readonly number[],
  timeOf = (row: number): number => row * INTERVAL_MS,
): Verdict[] {
  const series = newSeries();
  return values.map((value, row) => {
    const verdict = newVerdict();
    observePoint(series, timeOf(row), value, verdict);
    return verdict;
  });
}

function noisy(count: number, seed = 1): number[] {
  const random = noise(seed);
  return Array.from({ length: count }, () => 100 + random() + random() + random());
}

describe('a series is judged', () => {
  it('as learning at first, with no score', () => {
    const verdicts = observeAll([...noisy(50), 1_000]);
    expect(verdicts.every(({ state, score }) => state === 'learning' && score === 0)).toBe(true);
  });

  it('by a spike: it begins an anomaly, above the band, and is reported once', () => {
    const values = noisy(1_000);
    values.fill(150, 900, 903);
    const verdicts = observeAll(values);
    const spike = verdicts[900];
    expect(spike).toMatchObject({ state: 'live', isOnset: true });
    expect(spike?.upper).toBeLessThan(150);
    expect(spike?.lower).toBeLessThan(100);
    expect(spike?.expected).toBeCloseTo(101.5, 0);
    expect(verdicts.slice(901, 903).some(({ isOnset }) => isOnset)).toBe(false);
  });

  it('by a level that shifts, and it gets used to the new one', () => {
    const values = noisy(2_000).map((value, row) => (row < 1_000 ? value : value + 10));
    const verdicts = observeAll(values);
    expect(verdicts.slice(1_000, 1_010).some(({ isOnset }) => isOnset)).toBe(true);
    expect(verdicts.slice(1_700).filter(({ score }) => score >= ANOMALY_SCORE).length).toBeLessThan(10);
  });

  it('by noise that grows', () => {
    const values = noisy(2_000).map((value, row) => (row < 1_500 ? value : 101.5 + 8 * (value - 101.5)));
    const reported = observeAll(values).slice(1_500, 1_530);
    expect(reported.some(({ isOnset }) => isOnset)).toBe(true);
  });

  it('by a day it learned: the usual value at an unusual hour is an anomaly', () => {
    const random = noise(3);
    const dayPoints = 288;
    const values = Array.from({ length: 12 * dayPoints }, (_, row) => {
      const isDay = row % dayPoints >= dayPoints / 2;
      return (isDay ? 100 : 20) + random();
    });
    values.fill(100, 11 * dayPoints + 60, 11 * dayPoints + 70);
    const verdicts = observeAll(values);
    expect(verdicts[11 * dayPoints + 60]).toMatchObject({ isOnset: true });
    expect(verdicts[11 * dayPoints + 60]?.expected).toBeCloseTo(20.5, 0);
    expect(verdicts[11 * dayPoints + 200]?.expected).toBeCloseTo(100.5, 0);
  });

  it('by what is large beside a quiet hour and small beside a day', () => {
    const random = noise(7);
    const hours = 28 * 24;
    const values = Array.from({ length: hours }, (_, hour) => {
      const inDay = hour % 24;
      const wave = 100 * Math.sin((2 * Math.PI * inDay) / 24);
      return 200 + wave + 4 * random();
    });
    // At night, not even half way to the value of noon.
    values[26 * 24 + 18] = 160;
    const verdicts = observeAll(values, (row) => row * 3_600_000);
    expect(verdicts[26 * 24 + 18]).toMatchObject({ isOnset: true });
    expect(verdicts[26 * 24 + 18]?.upper).toBeLessThan(160);
    const others = verdicts.slice(14 * 24).filter(({ isOnset }) => isOnset).length;
    expect(others).toBeLessThanOrEqual(3);
  });

  it('by a line that goes flat', () => {
    const values = noisy(1_000);
    values.fill(values[899] ?? 0, 900);
    const verdicts = observeAll(values);
    const first = verdicts.slice(900).findIndex(({ isOnset }) => isOnset);
    expect(first).toBeGreaterThan(5);
    expect(first).toBeLessThan(35);
    expect(verdicts[900 + first]?.detector).toBe('flat-line');
  });

  it('by a line that goes flat for longer than it ever has, and not as long', () => {
    const values = noisy(2_000);
    for (const [from, to] of [
      [400, 450],
      [900, 945],
      [1_400, 1_600],
    ] as const) {
      values.fill(values[from] ?? 0, from, to);
    }
    const flat = observeAll(values).flatMap(({ isOnset, detector }, row) =>
      isOnset && detector === 'flat-line' ? [row] : [],
    );
    expect(flat.filter((row) => row >= 400 && row < 450)).toHaveLength(1);
    expect(flat.filter((row) => row >= 900 && row < 945)).toHaveLength(0);
    expect(flat.filter((row) => row >= 1_450 && row < 1_600)).toHaveLength(1);
  });

  it('by its silence', () => {
    const series = newSeries();
    noisy(200).forEach((value, row) => {
      observePoint(series, row * INTERVAL_MS, value, newVerdict());
    });
    const lastMs = 199 * INTERVAL_MS;
    expect(silenceScore(series, lastMs + 2 * INTERVAL_MS)).toBeLessThan(ANOMALY_SCORE);
    expect(silenceScore(series, lastMs + 10 * INTERVAL_MS)).toBeGreaterThan(ANOMALY_SCORE);
    expect(silenceScore(newSeries(), lastMs)).toBe(0);
  });

  it('by its silence as the exponential law has it, whatever the interval', () => {
    const interval = fc.integer({ min: 1, max: 100_000_000 });
    fc.assert(
      fc.property(interval, fc.double({ min: 0.01, max: 500, noNaN: true }), (intervalMs, intervals) => {
        const series = newSeries();
        for (let row = 0; row < 80; row += 1) observePoint(series, row * intervalMs, row % 7, newVerdict());
        const surprise = -Math.log10(Math.exp(-intervals));
        expect(silenceScore(series, (79 + intervals) * intervalMs)).toBeCloseTo(surprise / (surprise + 4), 6);
      }),
      { numRuns: 30 },
    );
  });

  it('more strictly as points come oftener, as far as that was measured', () => {
    const values = noisy(400);
    values[350] = 110;
    const scoreAt = (intervalMs: number): number =>
      observeAll(values, (row) => row * intervalMs)[350]?.score ?? Number.NaN;
    expect(scoreAt(60_000)).toBeLessThan(scoreAt(INTERVAL_MS));
    expect(scoreAt(INTERVAL_MS)).toBeLessThan(scoreAt(3_600_000));
    expect(scoreAt(30_000)).toBeCloseTo(scoreAt(60_000), 2);
  });

  it('and what comes again soon, no worse, is not reported again', () => {
    const values = noisy(2_000);
    for (const row of [900, 930, 960, 1_700]) values[row] = 150;
    const verdicts = observeAll(values);
    const reported = verdicts.flatMap(({ isOnset }, row) => (isOnset && values[row] === 150 ? [row] : []));
    expect(reported).toStrictEqual([900, 1_700]);
  });

  it('the same whatever the unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: -20, max: 20 }), (seed, power) => {
        const values = noisy(300, seed);
        values[250] = 120;
        const scaled = observeAll(values.map((value) => value * 2 ** power));
        observeAll(values).forEach(({ score, detector }, row) => {
          expect(scaled[row]?.score).toBeCloseTo(score, 9);
          expect(scaled[row]?.detector).toBe(detector);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('the same wherever its zero is, but for rounding', () => {
    const values = noisy(300);
    values[250] = 120;
    const shifted = observeAll(values.map((value) => value + 1_024));
    observeAll(values).forEach(({ score }, row) => {
      expect(shifted[row]?.score).toBeCloseTo(score, 4);
    });
  });

  it('by its past alone', () => {
    const values = noisy(400);
    const longer = observeAll([...values, 1e6, -1e6]);
    expect(longer.slice(0, 400)).toStrictEqual(observeAll(values));
  });
});

describe('points that are none', () => {
  it('no number and no time are missing, and not learned', () => {
    const series = newSeries();
    const verdict = newVerdict();
    observePoint(series, 0, 1, verdict);
    const before = series.slice();
    for (const [unixMs, value] of [
      [1, Number.NaN],
      [1, Number.POSITIVE_INFINITY],
      [1, Number.NEGATIVE_INFINITY],
      [Number.NaN, 1],
    ] as const) {
      observePoint(series, unixMs, value, verdict);
      expect(verdict).toMatchObject({ state: 'missing', score: 0, isOnset: false });
    }
    expect(series).toStrictEqual(before);
  });

  it('late and doubled points are not learned, until the clock was set back', () => {
    const series = newSeries();
    const verdict = newVerdict();
    noisy(100).forEach((value, row) => {
      observePoint(series, 1e9 + row * INTERVAL_MS, value, verdict);
    });
    observePoint(series, 1e9 + 99 * INTERVAL_MS, 1e6, verdict);
    expect(verdict.state).toBe('late');
    const states = noisy(40).map((value, row) => {
      observePoint(series, row * INTERVAL_MS, value, verdict);
      return verdict.state;
    });
    expect(states.slice(0, 15)).toStrictEqual(Array.from({ length: 15 }, () => 'late'));
    expect(states.slice(16).every((state) => state === 'live')).toBe(true);
  });

  it('whatever comes, answers are sane and memory is the same', () => {
    const hostile = fc.oneof(
      fc.double(),
      fc.constantFrom(0, -0, 1, 1e300, -1e300, 1.7e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 300 }), (points) => {
        const series = newSeries();
        const verdict = newVerdict();
        for (let round = 0; round < 3; round += 1) {
          points.forEach(([unixMs, value], row) => {
            observePoint(series, round === 0 ? unixMs : 1e6 * round + row, value, verdict);
            expect(verdict.score).toBeGreaterThanOrEqual(0);
            expect(verdict.score).toBeLessThan(1);
            expect(Number.isNaN(silenceScore(series, unixMs))).toBe(false);
          });
        }
        expect(series.some((number) => Number.isNaN(number))).toBe(false);
        expect(series.byteLength).toBe(SERIES_BYTES);
      }),
      { numRuns: 100 },
    );
    expect(SERIES_BYTES).toBeLessThan(9_216);
  });

  it('a single point, doubled and turned times are learned once each', () => {
    const one = newSeries();
    const verdict = newVerdict();
    observePoint(one, 5, 1e300, verdict);
    expect(verdict).toMatchObject({ state: 'learning', score: 0 });
    expect(silenceScore(one, 1e300)).toBe(0);
    const times = Array.from({ length: 200 }, (_, row) => row * INTERVAL_MS);
    const stateOf = (some: readonly number[]): Float64Array => {
      const series = newSeries();
      for (const unixMs of some) observePoint(series, unixMs, unixMs % 7, verdict);
      return series;
    };
    const ordered = stateOf(times);
    expect(stateOf(times.flatMap((unixMs) => [unixMs, unixMs])).slice(0, 2)).toEqual(ordered.slice(0, 2));
    // Each pair is turned: its second is late.
    const turned = times.map((_, row) => times[row % 2 === 0 ? row + 1 : row - 1] ?? 0);
    expect(stateOf(turned)[0]).toBe(100);
  });

  it.each([0, 7, 1e300, -1e300])('a constant %d is no anomaly, a first change is', (constant) => {
    const verdicts = observeAll(Array.from({ length: 500 }, () => constant));
    expect(verdicts.every(({ score }) => score === 0)).toBe(true);
    const changed = observeAll([
      ...Array.from({ length: 500 }, () => constant),
      constant === 0 ? 1 : -constant,
    ]);
    expect(changed.at(-1)?.isOnset).toBe(true);
  });
});

describe('beside naive oracles', () => {
  it('the tail: surprise is −log10 of the share of values above', () => {
    const state = new Float64Array(TAIL_SIZE);
    const random = noise(5);
    const exponential = (): number => -Math.log(1 - random());
    for (let count = 0; count < 20_000; count += 1) tailSurprise(state, 0, exponential(), 0);
    const sample = Array.from({ length: 200_000 }, exponential).sort((a, b) => a - b);
    for (const share of [0.1, 0.01, 0.001]) {
      const exact = sample[Math.floor(sample.length * (1 - share))] ?? 0;
      expect(tailSurprise(state.slice(), 0, exact, 0)).toBeGreaterThan(-Math.log10(share) - 0.6);
      expect(tailSurprise(state.slice(), 0, exact, 0)).toBeLessThan(-Math.log10(share) + 0.6);
    }
  });

  it('the tail: an observation of a surprise is as surprising', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 1, max: 8, noNaN: true }), (seed, surprise) => {
        const state = new Float64Array(TAIL_SIZE);
        const random = noise(seed);
        for (let count = 0; count < 300; count += 1) tailSurprise(state, 0, random() ** 3, 0);
        const observed = observationOfSurprise(state, 0, surprise);
        expect(tailSurprise(state, 0, observed, 0)).toBeCloseTo(surprise, 6);
      }),
    );
  });

  it('neighbours: before any is forgotten, the second least distance of all lag vectors', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 14, maxLength: 36 }),
        (values) => {
          const state = new Float64Array(NEIGHBOURS_SIZE);
          let distance = 0;
          for (const value of values) distance = neighbourDistance(state, 0, value);
          const vectors = values.slice(5).map((_, row) => values.slice(row, row + 6));
          const last = vectors.pop() ?? [];
          const distances = vectors.map((vector) =>
            Math.hypot(...vector.map((value, lag) => value - (last[lag] ?? 0))),
          );
          expect(distance).toBeCloseTo(distances.sort((a, b) => a - b)[1] ?? 0, 9);
        },
      ),
    );
  });

  it('seasons: between the middles of two buckets it is drawn, as far as points are closer than buckets', () => {
    const bucketMs = 300_000;
    const hourMs = 12 * bucketMs;
    // A triangle over the hour, which steps of a bucket would miss by half a step.
    const triangle = (unixMs: number): number => Math.abs((unixMs % hourMs) - hourMs / 2) / bucketMs;
    const worst = (intervalMs: number): number => {
      const state = new Float64Array(SEASONS_SIZE);
      let most = 0;
      for (let unixMs = 0; unixMs < 30 * hourMs; unixMs += intervalMs) {
        const value = triangle(unixMs);
        const expected = seasonalLevel(state, 0, unixMs, intervalMs, value, 3);
        const inHour = unixMs % hourMs;
        const isSlope =
          Math.abs(inHour - hourMs / 2) > bucketMs && inHour > bucketMs && inHour < 11 * bucketMs;
        if (unixMs > 28 * hourMs && isSlope) most = Math.max(most, Math.abs(expected - value));
      }
      return most;
    };
    expect(worst(30_000)).toBeLessThan(0.1);
    expect(worst(bucketMs / 5)).toBeLessThan(0.25);
    expect(worst(bucketMs)).toBeLessThan(1e-9);
  });

  it('seasons: what is expected lies between what the bucket and its neighbours have seen', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 3_599 }), fc.integer({ min: -50, max: 50 })), {
          minLength: 1,
          maxLength: 400,
        }),
        fc.integer({ min: 0, max: 600_000 }),
        (points, intervalMs) => {
          const state = new Float64Array(SEASONS_SIZE);
          const seen = new Map<number, number[]>();
          points.forEach(([second, value], hour) => {
            const level = 0;
            const expected = seasonalLevel(
              state,
              0,
              (hour * 3_600 + second) * 1_000,
              intervalMs,
              value,
              level,
            );
            expect(Number.isFinite(expected)).toBe(true);
            expect(Math.abs(expected)).toBeLessThanOrEqual(
              Math.max(0, ...[...seen.values()].flat().map((each) => Math.abs(each))),
            );
            const place = Math.floor(second / 300);
            seen.set(place, [...(seen.get(place) ?? []), value]);
          });
        },
      ),
    );
  });

  it('flat lines: the tail of runs that are longer than any before', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 }), (runs) => {
        const state = new Float64Array(FLAT_LINE_SIZE);
        let longest = 0;
        for (const run of runs) {
          for (let repeats = 1; repeats <= run; repeats += 1) {
            const surprise = flatLineSurprise(state, 0, true, true);
            const share = Math.max(0.7, state[1] ?? 0);
            const exact = Math.min(8, -Math.max(0, repeats - longest) * Math.log10(share));
            expect(surprise).toBeCloseTo(exact, 1);
          }
          expect(flatLineSurprise(state, 0, false, true)).toBe(0);
          longest = Math.max(longest, run);
        }
      }),
    );
    expect(flatLineSurprise(new Float64Array(FLAT_LINE_SIZE), 0, true, false)).toBe(0);
  });

  it('a view: distance and step are those of the means as they were', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 2, maxLength: 80 }),
        (values) => {
          const state = new Float64Array(VIEW_SIZE);
          const statistics = newViewStatistics();
          const rates = { fast: 1 / 2, medium: 1 / 4, slow: 1 / 8 };
          startView(state, 0, values[0] ?? 0);
          const weighted = (series: readonly number[], rate: number, first: number): number =>
            series.reduce((mean, value) => (1 - rate) * mean + rate * value, first);
          values.forEach((value, row) => {
            observeView(state, 0, value, rates, 0, statistics);
            const before = weighted(values.slice(0, row), rates.medium, values[0] ?? 0);
            expect(statistics.distance).toBeCloseTo(Math.abs(value - before), 9);
            expect(statistics.level).toBeCloseTo(before + rates.medium * (value - before), 9);
            const steps = values
              .slice(0, row + 1)
              .map((each, at) => Math.abs(each - (values[at - 1] ?? each)));
            const usual = weighted(steps, rates.slow, 0);
            expect(statistics.step).toBe(steps[row]);
            expect(statistics.usualStep).toBeCloseTo(usual, 9);
            expect(statistics.stepRatio).toBeCloseTo(
              usual > 0 ? weighted(steps, rates.fast, 0) / usual : 0,
              9,
            );
          });
        },
      ),
    );
  });

  it('seasons: a bucket expects the mean of what it has seen', () => {
    const state = new Float64Array(SEASONS_SIZE);
    const halfHourMs = 1_800_000;
    const days = Array.from({ length: 21 }, (_, day) =>
      Array.from({ length: 48 }, (_slot, slot) => {
        const value = slot === 10 ? 50 : Math.floor(slot / 24);
        const timeMs = (day * 48 + slot) * halfHourMs;
        return { value, expected: seasonalLevel(state, 0, timeMs, halfHourMs, value, 0.5) };
      }),
    );
    for (const { value, expected } of days[20] ?? []) expect(expected).toBeCloseTo(value, 9);
  });
});
