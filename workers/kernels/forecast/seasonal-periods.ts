import { movingTrend } from './decompose.ts';

export interface Periods {
  /** Of which there are enough cycles for a profile. Ascending. */
  readonly seasons: readonly number[];
  /** Also those of which there is little more than one cycle. Ascending. */
  readonly lags: readonly number[];
}

const CALENDAR_SECONDS = [3_600, 86_400, 604_800, 31_557_600];
/** Fewer points are no shape. */
const LEAST_PERIOD = 3;
/** Cycles for a profile; and for a lag, whose own rows must also be learned from. */
const PROFILE_CYCLES = 2.2;
const LAG_CYCLES = 1.6;
const CLEAR_CORRELATION = 0.3;
/** Two periods closer than this are one. */
const NEAR = 0.05;

/**
 * Candidates for the seasons of a series, ascending, in points: hour, day, week and year as far as the sampling interval and the length
 * allow, and the clearest peak of the autocorrelation (Box & Jenkins 1970) that is none of them, no part and no multiple. Whether a season is worth
 * anything is left to the validation of the forecasts.
 *
 * @returns cost O(n² / 3) for the autocorrelation
 */
export function findPeriods(values: Float64Array, intervalSeconds: number): number[] {
  const longest = values.length / LAG_CYCLES;
  const periods: number[] = [];
  for (const seconds of CALENDAR_SECONDS) {
    const period = wholeCycles(seconds / intervalSeconds, periods.at(-1));
    if (period >= LEAST_PERIOD && period <= longest) periods.push(period);
  }
  const learned = clearestLag(values);
  const isNew = learned !== undefined && periods.every((period) => !isRelated(learned, period));
  return (isNew ? [...periods, learned] : periods).sort((left, right) => left - right);
}

/** What a part of the series allows. */
export function periodsFor(points: number, periods: readonly number[]): Periods {
  return {
    seasons: periods.filter((period) => points >= PROFILE_CYCLES * period),
    lags: periods.filter((period) => points >= LAG_CYCLES * period),
  };
}

/** A year of days is 52 whole weeks, so that its lag falls on the same weekday. */
function wholeCycles(points: number, shorter: number | undefined): number {
  if (shorter === undefined || points < 10 * shorter) return Math.round(points);
  return Math.round(points / shorter) * shorter;
}

function isRelated(lag: number, period: number): boolean {
  const ratio = lag > period ? lag / period : period / lag;
  return Math.abs(ratio - Math.round(ratio)) < NEAR * Math.round(ratio);
}

/** Highest local maximum of the autocorrelation of the series without its slow movements. */
function clearestLag(values: Float64Array): number | undefined {
  const longest = Math.floor(values.length / 3);
  if (longest < 2 * LEAST_PERIOD) return undefined;
  const trend = movingTrend(values, longest);
  const detrended = values.map((value, row) => value - (trend[row] ?? 0));
  const correlations = autocorrelations(detrended, longest);
  let best: number | undefined;
  let highest = CLEAR_CORRELATION;
  for (let lag = LEAST_PERIOD; lag < longest; lag += 1) {
    const correlation = correlations[lag] ?? 0;
    const isPeak = correlation > (correlations[lag - 1] ?? 0) && correlation >= (correlations[lag + 1] ?? 0);
    if (isPeak && correlation > highest) [best, highest] = [lag, correlation];
  }
  return best;
}

export function autocorrelations(values: Float64Array, longest: number): Float64Array {
  const correlations = new Float64Array(longest + 1);
  for (let lag = 0; lag <= longest; lag += 1) {
    let sum = 0;
    for (let row = lag; row < values.length; row += 1) sum += (values[row] ?? 0) * (values[row - lag] ?? 0);
    correlations[lag] = sum;
  }
  const variance = correlations[0] ?? 0;
  return variance > 0 ? correlations.map((sum) => sum / variance) : correlations.fill(0);
}
