import type { LogJson, MetricJson, MetricSeriesJson, SpanJson } from '../../proto/api/index.ts';
import type { ServiceKey } from '../../proto/columns/index.ts';
import type {
  AggregatePartial,
  AggregateQuery,
  SearchExpression,
  SeriesFilter,
  SpanHit,
  TimeRange,
  ValueCountsPartial,
  ValueCountsQuery,
} from '../../proto/query/index.ts';
import type { QueryRun } from './query-run.ts';

export type { SeriesFilter, SpanHit, TimeRange } from '../../proto/query/index.ts';

/** Counts of durations: bucket number (see `DURATION_GAMMA`) → count. */
export type DurationCounts = ReadonlyMap<number, number>;

export interface OperationActivity {
  readonly name: string;
  readonly kind: number;
  readonly requests: number;
  readonly errors: number;
  readonly durations: DurationCounts;
}

/** A request is a server or consumer span, or a span of any kind without a parent. */
export interface ServiceActivity {
  readonly service: ServiceKey;
  readonly requests: number;
  readonly errors: number;
  readonly durations: DurationCounts;
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
}

/**
 * The cold tier, as readers see it. Every call sees exactly the rows of segments 1 … `through`: what is archived
 * later does not show, so that a reader can take the rest from the windows. An unknown service, name or trace is an
 * empty result. Rejects with `StorageUnavailableError` when the store cannot be reached.
 *
 * Ranges compare span starts, log times (observed time where the time is 0) and point times.
 */
export interface TelemetryHistory {
  services(range: TimeRange, through: number): Promise<readonly ServiceActivity[]>;
  operations(service: ServiceKey, range: TimeRange, through: number): Promise<readonly OperationActivity[]>;
  /** Spans that match, newest first, at most one a trace: the newest. */
  findTraces(
    search: SearchExpression,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanHit[]>;
  /** All spans of these traces, in no particular order. At most `limit`. */
  spansOf(traceIds: readonly string[], limit: number, through: number): Promise<readonly SpanJson[]>;
  /** Newest first. */
  findLogs(
    search: SearchExpression,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly LogJson[]>;
  /** What the same function of `workers/aggregate` says of rows in memory. */
  aggregate(query: AggregateQuery, through: number, run: QueryRun): Promise<AggregatePartial>;
  countValues(query: ValueCountsQuery, through: number, run: QueryRun): Promise<ValueCountsPartial>;
  metrics(service: ServiceKey | undefined, range: TimeRange, through: number): Promise<readonly MetricJson[]>;
  /** At most `limit` series, those with the newest points; each series' points oldest first. */
  series(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    through: number,
  ): Promise<readonly MetricSeriesJson[]>;
}
