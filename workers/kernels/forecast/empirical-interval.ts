import { quantileOf } from './statistics.ts';

export interface Interval {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/** Half of a step's width is at least the widest before it: errors do not shrink for good. */
const GROWTH = 0.5;
/** The weights have seen the residuals, and few origins miss what is rare: wider by 2 / origins. */
const FEW_ORIGINS = 2;

/**
 * Empirical interval from residuals of earlier origins (Williams & Goodman 1971; conformal prediction, Vovk et al. 2005, with the errors of a
 * step in units of that step's mean error, so that all steps share one pair of quantiles). Half of the quantiles' asymmetry is believed. Beyond the
 * steps that were compared the width grows with the root of time.
 *
 * @param forecast `horizon` values, the centre
 * @param residuals by origin, of at most `horizon` steps
 * @param coverage 0…1 exclusive, of the central interval
 */
export function empiricalInterval(
  forecast: Float64Array,
  residuals: readonly Float64Array[],
  coverage: number,
): Interval {
  const sizes = stepSizes(residuals);
  const { below, above } = sharedQuantiles(residuals, sizes, coverage);
  const wider = 1 + FEW_ORIGINS / residuals.length;
  const width = (step: number): number => {
    const compared = sizes.length;
    if (step < compared) return sizes[step] ?? 0;
    return (sizes[compared - 1] ?? 0) * Math.sqrt((step + 1) / compared);
  };
  return {
    lower: forecast.map((value, step) => value + below * width(step) * wider),
    upper: forecast.map((value, step) => value + above * width(step) * wider),
  };
}

/** Mean absolute residual by step, over it and its neighbours. */
function stepSizes(residuals: readonly Float64Array[]): Float64Array {
  const steps = residuals[0]?.length ?? 0;
  const means = new Float64Array(steps);
  for (const path of residuals) {
    for (let step = 0; step < steps; step += 1) {
      means[step] = (means[step] ?? 0) + Math.abs(path[step] ?? 0) / residuals.length;
    }
  }
  const reach = Math.floor(steps / 16);
  let widest = 0;
  return means.map((_, step) => {
    const near = means.subarray(Math.max(0, step - reach), step + reach + 1);
    const size = near.reduce((sum, value) => sum + value, 0) / near.length;
    widest = Math.max(widest, size);
    return GROWTH * widest + (1 - GROWTH) * size;
  });
}

function sharedQuantiles(
  residuals: readonly Float64Array[],
  sizes: Float64Array,
  coverage: number,
): { below: number; above: number } {
  const ratios = residuals.flatMap((path) =>
    [...path].map((value, step) => ratioOf(value, sizes[step] ?? 0)),
  );
  const signed = Float64Array.from(ratios).sort();
  const both = quantileOf(Float64Array.from(ratios, Math.abs).sort(), coverage);
  const tail = (1 - coverage) / 2;
  return {
    below: Math.min(0, (quantileOf(signed, tail) - both) / 2),
    above: Math.max(0, (quantileOf(signed, 1 - tail) + both) / 2),
  };
}

function ratioOf(value: number, size: number): number {
  return size > 0 ? value / size : 0;
}
