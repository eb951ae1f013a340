import { solveRidge } from './solve-ridge.ts';
import { meanOf, rangeOf } from './statistics.ts';

export interface AutoregressionModel {
  /** Whether changes from point to point are regressed instead of values. */
  readonly isDifferenced: boolean;
  /** Ascending, in points. */
  readonly lags: readonly number[];
  /** Share of the mean diagonal that is added to it. */
  readonly ridge: number;
}

/**
 * Regression of a series on its own past, at close lags and around whole cycles: the sparse seasonal AR of Box & Jenkins with ridge
 * (Hoerl & Kennard 1970) in place of a choice of order. Forecasts step by step; values beyond twice the range of the series are cut, so that an unstable
 * regression cannot run away.
 *
 * @param values series of n points on the working scale
 * @returns `horizon` values. Cost: O(n · lags² + lags³)
 */
export function autoregression(
  values: Float64Array,
  { isDifferenced, lags, ridge }: AutoregressionModel,
  horizon: number,
): Float64Array {
  const series = isDifferenced ? differences(values) : values;
  const centre = meanOf(series);
  const centred = series.map((value) => value - centre);
  const weights = fitLags(centred, lags, ridge);
  const path = extend(centred, lags, weights, horizon);
  const [low, high] = allowedRange(values);
  let last = values.at(-1) ?? 0;
  return path.map((value) => {
    last = isDifferenced ? last + value + centre : value + centre;
    last = Math.min(high, Math.max(low, last));
    return last;
  });
}

/** The closest lags, and those around one and two cycles of each period, as far as the series allows. */
export function neighbourLags(points: number, periods: readonly number[]): number[] {
  const offsets = periods.flatMap((period) => [period - 1, period, period + 1]);
  const multiples = periods.flatMap((period) => [2 * period - 1, 2 * period, 2 * period + 1, 3 * period]);
  return allowedLags(points, 4, offsets, multiples);
}

/** More close lags, and up to eight whole cycles of each period: averages over cycles, for noisy series. */
export function cycleLags(points: number, periods: readonly number[]): number[] {
  const multiples = periods.flatMap((period) => [2, 3, 4, 5, 6, 7, 8].map((cycles) => cycles * period));
  return allowedLags(points, 8, periods, multiples);
}

/** One cycle back may take five eighths of the rows from the regression, several two fifths. */
function allowedLags(
  points: number,
  close: number,
  single: readonly number[],
  multiple: readonly number[],
): number[] {
  const lags = new Set<number>();
  for (let lag = 1; lag <= Math.min(close, points / 8); lag += 1) lags.add(lag);
  for (const lag of single) if (lag > 0 && lag <= points / 1.6) lags.add(lag);
  for (const lag of multiple) if (lag <= points / 2.5) lags.add(lag);
  return [...lags].sort((left, right) => left - right);
}

function fitLags(series: Float64Array, lags: readonly number[], ridge: number): Float64Array {
  const size = lags.length;
  const products = laggedProducts(series, [0, ...lags]);
  const matrix = new Float64Array(size * size);
  const target = new Float64Array(size);
  for (let left = 0; left < size; left += 1) {
    target[left] = products[left + 1] ?? 0;
    for (let right = 0; right < size; right += 1) {
      matrix[left * size + right] = products[(left + 1) * (size + 1) + right + 1] ?? 0;
    }
  }
  return solveRidge(matrix, target, ridge);
}

/** Sums of x[t − left] · x[t − right] over all t that have every lag; ascending lags, k × k by rows. */
function laggedProducts(series: Float64Array, lags: readonly number[]): Float64Array {
  const size = lags.length;
  const from = lags.at(-1) ?? 0;
  const products = new Float64Array(size * size);
  for (let left = 0; left < size; left += 1) {
    for (let right = left; right < size; right += 1) {
      const [leftLag, rightLag] = [lags[left] ?? 0, lags[right] ?? 0];
      const isShifted = left > 0 && lags[left - 1] === leftLag - 1 && lags[right - 1] === rightLag - 1;
      // The sum of both lags less one, shifted by a row: one product enters, one leaves.
      const sum = isShifted
        ? (products[(left - 1) * size + right - 1] ?? 0) +
          (series[from - leftLag] ?? 0) * (series[from - rightLag] ?? 0) -
          (series[series.length - leftLag] ?? 0) * (series[series.length - rightLag] ?? 0)
        : product(series, from, leftLag, rightLag);
      products[left * size + right] = sum;
      products[right * size + left] = sum;
    }
  }
  return products;
}

function product(series: Float64Array, from: number, leftLag: number, rightLag: number): number {
  let sum = 0;
  for (let row = from; row < series.length; row += 1) {
    sum += (series[row - leftLag] ?? 0) * (series[row - rightLag] ?? 0);
  }
  return sum;
}

function extend(
  series: Float64Array,
  lags: readonly number[],
  weights: Float64Array,
  horizon: number,
): Float64Array {
  const path = new Float64Array(series.length + horizon);
  path.set(series);
  for (let row = series.length; row < path.length; row += 1) {
    let sum = 0;
    for (let index = 0; index < lags.length; index += 1) {
      sum += (weights[index] ?? 0) * (path[row - (lags[index] ?? 0)] ?? 0);
    }
    path[row] = sum;
  }
  return path.subarray(series.length);
}

function differences(values: Float64Array): Float64Array {
  return Float64Array.from(
    { length: values.length - 1 },
    (_, row) => (values[row + 1] ?? 0) - (values[row] ?? 0),
  );
}

function allowedRange(values: Float64Array): [low: number, high: number] {
  const [low, high] = rangeOf(values);
  const margin = (high - low) / 2;
  return [low - margin, high + margin];
}
