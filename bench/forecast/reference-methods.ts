/**
 * The benchmark methods of the M4 competition, as its organisers defined them (Makridakis et al. 2020, M4-methods): the baselines
 * that OWA divides by, and the proof that our scorer scores as theirs does. Not what the product forecasts with.
 */
export type ReferenceMethod = (training: Float64Array, period: number, horizon: number) => Float64Array;

const CONFIDENCE_90 = 1.645;

/** The last value, or the last cycle, again and again. */
export const seasonalNaive: ReferenceMethod = (training, period, horizon) =>
  Float64Array.from(
    { length: horizon },
    (_, step) => training[training.length - period + (step % period)] ?? Number.NaN,
  );

/** Naive on what is seasonally adjusted, where a test of autocorrelation says there is a season. */
export const naive2: ReferenceMethod = (training, period, horizon) =>
  adjusted(training, period, horizon, lastValue);

/** Simple exponential smoothing of the seasonally adjusted values. */
export const simpleSmoothing: ReferenceMethod = (training, period, horizon) =>
  adjusted(training, period, horizon, (values) => new Float64Array(horizon).fill(smoothedLevel(values)));

/** Half the regression line, half the smoothed line of doubled curvature. Assimakopoulos & Nikolopoulos 2000. */
export const theta: ReferenceMethod = (training, period, horizon) =>
  adjusted(training, period, horizon, (values) => {
    const { intercept, slope } = regressionLine(values);
    const doubled = values.map((value, row) => 2 * value - (intercept + slope * row));
    const level = smoothedLevel(doubled);
    return Float64Array.from(
      { length: horizon },
      (_, step) => (level + intercept + slope * (values.length + step)) / 2,
    );
  });

function lastValue(values: Float64Array, horizon: number): Float64Array {
  return new Float64Array(horizon).fill(values.at(-1) ?? Number.NaN);
}

function adjusted(
  training: Float64Array,
  period: number,
  horizon: number,
  method: (values: Float64Array, horizon: number) => Float64Array,
): Float64Array {
  if (!hasSeason(training, period)) return method(training, horizon);
  const indices = multiplicativeIndices(training, period);
  const index = (row: number): number => indices[row % period] ?? 1;
  return method(
    training.map((value, row) => value / index(row)),
    horizon,
  ).map((value, step) => value * index(training.length + step));
}

/** The 90 % test of M4: |acf(period)| against Bartlett's error of the lags before it. */
export function hasSeason(values: Float64Array, period: number): boolean {
  if (period <= 1 || values.length < 3 * period) return false;
  const mean = meanOf(values);
  const covariance = (lag: number): number => {
    let sum = 0;
    for (let row = lag; row < values.length; row += 1) {
      sum += ((values[row] ?? 0) - mean) * ((values[row - lag] ?? 0) - mean);
    }
    return sum;
  };
  const variance = covariance(0);
  let squares = 0;
  for (let lag = 1; lag < period; lag += 1) squares += (covariance(lag) / variance) ** 2;
  const limit = CONFIDENCE_90 * Math.sqrt((1 + 2 * squares) / values.length);
  return Math.abs(covariance(period) / variance) > limit;
}

/** Classical decomposition: means of value ÷ centred moving average by phase, of mean 1. */
function multiplicativeIndices(values: Float64Array, period: number): Float64Array {
  const sums = new Float64Array(period);
  const counts = new Float64Array(period);
  const half = Math.floor(period / 2);
  for (let row = half; row < values.length - half; row += 1) {
    let sum = 0;
    for (let near = row - half; near <= row + half; near += 1) {
      const isEdge = period % 2 === 0 && Math.abs(near - row) === half;
      sum += (values[near] ?? 0) * (isEdge ? 0.5 : 1);
    }
    const phase = row % period;
    sums[phase] = (sums[phase] ?? 0) + ((values[row] ?? 0) * period) / sum;
    counts[phase] = (counts[phase] ?? 0) + 1;
  }
  const means = sums.map((sum, phase) => sum / (counts[phase] ?? 1));
  const mean = meanOf(means);
  return means.map((value) => value / mean);
}

/** Last level of the smoothing, whose rate and first level have the least squared error. */
function smoothedLevel(values: Float64Array): number {
  let [low, high] = [1e-4, 0.9999];
  for (const divisions of [100, 20, 20]) {
    const width = (high - low) / divisions;
    let [best, bestError] = [low, Infinity];
    for (let point = 0; point <= divisions; point += 1) {
      const { error } = smoothing(values, low + point * width);
      if (error < bestError) [best, bestError] = [low + point * width, error];
    }
    [low, high] = [Math.max(1e-4, best - width), Math.min(0.9999, best + width)];
  }
  return smoothing(values, (low + high) / 2).level;
}

/** For a rate the error is quadratic in the first level: e[t] = u[t] − (1 − rate)^t · level. */
function smoothing(values: Float64Array, rate: number): { level: number; error: number } {
  let [level, decay, squares, products, decays] = [0, 1, 0, 0, 0];
  for (const value of values) {
    const error = value - level;
    squares += error * error;
    products += error * decay;
    decays += decay * decay;
    level += rate * error;
    decay *= 1 - rate;
  }
  const first = products / decays;
  return { level: level + decay * first, error: squares - products * first };
}

function regressionLine(values: Float64Array): { intercept: number; slope: number } {
  const middle = (values.length - 1) / 2;
  const mean = meanOf(values);
  let [products, squares] = [0, 0];
  for (let row = 0; row < values.length; row += 1) {
    products += (row - middle) * ((values[row] ?? 0) - mean);
    squares += (row - middle) ** 2;
  }
  const slope = products / squares;
  return { intercept: mean - slope * middle, slope };
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
