import { minimise } from './minimise.ts';

const EVALUATIONS = 70;
/** From what an earlier part of the series had. */
const REFINEMENTS = 35;
const USUAL = Float64Array.of(0.3, 0.15);
const MOST_THETA = 8;
const WARM_UP = 3;

/**
 * Dynamic optimised theta model (Fiorucci et al. 2016): a smoothed line of changed curvature plus a regression line that is kept up to date
 * with each value. The rate, theta and first level have the least squared one-step error.
 *
 * @param values seasonally adjusted series of n points
 * @returns rate and theta, each in 0…1, for `thetaForecast`. Cost: about 70 passes of O(n)
 */
export function fitTheta(values: Float64Array, start: Float64Array = USUAL): Float64Array {
  const evaluations = start === USUAL ? EVALUATIONS : REFINEMENTS;
  return minimise((point) => thetaPass(values, settings(point), 0).loss, start, evaluations).point;
}

/** One pass with settings of `fitTheta`; `horizon` values. */
export function thetaForecast(values: Float64Array, point: Float64Array, horizon: number): Float64Array {
  return thetaPass(values, settings(point), horizon).forecast;
}

interface ThetaSettings {
  readonly rate: number;
  readonly theta: number;
}

function settings(point: Float64Array): ThetaSettings {
  return { rate: 0.01 + 0.98 * (point[0] ?? 0), theta: 1 + (MOST_THETA - 1) * (point[1] ?? 0) };
}

/** `rate` of the smoothing, `theta` ≥ 1 of the curvature. */
export function thetaPass(
  values: Float64Array,
  { rate, theta }: ThetaSettings,
  horizon: number,
): { readonly loss: number; readonly forecast: Float64Array } {
  const forecast = new Float64Array(horizon);
  const share = 1 - 1 / theta;
  let level = values[0] ?? 0;
  let [mean, intercept, slope, decay, loss] = [level, level, 0, 1 - rate, 0];
  // `decay` is (1 − rate)^t, and (1 − decay) / rate the sum of the powers before it.
  for (let row = 1; row < values.length + horizon; row += 1) {
    const expected = level + share * (decay * intercept + ((1 - decay * (1 - rate)) / rate) * slope);
    const isKnown = row < values.length;
    const value = isKnown ? (values[row] ?? 0) : expected;
    if (!isKnown) forecast[row - values.length] = expected;
    else if (row >= WARM_UP) loss += (value - expected) ** 2;
    const time = row + 1;
    const previousMean = mean;
    level = rate * value + (1 - rate) * level;
    mean = ((time - 1) * mean + value) / time;
    slope = ((time - 2) * slope + (6 / time) * (value - previousMean)) / (time + 1);
    intercept = mean - ((time + 1) / 2) * slope;
    decay *= 1 - rate;
  }
  return { loss, forecast };
}
