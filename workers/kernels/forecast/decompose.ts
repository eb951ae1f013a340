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
  const rest = values.slice();
  subtractFrom(rest, movingTrend(values, longest));
  const profiles = periods.map((period) => new Float64Array(period));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const profile of profiles) {
      const change = phaseMeans(rest, profile.length);
      addTo(profile, change);
      takeOut(rest, change);
    }
  }
  const adjusted = values.slice();
  for (const profile of profiles) takeOut(adjusted, profile);
  return { seasons: profiles.map((profile) => ({ period: profile.length, profile })), adjusted };
}

/** Sum of the seasons at a row; rows after the end go on with the cycle. */
export function seasonAt(seasons: readonly Season[], row: number): number {
  let sum = 0;
  for (const { period, profile } of seasons) sum += profile[row % period] ?? 0;
  return sum;
}

function takeOut(values: Float64Array, profile: Float64Array): void {
  const period = profile.length;
  for (let start = 0; start < values.length; start += period) {
    const length = Math.min(period, values.length - start);
    for (let phase = 0; phase < length; phase += 1) {
      values[start + phase] = (values[start + phase] ?? 0) - (profile[phase] ?? 0);
    }
  }
}

function addTo(values: Float64Array, others: Float64Array): void {
  for (let row = 0; row < values.length; row += 1) values[row] = (values[row] ?? 0) + (others[row] ?? 0);
}

function subtractFrom(values: Float64Array, others: Float64Array): void {
  for (let row = 0; row < values.length; row += 1) values[row] = (values[row] ?? 0) - (others[row] ?? 0);
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

/** Trimmed means by phase, of mean 0. */
function phaseMeans(values: Float64Array, period: number): Float64Array {
  const means = new Float64Array(period);
  const cycles = new Float64Array(Math.ceil(values.length / period));
  for (let phase = 0; phase < period; phase += 1) {
    let count = 0;
    for (let row = phase; row < values.length; row += period) {
      cycles[count] = values[row] ?? 0;
      count += 1;
    }
    means[phase] = trimmedMean(cycles, count);
  }
  const mean = meanOf(means);
  for (let phase = 0; phase < period; phase += 1) means[phase] = (means[phase] ?? 0) - mean;
  return means;
}

/** Of the first `count` values, without the outer tenths; sorts them. */
function trimmedMean(values: Float64Array, count: number): number {
  if (count <= SHORT) sortShort(values, count);
  else values.subarray(0, count).sort();
  const cut = Math.floor(count / 10 + 0.3);
  let sum = 0;
  for (let index = cut; index < count - cut; index += 1) sum += values[index] ?? 0;
  return sum / (count - 2 * cut);
}

/** Insertion sort: below this length faster than a call of the built-in one. */
const SHORT = 48;

function sortShort(values: Float64Array, count: number): void {
  for (let index = 1; index < count; index += 1) {
    const value = values[index] ?? 0;
    let place = index;
    while (place > 0 && (values[place - 1] ?? 0) > value) {
      values[place] = values[place - 1] ?? 0;
      place -= 1;
    }
    values[place] = value;
  }
}
