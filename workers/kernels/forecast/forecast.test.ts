import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Forecast,
  forecast,
  type ForecastOptions,
  MOST_POINTS,
  MOST_STEPS,
  type RefusalReason,
} from './index.ts';
import { hourlySeries, normalNoise } from './synthetic-series.ts';

const HOUR = 3_600;
const usual: ForecastOptions = { intervalSeconds: HOUR, horizon: 24, coverage: 0.9 };

function expectForecast(values: Float64Array, options = usual): Forecast {
  const answer = forecast(values, options);
  if (answer.kind === 'refused') throw new Error(answer.message);
  return answer;
}

function expectSane({ median, lower, upper, models }: Forecast, horizon = usual.horizon): void {
  expect([median.length, lower.length, upper.length]).toEqual([horizon, horizon, horizon]);
  for (let step = 0; step < horizon; step += 1) {
    const [low = Number.NaN, middle = Number.NaN, high = Number.NaN] = [
      lower[step],
      median[step],
      upper[step],
    ];
    expect(Number.isFinite(low) && Number.isFinite(middle) && Number.isFinite(high)).toBe(true);
    expect(low).toBeLessThanOrEqual(middle);
    expect(high).toBeGreaterThanOrEqual(middle);
  }
  expect(models.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
}

describe('what is known to come', () => {
  it('goes on with day and week, and finds both', () => {
    const known = hourlySeries(960, 1, 0);
    const { median, periods } = expectForecast(known.subarray(0, 912), { ...usual, horizon: 48 });
    expect(periods).toEqual([24, 168]);
    const worst = Math.max(...median.map((value, step) => Math.abs(value - (known[912 + step] ?? 0))));
    expect(worst).toBeLessThan(2);
  });

  it('finds a period that no calendar has', () => {
    const next = normalNoise(3);
    const shape = (row: number): number => 50 + 10 * ((row % 37) / 37) + 0.5 * next();
    const { periods, median } = expectForecast(Float64Array.from({ length: 600 }, (_, row) => shape(row)));
    expect(periods).toContain(37);
    const errors = median.map((value, step) => Math.abs(value - (50 + 10 * (((600 + step) % 37) / 37))));
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(1);
  });

  it('repeats any shape that came over and over', () => {
    const shape = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(shape, fc.integer({ min: 6, max: 12 }), (values, cycles) => {
        const range = Math.max(...values) - Math.min(...values);
        const series = Float64Array.from(
          { length: values.length * cycles },
          (_, row) => values[row % values.length] ?? 0,
        );
        // Of a calendar's periods none is near: the shape is to be found in the series itself.
        const { median } = expectForecast(series, { ...usual, intervalSeconds: 1e9, horizon: values.length });
        const errors = median.map((value, step) => Math.abs(value - (values[step] ?? 0)));
        expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThanOrEqual(
          0.05 * range,
        );
      }),
      { numRuns: 15 },
    );
  });

  it('goes on with a line', () => {
    const line = Float64Array.from({ length: 200 }, (_, row) => 10 + 3 * row);
    const { median } = expectForecast(line, { ...usual, horizon: 10 });
    median.forEach((value, step) => {
      expect(Math.abs(value - (10 + 3 * (200 + step)))).toBeLessThan(3);
    });
  });

  it('starts from a new level', () => {
    const next = normalNoise(8);
    const jump = Float64Array.from({ length: 400 }, (_, row) => (row < 395 ? 20 : 60) + next());
    expect(expectForecast(jump).median[0]).toBeGreaterThan(45);
  });
});

describe('intervals', () => {
  it('cover what they say, of days with autocorrelated noise', () => {
    let [inside, count] = [0, 0];
    for (let seed = 1; seed <= 25; seed += 1) {
      const known = hourlySeries(528, seed, 3);
      const { lower, upper } = expectForecast(known.subarray(0, 504));
      for (let step = 0; step < 24; step += 1) {
        const value = known[504 + step] ?? 0;
        inside += Number(value >= (lower[step] ?? 0) && value <= (upper[step] ?? 0));
        count += 1;
      }
    }
    expect(inside / count).toBeGreaterThan(0.83);
    expect(inside / count).toBeLessThan(0.98);
  });

  it('are wider where more is to be covered, and where a random walk has gone further', () => {
    const next = normalNoise(5);
    let level = 1_000;
    const walk = Float64Array.from({ length: 300 }, () => (level += next()));
    const widths = [0.5, 0.8, 0.95].map((coverage) => {
      const { lower, upper } = expectForecast(walk, { ...usual, coverage });
      return upper.map((value, step) => value - (lower[step] ?? 0));
    });
    for (let step = 0; step < usual.horizon; step += 1) {
      expect(widths[0]?.[step] ?? 0).toBeLessThan(widths[1]?.[step] ?? 0);
      expect(widths[1]?.[step] ?? 0).toBeLessThan(widths[2]?.[step] ?? 0);
    }
    expect(widths[1]?.at(-1) ?? 0).toBeGreaterThan(1.5 * (widths[1]?.[0] ?? 0));
  });
});

