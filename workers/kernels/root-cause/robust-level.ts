/** Centre and spread of a series while all was well. */
export interface RobustLevel {
  readonly center: number;
  readonly scale: number;
  readonly count: number;
}

/** Below it a spread is rounding: a thousandth of the level. */
const LEAST_RELATIVE_SCALE = 1e-3;
/** Between the 5 % and 95 % quantiles of a normal distribution lie 3.29 standard deviations. */
const DEVIATIONS_IN_90_PERCENT = 3.29;

/**
 * Median, and the wider of 1.4826·MAD (Hampel 1974) and the central 90 % in standard deviations: series that spike while all is well are not
 * abnormal when they spike. Ignores what is not finite. O(n log n).
 */
export function robustLevel(values: Float64Array): RobustLevel {
  const known = values.filter((value) => Number.isFinite(value)).sort();
  if (known.length === 0) return { center: NaN, scale: NaN, count: 0 };
  const center = quantileOf(known, 0.5);
  const distances = known.map((value) => Math.abs(value - center)).sort();
  const tails =
    quantileOf(known, 0.95) / DEVIATIONS_IN_90_PERCENT - quantileOf(known, 0.05) / DEVIATIONS_IN_90_PERCENT;
  const scale = Math.max(
    1.4826 * quantileOf(distances, 0.5),
    tails,
    LEAST_RELATIVE_SCALE * Math.abs(center),
    Number.MIN_VALUE / Number.EPSILON,
  );
  return { center, scale, count: known.length };
}

/** Of sorted values, between neighbours on a line. NaN of none. */
export function quantileOf(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  const weight = position - Math.floor(position);
  return below * (1 - weight) + above * weight;
}
