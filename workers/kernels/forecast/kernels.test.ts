import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoregression, cycleLags, neighbourLags } from './autoregression.ts';
import { decompose, movingTrend, seasonAt } from './decompose.ts';
import { thetaPass } from './dynamic-theta.ts';
import { smooth } from './exponential-smoothing.ts';
import { minimise } from './minimise.ts';
import { piecewiseLine } from './piecewise-line.ts';
import { solveRidge } from './solve-ridge.ts';
import { quantileOf } from './statistics.ts';
import { hourlySeries } from './synthetic-series.ts';
import { runningMedian, winsorise } from './winsorise.ts';

const finite = fc.double({ min: -100, max: 100, noNaN: true });
const seriesOf = (minLength: number, maxLength = 80): fc.Arbitrary<Float64Array> =>
  fc.array(finite, { minLength, maxLength }).map((values) => Float64Array.from(values));
const rate = fc.double({ min: 0.01, max: 0.99, noNaN: true });

describe('decomposition', () => {
  it('sums back to the series, and its seasons have mean 0', () => {
    fc.assert(
      fc.property(
        seriesOf(30),
        fc.uniqueArray(fc.integer({ min: 2, max: 12 }), { maxLength: 3 }),
        (values, list) => {
          const periods = list.sort((left, right) => left - right);
          const { seasons, adjusted } = decompose(values, periods);
          expect(seasons.map(({ period }) => period)).toEqual(periods);
          values.forEach((value, row) => {
            expect((adjusted[row] ?? 0) + seasonAt(seasons, row)).toBeCloseTo(value, 8);
          });
          for (const { profile } of seasons) {
            expect(profile.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 8);
          }
        },
      ),
    );
  });

  it('finds day and week exactly where there is nothing else', () => {
    const { adjusted } = decompose(hourlySeries(168 * 6, 1, 0), [24, 168]);
    const mean = adjusted.reduce((sum, value) => sum + value, 0) / adjusted.length;
    expect(Math.max(...adjusted.map((value) => Math.abs(value - mean)))).toBeLessThan(0.5);
  });

  it('the trend is the centred moving average of a naive loop', () => {
    fc.assert(
      fc.property(seriesOf(30), fc.integer({ min: 2, max: 13 }), (values, period) => {
        const trend = movingTrend(values, period);
        const half = Math.floor(period / 2);
        for (let row = half; row < values.length - half; row += 1) {
          let sum = 0;
          for (let near = -half; near <= half; near += 1) {
            sum += (values[row + near] ?? 0) * (period % 2 === 0 && Math.abs(near) === half ? 0.5 : 1);
          }
          expect(trend[row]).toBeCloseTo(sum / period, 8);
        }
      }),
    );
  });
});

describe('exponential smoothing', () => {
  it('is the recursion of the book: ETS(A,Ad,A), written with all states kept', () => {
    fc.assert(
      fc.property(seriesOf(20, 40), rate, rate, rate, rate, (values, level, trend, damping, season) => {
        const profile = Float64Array.of(3, -1, -2);
        const model = { hasTrend: true, hasMemory: false, seasons: [{ period: 3, profile }] };
        const rates = { level, trend, damping, seasons: Float64Array.of(season), memory: 0 };
        const { forecast } = smooth(values, model, rates, 5);
        const expected = naiveSmoothing([...values], [...profile], { level, trend, damping, season }, 5);
        expected.forEach((value, step) => {
          expect(forecast[step]).toBeCloseTo(value, 6);
        });
      }),
    );
  });

  it('remembers an error as far as it is autocorrelated', () => {
    const rates = { level: 0, trend: 0, damping: 0, seasons: new Float64Array(0), memory: 0.5 };
    const values = Float64Array.from({ length: 21 }, (_, row) => (row === 20 ? 18 : 10));
    const { forecast } = smooth(values, { hasTrend: false, hasMemory: true, seasons: [] }, rates, 3);
    expect([...forecast]).toEqual([14, 12, 11]);
  });
});

