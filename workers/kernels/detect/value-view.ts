// Hot: twice a point. Bench: bench/detect.
import { forgetRecent, neighbourDistance, NEIGHBOURS_SIZE } from './lag-neighbours.ts';

const LEVEL = 0;
const PREVIOUS = 1;
const FAST_STEP = 2;
const SLOW_STEP = 3;
const NEIGHBOURS = 4;

/** Doubles of one view. */
export const VIEW_SIZE = NEIGHBOURS + NEIGHBOURS_SIZE;

/** How fast means follow: the share that a new value has. */
export interface Rates {
  /** Over some 8 points. */
  fast: number;
  /** Over some 64. */
  medium: number;
  /** Over some 512. */
  slow: number;
}

/** Of a value beside those before it, in the unit of the series but for the ratio; written by `observeView`, owned by the caller. */
export interface ViewStatistics {
  /** From the level of before. */
  distance: number;
  /** Recent against usual step; 0 where the series does not move. */
  stepRatio: number;
  /** Of the last six values to what they have been. */
  shapeDistance: number;
  step: number;
  usualStep: number;
  /** With the value. */
  level: number;
}

export function newViewStatistics(): ViewStatistics {
  return { distance: 0, stepRatio: 0, shapeDistance: 0, step: 0, usualStep: 0, level: 0 };
}

/** The first value of a view whose state is zeros. */
export function startView(state: Float64Array, at: number, value: number): void {
  state[at + LEVEL] = value;
  state[at + PREVIOUS] = value;
}

/**
 * What is to be said of a value alone, whatever the hour. A series is seen twice: as it is, and less what its season explains, since what
 * is large beside a quiet hour is small beside a day, and the day hides it. O(1), most of it `neighbourDistance`. The state is `VIEW_SIZE`
 * doubles from `at` on. Learns the value.
 *
 * @param floor differences as small as this are rounding
 * @param statistics written
 */
export function observeView(
  state: Float64Array,
  at: number,
  value: number,
  rates: Rates,
  floor: number,
  statistics: ViewStatistics,
): void {
  const level = state[at + LEVEL] ?? 0;
  statistics.distance = Math.abs(value - level);
  statistics.level = follow(state, at + LEVEL, value, rates.medium);
  const step = Math.abs(value - (state[at + PREVIOUS] ?? 0));
  state[at + PREVIOUS] = value;
  const recentStep = follow(state, at + FAST_STEP, step, rates.fast);
  const usualStep = follow(state, at + SLOW_STEP, step, rates.slow);
  statistics.step = step;
  statistics.usualStep = usualStep;
  statistics.stepRatio = usualStep > floor ? recentStep / usualStep : 0;
  statistics.shapeDistance = neighbourDistance(state, at + NEIGHBOURS, value);
}

/** After a gap: the values before it are no neighbours of those after it. */
export function breakShape(state: Float64Array, at: number): void {
  forgetRecent(state, at + NEIGHBOURS);
}

/** Moves an exponentially weighted mean towards the value. */
export function follow(state: Float64Array, at: number, value: number, rate: number): number {
  const mean = state[at] ?? 0;
  const next = mean + rate * (value - mean);
  state[at] = next;
  return next;
}
