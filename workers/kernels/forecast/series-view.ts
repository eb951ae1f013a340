import { type Decomposition, decompose, seasonAt } from './decompose.ts';
import { type Echo, echoAt, findEcho } from './echo.ts';
import type { Periods } from './seasonal-periods.ts';
import { winsorise } from './winsorise.ts';

/** In which shape a candidate sees the series. */
export interface ViewKind {
  /** Logarithms turn growth and seasons in percent into sums; only of series above 0. */
  readonly isLogarithmic: boolean;
  /** Without spikes and dips. */
  readonly isWinsorised: boolean;
  /** Less what the last long cycle says, of a period too long to be decomposed. */
  readonly hasEcho: boolean;
  readonly isSeasonal: boolean;
}

export interface SeriesView extends Decomposition {
  readonly values: Float64Array;
  readonly periods: Periods;
  /** Forecast on the scale of `values` → on that of the series. */
  readonly restore: (forecast: Float64Array) => Float64Array;
  /** Forecast on the scale of `adjusted` → on that of the series. */
  readonly restoreAdjusted: (forecast: Float64Array) => Float64Array;
}

/** Exponents above this are no forecast but an accident; of a series scaled to at most 1. */
const MOST_EXPONENT = 20;

export function viewSeries(series: Float64Array, kind: ViewKind, periods: Periods): SeriesView {
  const seasons = kind.isSeasonal ? periods.seasons : [];
  const scaled = kind.isLogarithmic ? series.map(Math.log) : series;
  const calm = kind.isWinsorised ? winsorise(scaled, seasons) : scaled;
  const echo = kind.hasEcho ? findEcho(calm, periods) : undefined;
  const values = echo === undefined ? calm : calm.map((value, row) => value - echoAt(echo, row));
  const decomposition = decompose(values, seasons);
  const restore = (forecast: Float64Array): Float64Array =>
    forecast.map((value, step) => unscale(value + echoOf(echo, values.length + step), kind.isLogarithmic));
  return {
    ...decomposition,
    values,
    periods: kind.isSeasonal ? periods : { seasons: [], lags: [] },
    restore,
    restoreAdjusted: (forecast) =>
      restore(forecast.map((value, step) => value + seasonAt(decomposition.seasons, values.length + step))),
  };
}

function echoOf(echo: Echo | undefined, row: number): number {
  return echo === undefined ? 0 : echoAt(echo, row);
}

function unscale(value: number, isLogarithmic: boolean): number {
  return isLogarithmic ? Math.exp(Math.min(MOST_EXPONENT, value)) : value;
}