/** States in arrays over all time, as in Hyndman et al. 2008, table 2.2. */
function naiveSmoothing(
  values: readonly number[],
  profile: readonly number[],
  rates: { level: number; trend: number; damping: number; season: number },
  horizon: number,
): number[] {
  const period = profile.length;
  const first = values.slice(0, 10).map((value, row) => value - (profile[row % period] ?? 0));
  const levels = [first.reduce((sum, value) => sum + value, 0) / first.length];
  const trends = [0];
  const seasons = [...profile];
  values.forEach((value, row) => {
    const [level = 0, trend = 0, season = 0] = [levels[row], trends[row], seasons[row]];
    const error = value - (level + rates.damping * trend + season);
    levels.push(level + rates.damping * trend + rates.level * error);
    trends.push(rates.damping * trend + rates.trend * error);
    seasons.push(season + rates.season * error);
  });
  return Array.from({ length: horizon }, (_, step) => {
    let damped = 0;
    for (let power = 1; power <= step + 1; power += 1) damped += rates.damping ** power;
    const season = seasons[values.length + (step % period)] ?? 0;
    return (levels.at(-1) ?? 0) + damped * (trends.at(-1) ?? 0) + season;
  });
}

describe('dynamic theta', () => {
  it('is the recursion of the paper, with powers and regression computed anew at each row', () => {
    fc.assert(
      fc.property(
        seriesOf(5, 30),
        rate,
        fc.double({ min: 1, max: 8, noNaN: true }),
        (values, smoothing, curvature) => {
          const { forecast } = thetaPass(values, { rate: smoothing, theta: curvature }, 4);
          const expected = naiveTheta([...values], smoothing, curvature, 4);
          expected.forEach((value, step) => {
            expect(forecast[step]).toBeCloseTo(value, 5);
          });
        },
      ),
    );
  });

  it('theta 1 is simple exponential smoothing', () => {
    const { forecast } = thetaPass(Float64Array.of(2, 4, 8), { rate: 0.5, theta: 1 }, 2);
    expect([...forecast]).toEqual([5.5, 5.5]);
  });
});

/** Fiorucci et al. 2016: the line of all values so far is that of least squares. */
function naiveTheta(values: number[], smoothing: number, curvature: number, horizon: number): number[] {
  const known = [...values];
  let level = known[0] ?? 0;
  const forecast: number[] = [];
  for (let time = 1; time < values.length + horizon; time += 1) {
    const { intercept, slope } = leastSquares(known.slice(0, time));
    let powers = 0;
    for (let power = 0; power <= time; power += 1) powers += (1 - smoothing) ** power;
    const expected = level + (1 - 1 / curvature) * ((1 - smoothing) ** time * intercept + powers * slope);
    if (time >= values.length) {
      forecast.push(expected);
      known.push(expected);
    }
    level = smoothing * (known[time] ?? 0) + (1 - smoothing) * level;
  }
  return forecast;
}

/** Of values at times 1, 2, …. */
function leastSquares(values: readonly number[]): { intercept: number; slope: number } {
  const [meanTime, mean] = [
    (values.length + 1) / 2,
    values.reduce((sum, value) => sum + value, 0) / values.length,
  ];
  let [products, squares] = [0, 0];
  values.forEach((value, index) => {
    products += (index + 1 - meanTime) * (value - mean);
    squares += (index + 1 - meanTime) ** 2;
  });
  const slope = squares === 0 ? 0 : products / squares;
  return { intercept: mean - slope * meanTime, slope };
}

describe('autoregression', () => {
  it('goes on with what obeys one exactly', () => {
    const series = new Float64Array(120);
    series.set([1, 0.5, -0.7]);
    for (let row = 3; row < 120; row += 1) {
      series[row] = 1.6 * (series[row - 1] ?? 0) - 0.999 * (series[row - 2] ?? 0);
    }
    const model = { isDifferenced: false, lags: [1, 2, 3, 4], ridge: 1e-12 };
    autoregression(series.subarray(0, 110), model, 10).forEach((value, step) => {
      expect(value).toBeCloseTo(series[110 + step] ?? 0, 1);
    });
  });

  it('of shifted and scaled values is shifted and scaled', () => {
    fc.assert(
      fc.property(seriesOf(40), fc.boolean(), finite, (values, isDifferenced, shift) => {
        const model = { isDifferenced, lags: [1, 2, 3, 7, 8], ridge: 1e-3 };
        const plain = autoregression(values, model, 6);
        autoregression(
          values.map((value) => 4 * value + shift),
          model,
          6,
        ).forEach((value, step) => {
          expect(value).toBeCloseTo(4 * (plain[step] ?? 0) + shift, 4);
        });
      }),
    );
  });

  it('lags leave rows to learn from', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 2_000 }),
        fc.integer({ min: 2, max: 1_000 }),
        (points, period) => {
          for (const lags of [neighbourLags(points, [period]), cycleLags(points, [period])]) {
            expect(lags).toEqual([...new Set(lags)].sort((left, right) => left - right));
            expect(lags[0]).toBe(1);
            expect(lags.at(-1) ?? 0).toBeLessThanOrEqual(points / 1.6);
          }
        },
      ),
    );
  });
});

