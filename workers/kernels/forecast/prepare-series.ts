import { medianOf } from './statistics.ts';

export type RefusalReason = 'empty' | 'all-missing' | 'too-few-points' | 'mostly-missing' | 'no-model';

export interface PreparedSeries {
  readonly kind: 'prepared';
  /** Without gaps, divided by `scale`. */
  readonly values: Float64Array;
  /** A power of two, so that dividing loses nothing. */
  readonly scale: number;
}

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  readonly message: string;
}

/** Older points cost time and say little. */
export const MOST_POINTS = 2_000;
const LEAST_POINTS = 8;
const LEAST_KNOWN_SHARE = 0.3;
const NEIGHBOUR_CYCLES = 4;

/**
 * The newest `MOST_POINTS` from the first known value on. What is not finite is missing; a gap gets the median of the same phase in the
 * nearest cycles of the longest of `periods` that has two known ones, else the line between its neighbours. Values are scaled into −1…1: squares of the largest doubles
 * do not overflow then.
 */
export function prepareSeries(given: Float64Array, periods: readonly number[]): PreparedSeries | Refusal {
  if (given.length === 0) return refuse('empty', 'the series has no points: give at least 8');
  const recent = given.subarray(Math.max(0, given.length - MOST_POINTS));
  const first = recent.findIndex(Number.isFinite);
  if (first < 0) {
    return refuse('all-missing', `none of the newest ${recent.length} points has a finite value`);
  }
  const values = recent.slice(first);
  const known = values.filter(Number.isFinite).length;
  if (known < LEAST_POINTS) {
    return refuse('too-few-points', `${known} known points: at least ${LEAST_POINTS} are needed`);
  }
  if (known < LEAST_KNOWN_SHARE * values.length) {
    return refuse(
      'mostly-missing',
      `${known} of ${values.length} points are known: ask for a longer sampling interval`,
    );
  }
  const scale = scaleOf(values);
  return {
    kind: 'prepared',
    values: fillGaps(
      values.map((value) => value / scale),
      periods,
    ),
    scale,
  };
}

export function refuse(reason: RefusalReason, message: string): Refusal {
  return { kind: 'refused', reason, message };
}

function scaleOf(values: Float64Array): number {
  let greatest = 0;
  for (const value of values) if (Number.isFinite(value)) greatest = Math.max(greatest, Math.abs(value));
  if (greatest === 0) return 1;
  return 2 ** Math.min(1_023, Math.max(-1_000, Math.ceil(Math.log2(greatest))));
}

function fillGaps(values: Float64Array, periods: readonly number[]): Float64Array {
  if (values.every(Number.isFinite)) return values;
  const longestFirst = [...periods].reverse();
  return fillLines(values).map((line, row) => {
    if (Number.isFinite(values[row])) return line;
    for (const period of longestFirst) {
      const neighbours = knownNeighbours(values, row, period);
      if (neighbours.length >= 2) return medianOf(neighbours);
    }
    return line;
  });
}

function knownNeighbours(values: Float64Array, row: number, period: number): Float64Array {
  const neighbours: number[] = [];
  for (let cycle = 1; cycle <= NEIGHBOUR_CYCLES; cycle += 1) {
    for (const near of [row - cycle * period, row + cycle * period]) {
      const value = values[near];
      if (value !== undefined && Number.isFinite(value)) neighbours.push(value);
    }
  }
  return Float64Array.from(neighbours);
}

/** Between the known neighbours; after the last one, its value. */
function fillLines(values: Float64Array): Float64Array {
  const filled = values.slice();
  let before = 0;
  for (let row = 1; row < filled.length; row += 1) {
    if (!Number.isFinite(values[row])) continue;
    const [from, to] = [filled[before] ?? 0, filled[row] ?? 0];
    for (let gap = before + 1; gap < row; gap += 1) {
      filled[gap] = from + ((to - from) * (gap - before)) / (row - before);
    }
    before = row;
  }
  return filled.fill(filled[before] ?? 0, before + 1);
}
