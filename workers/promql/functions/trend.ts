import { PromqlExecutionError } from '../evaluate/promql-error.ts';
import { KahanSum } from '../model/kahan.ts';
import { formatF } from '../model/go-numbers.ts';

export interface Line {
  readonly slope: number;
  /** The value at the moment that was asked for. */
  readonly intercept: number;
}

/** Least squares over samples whose times count in seconds from `originMs`. */
export function linearRegression(values: Float64Array, times: Float64Array, originMs: number): Line {
  const first = values[0] ?? 0;
  if (values.every((value) => value === first)) {
    return Number.isFinite(first) ? { slope: 0, intercept: first } : { slope: NaN, intercept: NaN };
  }
  const [sumX, sumY, sumXY, sumX2] = [new KahanSum(), new KahanSum(), new KahanSum(), new KahanSum()];
  for (let at = 0; at < values.length; at++) {
    const x = ((times[at] ?? 0) - originMs) / 1000;
    const y = values[at] ?? 0;
    sumX.add(x);
    sumY.add(y);
    sumXY.add(x * y);
    sumX2.add(x * x);
  }
  const n = values.length;
  const covariance = sumXY.total() - (sumX.total() * sumY.total()) / n;
  const variance = sumX2.total() - (sumX.total() * sumX.total()) / n;
  const slope = covariance / variance;
  return { slope, intercept: sumY.total() / n - (slope * sumX.total()) / n };
}

/** Holt's linear method: a smoothed value and a smoothed trend; both factors between 0 and 1. */
export function doubleExponentialSmoothing(values: Float64Array, smoothing: number, trend: number): number {
  checkFactor('smoothing', 'sf', smoothing);
  checkFactor('trend', 'tf', trend);
  let previous = 0;
  let smoothed = values[0] ?? 0;
  let slope = (values[1] ?? 0) - smoothed;
  for (let at = 1; at < values.length; at++) {
    if (at > 1) slope = trend * (smoothed - previous) + (1 - trend) * slope;
    const next = smoothing * (values[at] ?? 0) + (1 - smoothing) * (smoothed + slope);
    previous = smoothed;
    smoothed = next;
  }
  return smoothed;
}

function checkFactor(word: string, symbol: string, value: number): void {
  if (value > 0 && value < 1) return;
  const message = `invalid ${word} factor. Expected: 0 < ${symbol} < 1, got: ${formatF(value)}`;
  throw new PromqlExecutionError(message);
}