describe('ridge', () => {
  it('solves what a product was made of', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 12, maxLength: 12 }), seriesOf(3, 3), (cells, solution) => {
        // AᵀA + I of a 4 × 3 matrix.
        const matrix = new Float64Array(9);
        for (let left = 0; left < 3; left += 1) {
          for (let right = 0; right < 3; right += 1) {
            for (let row = 0; row < 4; row += 1) {
              matrix[left * 3 + right] =
                (matrix[left * 3 + right] ?? 0) +
                (cells[row * 3 + left] ?? 0) * (cells[row * 3 + right] ?? 0);
            }
            if (left === right) matrix[left * 3 + right] = (matrix[left * 3 + right] ?? 0) + 1;
          }
        }
        const target = new Float64Array(3).map((_, row) =>
          solution.reduce((sum, value, column) => sum + value * (matrix[row * 3 + column] ?? 0), 0),
        );
        solveRidge(matrix, target, 0).forEach((value, index) => {
          expect(value).toBeCloseTo(solution[index] ?? 0, 4);
        });
      }),
    );
  });

  it('gives zeros for what has no solution', () => {
    expect([...solveRidge(new Float64Array(4), Float64Array.of(1, 1), 0)]).toEqual([0, 0]);
    expect([...solveRidge(Float64Array.of(Number.NaN, 0, 0, 1), Float64Array.of(1, 1), 0.1)]).toEqual([0, 0]);
  });
});

describe('winsorising', () => {
  it('the running median is that of a sorted slice', () => {
    fc.assert(
      fc.property(seriesOf(1), fc.integer({ min: 0, max: 12 }), (values, reach) => {
        const medians = runningMedian(values, reach);
        values.forEach((_, row) => {
          const near = values.slice(Math.max(0, row - reach), row + reach + 1).sort();
          expect(medians[row]).toBeCloseTo(quantileOf(near, 0.5), 12);
        });
      }),
    );
  });

  it('draws a spike in, and leaves a new level and sparse counts alone', () => {
    const noisy = hourlySeries(200, 1, 1);
    const spiked = noisy.map((value, row) => (row === 100 ? value + 500 : value));
    expect(Math.abs((winsorise(spiked, [24])[100] ?? 0) - (noisy[100] ?? 0))).toBeLessThan(60);
    const jumped = noisy.map((value, row) => (row >= 196 ? value + 500 : value));
    expect([...winsorise(jumped, [24]).subarray(196)]).toEqual([...jumped.subarray(196)]);
    const counts = noisy.map((_, row) => (row % 20 === 0 ? 1 : 0));
    expect(winsorise(counts, [])).toEqual(counts);
  });
});

describe('bent line', () => {
  it('finds the last slope after a change', () => {
    const values = Float64Array.from({ length: 480 }, (_, row) => (row < 240 ? row : 240 + 5 * (row - 240)));
    expect(piecewiseLine(values).slope).toBeCloseTo(5, 0);
  });

  it('is one line through one', () => {
    const values = Float64Array.from({ length: 500 }, (_, row) => 7 - 0.25 * row);
    const { fitted, slope } = piecewiseLine(values);
    expect(slope).toBeCloseTo(-0.25, 6);
    fitted.forEach((value, row) => {
      expect(value).toBeCloseTo(values[row] ?? 0, 3);
    });
  });
});

describe('minimise', () => {
  it('finds the lowest point of a bowl, at a border too', () => {
    const bowl = (x: number, y: number) => (point: Float64Array) =>
      ((point[0] ?? 0) - x) ** 2 + 3 * ((point[1] ?? 0) - y) ** 2;
    const inside = minimise(bowl(0.3, 0.8), Float64Array.of(0.5, 0.5), 200).point;
    expect([...inside].map((value) => Math.round(value * 50) / 50)).toEqual([0.3, 0.8]);
    const [edge = 0] = minimise(bowl(-1, 0.5), Float64Array.of(0.5, 0.5), 200).point;
    expect(edge).toBeLessThan(0.01);
  });

  it('ends where every loss is the same or none is a number', () => {
    let calls = 0;
    minimise(() => (calls += 1) * Number.NaN, Float64Array.of(0.2, 0.2), 50);
    expect(calls).toBeLessThan(60);
  });
});
