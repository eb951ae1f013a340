import { decompose, seasonAt } from './decompose.ts';
import { medianOf } from './statistics.ts';

const REACH = 10;
const LIMIT = 3;
/** Of a normal distribution: standard deviation ÷ median absolute deviation. */
const NORMAL_RATIO = 1.4826;

/**
 * Draws spikes and dips in: what lies further than 3 robust standard deviations from the running median of the seasonally adjusted series
 * is moved to that distance (winsorising, with the filter of Hampel 1974). A series whose median deviation is 0 (mostly constant, or sparse
 * counts) stays as it is: its few other values are all there is.
 *
 * @returns n new values. Cost O(n · window)
 */
export function winsorise(values: Float64Array, periods: readonly number[]): Float64Array {
  const { seasons, adjusted } = decompose(values, periods);
  const levels = runningMedian(adjusted, REACH);
  const deviations = adjusted.map((value, row) => value - (levels[row] ?? 0));
  const limit = LIMIT * NORMAL_RATIO * medianOf(deviations.map(Math.abs));
  if (!(limit > 0)) return values;
  const settled = values.length - lastRun(deviations, limit);
  return deviations.map((deviation, row) => {
    const drawn = row >= settled ? deviation : Math.min(limit, Math.max(-limit, deviation));
    return drawn === deviation ? (values[row] ?? 0) : (levels[row] ?? 0) + drawn + seasonAt(seasons, row);
  });
}

/** Rows at the end that are all far above, or all far below: maybe a spike, maybe a new level. The future would tell. */
function lastRun(deviations: Float64Array, limit: number): number {
  const sign = Math.sign(deviations.at(-1) ?? 0);
  let run = 0;
  while (run < deviations.length && sign * (deviations[deviations.length - 1 - run] ?? 0) > limit) run += 1;
  return run;
}

/** Median of the rows at most `reach` away, fewer at the ends: a sorted window that one value leaves and one enters. */
export function runningMedian(values: Float64Array, reach: number): Float64Array {
  const window = new Float64Array(2 * reach + 1);
  let size = 0;
  const result = new Float64Array(values.length);
  for (let row = -reach; row < values.length; row += 1) {
    const entering = row + reach;
    const leaving = row - reach - 1;
    if (leaving >= 0) {
      removeSorted(window, size, values[leaving] ?? 0);
      size -= 1;
    }
    if (entering < values.length) {
      insertSorted(window, size, values[entering] ?? 0);
      size += 1;
    }
    if (row >= 0) result[row] = ((window[(size - 1) >> 1] ?? 0) + (window[size >> 1] ?? 0)) / 2;
  }
  return result;
}

function insertSorted(window: Float64Array, size: number, value: number): void {
  let place = size;
  while (place > 0 && (window[place - 1] ?? 0) > value) {
    window[place] = window[place - 1] ?? 0;
    place -= 1;
  }
  window[place] = value;
}

function removeSorted(window: Float64Array, size: number, value: number): void {
  let place = 0;
  while (place < size && (window[place] ?? 0) < value) place += 1;
  for (; place < size - 1; place += 1) window[place] = window[place + 1] ?? 0;
}