describe('scale, gaps and length', () => {
  it('a series of another unit has the same forecast in that unit', () => {
    const series = hourlySeries(300, 2, 2);
    const plain = expectForecast(series);
    for (const factor of [1e-200, 1 / 1_024, 4, 2 ** 900]) {
      const scaled = expectForecast(series.map((value) => value * factor));
      scaled.upper.forEach((value, step) => {
        expect(value / factor / (plain.upper[step] ?? 0)).toBeCloseTo(1, 6);
      });
    }
  });

  it('says the same twice, and leaves its input alone', () => {
    const series = hourlySeries(300, 4, 2);
    const copy = series.slice();
    expect(forecast(series, usual)).toEqual(forecast(series, usual));
    expect(series).toEqual(copy);
  });

  it('gaps cost little', () => {
    const known = hourlySeries(648, 6, 0.5);
    const holed = known.map((value, row) =>
      row % 11 === 3 || (row > 300 && row < 315) ? Number.NaN : value,
    );
    const meanError = (series: Float64Array): number => {
      const { median } = expectForecast(series.subarray(0, 624));
      return median.reduce((sum, value, step) => sum + Math.abs(value - (known[624 + step] ?? 0)), 0) / 24;
    };
    // The day swings by 40.
    expect(meanError(known)).toBeLessThan(0.8);
    expect(meanError(holed)).toBeLessThan(1.6);
  });

  it('what is older than the newest points changes nothing', () => {
    const series = hourlySeries(MOST_POINTS, 7, 2);
    const longer = new Float64Array(MOST_POINTS + 500).fill(-1e9);
    longer.set(series, 500);
    expect(forecast(longer, usual)).toEqual(forecast(series, usual));
  });

  it('what never was below 0 is not forecast below it', () => {
    const falling = Float64Array.from({ length: 60 }, (_, row) => 59 - row);
    expect(Math.min(...expectForecast(falling).lower)).toBeGreaterThanOrEqual(0);
  });
});

describe('hostile series', () => {
  const filled = (length: number, value: number): Float64Array => new Float64Array(length).fill(value);

  it.each<[RefusalReason, Float64Array]>([
    ['empty', filled(0, 0)],
    ['all-missing', filled(100, Number.NaN)],
    ['all-missing', filled(100, -Infinity)],
    ['too-few-points', filled(1, 5)],
    ['too-few-points', filled(7, 1e300)],
    ['mostly-missing', filled(100, Number.NaN).map((value, row) => (row % 10 === 0 ? row : value))],
  ])('refuses: %s', (reason, values) => {
    expect(forecast(values, usual)).toMatchObject({ kind: 'refused', reason });
  });

  it.each([0, -3, 5e-324, 1e300, -1e300, Number.MAX_VALUE])('stays at a constant %d', (value) => {
    const answer = expectForecast(filled(100, value));
    expectSane(answer);
    answer.median.forEach((middle, step) => {
      expect(Math.abs(middle - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value));
      expect(Math.abs((answer.upper[step] ?? 0) - value)).toBeLessThanOrEqual(1e-9 * Math.abs(value));
    });
  });

  it.each([
    ['alternating extremes', filled(200, 0).map((_, row) => (row % 2 === 0 ? 1e308 : -1e308))],
    ['one spike', filled(200, 0).map((_, row) => (row === 150 ? 1e300 : 0))],
    ['a spike at the end', filled(200, 1).map((_, row) => (row === 199 ? 1e300 : 1))],
    [
      'infinities among values',
      hourlySeries(200, 9, 1).map((value, row) => (row % 7 === 0 ? Infinity : value)),
    ],
    ['exponential growth', filled(400, 0).map((_, row) => Math.exp(row))],
    ['tiny and huge', filled(100, 0).map((_, row) => (row % 3 === 0 ? 5e-324 : 1e307))],
    ['eight points', filled(8, 0).map((_, row) => row * row)],
    ['a series that stopped', hourlySeries(300, 3, 1).map((value, row) => (row > 200 ? Number.NaN : value))],
    ['sparse counts', filled(500, 0).map((_, row) => (row % 41 === 0 ? 3 : 0))],
    ['a step', filled(300, 0).map((_, row) => (row < 150 ? 1 : 1e6))],
  ])('answers: %s', (_, values) => {
    expectSane(expectForecast(values));
  });

  it('answers or refuses whatever is given, at any interval and horizon', () => {
    const value = fc.oneof(
      fc.double(),
      fc.constantFrom(0, 1, -1, Number.NaN, Infinity, -Infinity, 1e300, -1e300, 5e-324),
      fc.integer({ min: 0, max: 20 }),
    );
    const shapes = fc.record({
      values: fc.array(value, { maxLength: 120 }),
      intervalSeconds: fc.constantFrom(1e-9, 10, 60, HOUR, 86_400, 604_800, 1e12),
      horizon: fc.integer({ min: 1, max: 80 }),
      coverage: fc.constantFrom(0.01, 0.5, 0.8, 0.999),
    });
    fc.assert(
      fc.property(shapes, ({ values, ...options }) => {
        const answer = forecast(Float64Array.from(values), options);
        if (answer.kind === 'forecast') expectSane(answer, options.horizon);
        else expect(answer.message).not.toBe('');
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    { ...usual, horizon: 0 },
    { ...usual, horizon: 1.5 },
    { ...usual, horizon: MOST_STEPS + 1 },
    { ...usual, coverage: 1 },
    { ...usual, coverage: Number.NaN },
    { ...usual, intervalSeconds: 0 },
    { ...usual, intervalSeconds: Infinity },
  ])('throws of options that mean nothing: %o', (options) => {
    expect(() => forecast(filled(100, 1), options)).toThrow(RangeError);
  });
});
