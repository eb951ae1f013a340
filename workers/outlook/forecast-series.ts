import { forecast, timeToReach } from '../kernels/forecast/index.ts';

export interface ForecastQuestion {
  /** One a step, oldest first; NaN where there is none. */
  readonly values: Float64Array;
  readonly intervalSeconds: number;
  /** Steps ahead, 1 … `MOST_STEPS`. */
  readonly horizon: number;
  /** In the unit of the values. */
  readonly limit?: number;
}

/** Each array has `horizon` values, the first one interval after the last given one. */
export interface ForecastPaths {
  readonly type: 'forecast';
  readonly median: Float64Array;
  readonly lower80: Float64Array;
  readonly upper80: Float64Array;
  readonly lower95: Float64Array;
  readonly upper95: Float64Array;
  /** What was combined, best first; `error` in the unit of the series, weights sum to 1. */
  readonly models: readonly { readonly name: string; readonly weight: number; readonly error: number }[];
  /** Seasons, in steps. */
  readonly periods: readonly number[];
  /** Seconds after the last given value at which the limit is reached; `undefined`: not within the horizon. The sides are of 80 %. */
  readonly reached?: {
    readonly median: number | undefined;
    readonly earliest: number | undefined;
    readonly latest: number | undefined;
  };
}

export type SeriesForecast =
  ForecastPaths | { readonly type: 'refused'; readonly reason: string; readonly message: string };

/** Where one series goes, with intervals of 80 and 95 %; some 80 ms for 2,000 values. */
export function forecastSeries(
  { values, intervalSeconds, horizon, limit }: ForecastQuestion,
  { checkpoint }: { readonly checkpoint: () => void },
): SeriesForecast {
  checkpoint();
  const narrow = forecast(values, { intervalSeconds, horizon, coverage: 0.8 });
  if (narrow.kind === 'refused') return { type: 'refused', reason: narrow.reason, message: narrow.message };
  checkpoint();
  const wide = forecast(values, { intervalSeconds, horizon, coverage: 0.95 });
  if (wide.kind === 'refused') return { type: 'refused', reason: wide.reason, message: wide.message };
  const { median, lower, upper, models, periods } = narrow;
  const reached = limit === undefined ? undefined : timeToReach(narrow, limit);
  return {
    ...{ type: 'forecast', median, lower80: lower, upper80: upper, lower95: wide.lower, upper95: wide.upper },
    ...{ models, periods },
    ...(reached && {
      reached: { median: reached.median, earliest: reached.earliest, latest: reached.latest },
    }),
  };
}
