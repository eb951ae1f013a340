import { decompose } from './decompose.ts';
import type { Periods } from './seasonal-periods.ts';

/** How the series deviated from its trend a long cycle ago, and how much of it is believed to come again. */
export interface Echo {
  readonly period: number;
  readonly deviations: Float64Array;
  readonly share: number;
}

const REACH = 10;
/** Two cycles are little evidence. */
const BELIEF = 0.7;

/**
 * The longest period that has more than one cycle and too few for a profile: the smoothed deviation one cycle ago, times the
 * slope of its regression on the one before (0…1), shrunk.
 *
 * @returns undefined where there is no such period or nothing repeats. Cost O(n)
 */
export function findEcho(values: Float64Array, { seasons, lags }: Periods): Echo | undefined {
  const period = lags.at(-1);
  if (period === undefined || seasons.includes(period) || period < 4 * REACH) return undefined;
  const { adjusted } = decompose(values, seasons);
  const smoothed = centredMean(adjusted, REACH);
  const trend = centredMean(adjusted, Math.floor(period / 2));
  const deviations = smoothed.map((value, row) => value - (trend[row] ?? 0));
  let [products, squares] = [0, 0];
  for (let row = period; row < values.length; row += 1) {
    const before = deviations[row - period] ?? 0;
    products += before * (deviations[row] ?? 0);
    squares += before * before;
  }
  const share = BELIEF * Math.min(1, products / squares);
  return share > 0 ? { period, deviations, share } : undefined;
}

/** At rows of the first cycle the one after serves: they have no other. */
export function echoAt({ period, deviations, share }: Echo, row: number): number {
  const source = row >= period ? row - period : row + period;
  return share * (deviations[source] ?? 0);
}

/** Mean of the rows at most `reach` away, fewer at the ends. */
function centredMean(values: Float64Array, reach: number): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let row = 0; row < values.length; row += 1) sums[row + 1] = (sums[row] ?? 0) + (values[row] ?? 0);
  return values.map((_, row) => {
    const from = Math.max(0, row - reach);
    const to = Math.min(values.length, row + reach + 1);
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}
