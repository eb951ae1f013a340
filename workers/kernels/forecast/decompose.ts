import { meanOf } from './statistics.ts';

/** One repeating part of a series: `profile[row % period]`, of mean 0. */
export interface Season {
  readonly period: number;
  readonly profile: Float64Array;
}

export interface Decomposition {
  readonly seasons: readonly Season[];
  /** The series less its seasons. */
  readonly adjusted: Float64Array;
}

const ROUNDS = 2;

/**
 * Takes several seasons out of a series: the idea of MSTL (Bandara, Hyndman & Bergmeir 2021) with fixed profiles. The trend is
 * a centred moving average over the longest period; each season, shortest first, is the trimmed mean by phase of what trend and the other
 * seasons leave; twice over. Values = seasons + adjusted, exactly up to rounding.
 *
 * @param values series of n points, no gaps
 * @param periods ascending, in points, each at most n / 2
 * @returns cost O(n · periods)
 */
export function decompose(values: Float64Array, periods: readonly number[]): Decomposition {
  const longest = periods.at(-1);
  if (longest === undefined) return { seasons: [], adjusted: values };
  const detrended = subtract(values, movingTrend(values, longest));
  let seasons: Season[] = periods.map((period) => ({ period, profile: new Float64Array(period) }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const season of seasons) {
      const others = seasons.filter((other) => other !== season);
      const profile = phaseProfile(withoutSeasons(detrended, others), season.period);
      seasons = seasons.map((other) => (other === season ? { period: season.period, profile } : other));
    }
  }
  return { seasons, adjusted: withoutSeasons(values, seasons) };
}

/** Sum of the seasons at a row; rows after the end go on with the cycle. */
export function seasonAt(seasons: readonly Season[], row: number): number {
  let sum = 0;
  for (const { period, profile } of seasons) sum += profile[row % period] ?? 0;
  return sum;
}

function withoutSeasons(values: Float64Array, seasons: readonly Season[]): Float64Array {
  return values.map((value, row) => value - seasonAt(seasons, row));
}

function subtract(values: Float64Array, others: Float64Array): Float64Array {
  return values.map((value, row) => value - (others[row] ?? 0));
}

/** Means over a whole cycle around each row; half a cycle at each end goes on with the slope of the cycle next to it. */
export function movingTrend(values: Float64Array, period: number): Float64Array {
  const trend = new Float64Array(values.length);
  const half = Math.floor(period / 2);
  const [first, last] = [half, values.length - 1 - half];
  const isEven = period % 2 === 0;
  let sum = 0;
  for (let row = 0; row < Math.min(2 * half + 1, values.length); row += 1) sum += values[row] ?? 0;
  for (let row = first; row <= last; row += 1) {
    // An even cycle has half a point at each end of its window.
    const ends = isEven ? ((values[row - half] ?? 0) + (values[row + half] ?? 0)) / 2 : 0;
    trend[row] = (sum - ends) / period;
    sum += (values[row + half + 1] ?? 0) - (values[row - half] ?? 0);
  }
  const span = Math.min(period, last - first);
  const slopeAt = (row: number): number =>
    span < 1 ? 0 : ((trend[row + span] ?? 0) - (trend[row] ?? 0)) / span;
  const [startSlope, endSlope] = [slopeAt(first), slopeAt(last - span)];
  for (let row = 0; row < first; row += 1) trend[row] = (trend[first] ?? 0) - startSlope * (first - row);
  for (let row = last + 1; row < values.length; row += 1) {
    trend[row] = (trend[last] ?? 0) + endSlope * (row - last);
  }
  return trend;
}

function phaseProfile(values: Float64Array, period: number): Float64Array {
  const profile = new Float64Array(period);
  const cycles = new Float64Array(Math.ceil(values.length / period));
  for (let phase = 0; phase < period; phase += 1) {
    let count = 0;
    for (let row = phase; row < values.length; row += period) {
      cycles[count] = values[row] ?? 0;
      count += 1;
    }
    profile[phase] = trimmedMean(cycles.subarray(0, count).sort());
  }
  const mean = meanOf(profile);
  return profile.map((value) => value - mean);
}

/** Without the outer tenths. */
function trimmedMean(sorted: Float64Array): number {
  const cut = Math.floor(sorted.length / 10 + 0.3);
  return meanOf(sorted.subarray(cut, sorted.length - cut));
}
