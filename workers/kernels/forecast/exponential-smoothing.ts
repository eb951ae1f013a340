import type { Season } from './decompose.ts';
import { minimise } from './minimise.ts';
import { meanOf } from './statistics.ts';

/** Rates of the states, each 0…1; see `smooth`. */
export interface SmoothingRates {
  readonly level: number;
  readonly trend: number;
  readonly damping: number;
  /** One for each season. */
  readonly seasons: Float64Array;
  /** Autocorrelation of the one-step errors. */
  readonly memory: number;
}

export interface SmoothingModel {
  readonly hasTrend: boolean;
  readonly seasons: readonly Season[];
  readonly hasMemory: boolean;
}

const EVALUATIONS = 90;
/** From what an earlier part of the series had. */
const REFINEMENTS = 40;
/** Errors of the first rows are those of the first states. */
const WARM_UP = 10;

/**
 * Exponential smoothing with a damped trend, several additive seasons and first-order autocorrelated errors: ETS(A,Ad,A) of
 * Hyndman et al. 2008, with the many seasons and the error correction of Taylor 2003 and 2010. The rates have the least mean absolute
 * one-step error, which spikes move little.
 *
 * @param values series of n points on the working scale
 * @param model the first states of its seasons are the profiles of a decomposition
 * @returns the rates, each in 0…1, for `smoothedForecast`. Cost: about 90 passes of O(n · (1 + seasons))
 */
export function fitSmoothing(
  values: Float64Array,
  model: SmoothingModel,
  start?: Float64Array,
): Float64Array {
  const length = 1 + (model.hasTrend ? 2 : 0) + model.seasons.length + (model.hasMemory ? 1 : 0);
  const loss = (point: Float64Array): number => smooth(values, model, ratesOf(model, point), 0).loss;
  // An earlier part may have had fewer seasons.
  if (start?.length === length) return minimise(loss, start, REFINEMENTS).point;
  const usual = new Float64Array(length).fill(0.1);
  usual[0] = 0.3;
  if (model.hasTrend) usual[2] = 0.7;
  return minimise(loss, usual, EVALUATIONS).point;
}

/** One pass with rates of `fitSmoothing`, of this series or of a part of it; `horizon` values. */
export function smoothedForecast(
  values: Float64Array,
  model: SmoothingModel,
  rates: Float64Array,
  horizon: number,
): Float64Array {
  return smooth(values, model, ratesOf(model, rates), horizon).forecast;
}

/** The box to rates: damping 0.8…1, seasons at most 0.5, memory below 1. */
function ratesOf(model: SmoothingModel, point: Float64Array): SmoothingRates {
  let next = 0;
  const take = (): number => point[next++] ?? 0;
  const level = 0.001 + 0.998 * take();
  const trend = model.hasTrend ? level * take() * 0.5 : 0;
  const damping = model.hasTrend ? 0.8 + 0.2 * take() : 0;
  const seasons = new Float64Array(model.seasons.length).map(() => 0.5 * take());
  return { level, trend, damping, seasons, memory: model.hasMemory ? 0.98 * take() : 0 };
}

/**
 * One pass in error-correction form. With e the one-step error before, and after its autocorrelated part `memory · e[t−1]`:
 * level += trend·damping + level rate · e, trend = trend·damping + trend rate · e, season += season rate · e.
 */
export function smooth(
  values: Float64Array,
  model: SmoothingModel,
  rates: SmoothingRates,
  horizon: number,
): { readonly loss: number; readonly forecast: Float64Array } {
  const { seasons } = model;
  const states = seasons.map(({ profile }) => profile.slice());
  const { level: levelRate, trend: trendRate, damping, memory } = rates;
  let level = firstLevel(values, seasons);
  let [trend, residual, sum] = [0, 0, 0];
  for (let row = 0; row < values.length; row += 1) {
    let expected = level + damping * trend;
    for (let index = 0; index < states.length; index += 1) {
      const state = states[index];
      if (state !== undefined) expected += state[row % state.length] ?? 0;
    }
    const uncorrected = (values[row] ?? 0) - expected;
    const error = uncorrected - memory * residual;
    residual = uncorrected;
    level += damping * trend + levelRate * error;
    trend = damping * trend + trendRate * error;
    for (let index = 0; index < states.length; index += 1) {
      const state = states[index];
      if (state === undefined) continue;
      const phase = row % state.length;
      state[phase] = (state[phase] ?? 0) + (rates.seasons[index] ?? 0) * error;
    }
    if (row >= WARM_UP) sum += Math.abs(error);
  }
  return {
    loss: sum,
    forecast: project(values.length, horizon, states, { level, trend, damping, memory, residual }),
  };
}

interface LastState {
  readonly level: number;
  readonly trend: number;
  readonly damping: number;
  readonly memory: number;
  readonly residual: number;
}

function project(
  from: number,
  horizon: number,
  states: readonly Float64Array[],
  last: LastState,
): Float64Array {
  const forecast = new Float64Array(horizon);
  let { level, trend, residual } = last;
  for (let step = 0; step < horizon; step += 1) {
    trend *= last.damping;
    level += trend;
    residual *= last.memory;
    let value = level + residual;
    for (const state of states) value += state[(from + step) % state.length] ?? 0;
    forecast[step] = value;
  }
  return forecast;
}

/** Mean of the first rows without their seasons. */
function firstLevel(values: Float64Array, seasons: readonly Season[]): number {
  const rows = Math.min(values.length, WARM_UP);
  const first = values.slice(0, rows).map((value, row) => {
    let season = 0;
    for (const { period, profile } of seasons) season += profile[row % period] ?? 0;
    return value - season;
  });
  return meanOf(first);
}
