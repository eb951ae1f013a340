import { candidatesFor } from './candidates.ts';
import { combine, type ModelWeight } from './combine.ts';
import { empiricalInterval } from './empirical-interval.ts';
import { prepareSeries, type PreparedSeries, type Refusal, refuse } from './prepare-series.ts';
import { chooseOrigins, tryCandidates } from './rolling-origin.ts';
import { findPeriods, periodsFor } from './seasonal-periods.ts';

export interface ForecastOptions {
  /** Distance of neighbouring points: tells which periods are an hour, a day, a week, a year. */
  readonly intervalSeconds: number;
  /** Steps ahead, 1…`MOST_STEPS`. */
  readonly horizon: number;
  /** Of the central interval, between 0 and 1, both excluded. */
  readonly coverage: number;
}

export interface Forecast {
  readonly kind: 'forecast';
  /** `horizon` values each, the first one interval after the last given point. */
  readonly median: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly coverage: number;
  readonly intervalSeconds: number;
  /** The newest value, a gap filled: where the forecast starts. */
  readonly lastValue: number;
  /** What was combined, best first. */
  readonly models: readonly ModelWeight[];
  /** Periods in points that models could use, ascending. */
  readonly periods: readonly number[];
}

export const MOST_STEPS = 2_000;

/**
 * Forecasts a series with an interval: the candidates of `candidates.ts`, each validated at earlier origins of this very series,
 * combined by their errors there (Bates & Granger 1969; rolling origins: Tashman 2000); the interval is of the combination's own errors.
 * Nothing is random and nothing is learned from other series. Linear in the points for each of some twenty candidates at up to eight origins:
 * 30 to 41 ms for a series of bench/m4-hourly or bench/nn5, memory of a few copies of the series.
 *
 * @param values one value per interval, NaN or ±Infinity = missing; not changed. Only the newest `MOST_POINTS` are looked at
 * @returns paths in the unit of `values`; a refusal where the series has too little to say
 * @throws RangeError of options outside their ranges: a mistake of the caller, not of the data
 */
export function forecast(values: Float64Array, options: ForecastOptions): Forecast | Refusal {
  checkOptions(options);
  const rough = prepareSeries(values, []);
  if (rough.kind === 'refused') return rough;
  const periods = findPeriods(rough.values, options.intervalSeconds);
  const prepared = prepareSeries(values, periodsFor(rough.values.length, periods).seasons);
  if (prepared.kind === 'refused') return prepared;
  return forecastPrepared(prepared, periods, options);
}

function forecastPrepared(
  { values, scale }: PreparedSeries,
  periods: readonly number[],
  { horizon, coverage, intervalSeconds }: ForecastOptions,
): Forecast | Refusal {
  const usable = periodsFor(values.length, periods);
  const origins = chooseOrigins(values.length, horizon, usable.seasons[0]);
  const earliest = periodsFor(origins.lengths.at(-1) ?? values.length, periods);
  const candidates = candidatesFor({
    isPositive: values.every((value) => value > 0),
    hasPeriods: earliest.lags.length > 0,
    hasEcho: usable.lags.length > usable.seasons.length,
  });
  const trials = tryCandidates(values, periods, candidates, origins, horizon);
  const combined = combine(trials, values, origins);
  if (combined === undefined) {
    return refuse('no-model', `none of ${candidates.length} models gave finite forecasts`);
  }
  const { lower, upper } = empiricalInterval(combined.forecast, combined.residuals, coverage);
  // What was never below 0 has no values there.
  const floor = values.every((value) => value >= 0) ? 0 : -Infinity;
  const rescale = (path: Float64Array): Float64Array =>
    path.map((value) => finite(Math.max(floor, value) * scale));
  return {
    kind: 'forecast',
    median: rescale(combined.forecast),
    lower: rescale(lower),
    upper: rescale(upper),
    coverage,
    intervalSeconds,
    lastValue: (values.at(-1) ?? 0) * scale,
    models: combined.models.map((model) => ({ ...model, error: model.error * scale })),
    periods: usable.lags,
  };
}

/** The largest doubles have no neighbours above. */
function finite(value: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value));
}

function checkOptions({ intervalSeconds, horizon, coverage }: ForecastOptions): void {
  if (!(intervalSeconds > 0 && intervalSeconds < Infinity)) {
    throw new RangeError(`intervalSeconds is ${intervalSeconds}: it must be above 0 and finite`);
  }
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > MOST_STEPS) {
    throw new RangeError(`horizon is ${horizon}: it must be a whole number of 1…${MOST_STEPS} steps`);
  }
  if (!(coverage > 0 && coverage < 1)) {
    throw new RangeError(`coverage is ${coverage}: it must be between 0 and 1`);
  }
}
