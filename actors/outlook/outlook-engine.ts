import type { TaskRunner, Tasks } from '../../workers/pool/index.ts';
import type { ExpectedBand, SeriesForecast } from '../../workers/outlook/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { PrometheusEngine } from '../query/index.ts';
import { atATime } from './at-a-time.ts';
import { rangeSeries, type RangeSeries, type StepGrid } from './range-series.ts';

export interface OutlookSource {
  readonly prometheus: Pick<PrometheusEngine, 'evaluate'>;
  readonly threads: Pick<TaskRunner<Tasks>, 'run'>;
}

interface OutlookQuestion {
  readonly query: string;
  readonly grid: StepGrid;
  /** Series at most. */
  readonly limit: number;
}

export interface ForecastQuestion extends OutlookQuestion {
  /** Steps ahead. */
  readonly horizon: number;
  /** In the unit of the query. */
  readonly limitValue?: number;
}

export interface BandQuestion extends OutlookQuestion {
  /** Steps before the grid that are learned from first. */
  readonly warmUp: number;
}

export interface ForecastOfSeries extends RangeSeries {
  /** Of the newest value: what the forecast starts from. */
  readonly lastUnixMs: number;
  readonly outcome: SeriesForecast;
}

export interface BandOfSeries extends RangeSeries {
  readonly band: ExpectedBand;
}

const SERIES_AT_A_TIME = 4;

interface Answer<Item> {
  readonly series: readonly Item[];
  readonly more: boolean;
}

/**
 * What is expected of the series of a query, from history and on demand: each series is a task of the pool, within the limits of the
 * run. Rejects with `PromqlRefusedError`, and as `PrometheusEngine` does.
 */
export class OutlookEngine {
  private readonly source: OutlookSource;

  constructor(source: OutlookSource) {
    this.source = source;
  }

  async forecast(question: ForecastQuestion, run: QueryRun): Promise<Answer<ForecastOfSeries>> {
    const { query, grid, limit, horizon, limitValue } = question;
    const { prometheus, threads } = this.source;
    const { series, more } = await rangeSeries(prometheus, query, grid, limit, run);
    const forecasts = await run.timed('forecast', () =>
      atATime(SERIES_AT_A_TIME, series, async ({ labels, values }) => {
        // A series that is late, or has stopped, goes on from where it was.
        const known = values.subarray(0, values.findLastIndex(Number.isFinite) + 1);
        const outcome = await threads.run(
          'forecast-series',
          {
            ...{ values: known.slice(), intervalSeconds: grid.stepMs / 1_000, horizon },
            ...(limitValue !== undefined && { limit: limitValue }),
          },
          { signal: run.signal, deadlineMs: run.limits.deadlineMs },
        );
        const lastUnixMs = grid.startUnixMs + Math.max(0, known.length - 1) * grid.stepMs;
        return { labels, values, lastUnixMs, outcome };
      }),
    );
    return { series: forecasts, more };
  }

  async band({ query, grid, limit, warmUp }: BandQuestion, run: QueryRun): Promise<Answer<BandOfSeries>> {
    const { prometheus, threads } = this.source;
    const whole = {
      startUnixMs: grid.startUnixMs - warmUp * grid.stepMs,
      stepMs: grid.stepMs,
      count: grid.count + warmUp,
    };
    const { series, more } = await rangeSeries(prometheus, query, whole, limit, run);
    const bands = await run.timed('band', () =>
      atATime(SERIES_AT_A_TIME, series, async ({ labels, values }) => {
        const { startUnixMs, stepMs } = whole;
        const band = await threads.run(
          'expected-band',
          { startUnixMs, stepMs, values, shownFrom: warmUp },
          { signal: run.signal, deadlineMs: run.limits.deadlineMs },
        );
        return { labels, values: values.subarray(warmUp), band };
      }),
    );
    return { series: bands, more };
  }
}
