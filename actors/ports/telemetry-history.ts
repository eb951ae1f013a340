import type {
  FoundExemplarJson,
  LogJson,
  MetricJson,
  MetricSeriesJson,
  SpanJson,
} from '../../proto/api/index.ts';
import type { ServiceKey } from '../../proto/columns/index.ts';
import type {
  AggregatePartial,
  AggregateQuery,
  AttributeUse,
  CatalogueQuery,
  LogPosition,
  MetricUse,
  Page,
  SearchExpression,
  SeriesFilter,
  SpanHit,
  TimeRange,
  ValueCountsPartial,
  ValueCountsQuery,
} from '../../proto/query/index.ts';
import type { SpanOutline } from '../../workers/json/index.ts';
import type { PointReading } from '../../workers/hours/index.ts';
import type { HourFigure, SeenResource, StreamChunk, StreamMetric } from '../../workers/otlp-series/index.ts';
import type { QueryRun } from './query-run.ts';

export type {
  Arrival,
  LogPosition,
  Page,
  SeriesFilter,
  SpanHit,
  TimeRange,
} from '../../proto/query/index.ts';

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

/** Equal parts of a time, one after the other. */
export interface TimeSlices {
  readonly fromUnixNano: bigint;
  readonly widthNano: bigint;
  readonly count: number;
}

/** Of one service that had any in that slice. */
export interface RequestsOfSlice {
  readonly service: ServiceKey;
  /** From 0. */
  readonly slice: number;
  readonly requests: number;
  readonly durations: DurationCounts;
}

export interface TraceSearch {
  readonly search: SearchExpression;
  /** Only these traces. */
  readonly among?: readonly string[];
}

export interface LogHit extends LogPosition {
  readonly log: LogJson;
}

/** Of a place in the order of `LogPosition`, which has the newest first. */
export type LogSide = 'older' | 'newer';

/** How many, and only those that had arrived. */
export type LogsBesidePage = Pick<Page<LogPosition>, 'limit' | 'asOf'>;

/** Log records that belong together: all that one resource (a process, a pod) sent, whatever the scope. */
export interface LogStream {
  readonly service: ServiceKey;
  /** The bytes of its entry: see `DictionaryTable`. */
  readonly resource: Uint8Array;
}

export interface StreamLog {
  readonly hit: LogHit;
  readonly stream: LogStream;
}

/** Which metrics, by the names that they were sent with, and what of their points is needed. */
export interface StreamSelection {
  readonly names: readonly string[];
  readonly kind: StreamMetric['kind'];
  /** Without, only which streams there are. */
  readonly needsPoints: boolean;
  /** Of histograms. */
  readonly needsSums: boolean;
  /** Labels that points must have: the attribute of that name, or that a label is spelled like, with that text. */
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  /** As Prometheus calls the service: `namespace/name` or `name`. */
  readonly job?: string;
  /** Where in the range points are needed. */
  readonly reading?: PointReading;
  /** What suffices of an hour that the reading does not cut. */
  readonly figure?: HourFigure;
}

/**
 * The cold tier, as readers see it. Every call sees exactly the rows of segments 1 … `through`: what is archived
 * later does not show, so that a reader can take the rest from the windows. An unknown service, name or trace is an
 * empty result. Rejects with `StorageUnavailableError` when the store cannot be reached, with `QueryLimitError` when the
 * run's limits do not suffice, and with the reason of the run's signal once that is aborted; the store stops working then.
 *
 * Ranges compare span starts, log times (observed time where the time is 0) and point times.
 */
export interface TelemetryHistory {
  services(range: TimeRange, through: number, run: QueryRun): Promise<readonly ServiceActivity[]>;
  requestsBySlice(slices: TimeSlices, through: number, run: QueryRun): Promise<readonly RequestsOfSlice[]>;
  operations(
    service: ServiceKey,
    range: TimeRange,
    through: number,
    run: QueryRun,
  ): Promise<readonly OperationActivity[]>;
  /**
   * Spans that are meant, newest first (then by trace id), at most one a trace: the newest.
   */
  findTraces(
    which: TraceSearch,
    range: TimeRange,
    page: Page<SpanHit>,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanHit[]>;
  /** All spans of these traces, in no particular order. At most `limit`: those that start first, of one start by id. */
  spansOf(
    traceIds: readonly string[],
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanJson[]>;
  /** The same spans of one trace, as far as their places in it go. */
  spanOutlines(
    traceId: string,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanOutline[]>;
  /** In the order of `LogPosition`. */
  findLogs(
    search: SearchExpression,
    range: TimeRange,
    page: Page<LogPosition>,
    through: number,
    run: QueryRun,
  ): Promise<readonly LogHit[]>;
  /** The record at this place. */
  logAt(place: LogPosition, through: number, run: QueryRun): Promise<StreamLog | undefined>;
  /** The records of a stream nearest to a place, the nearest first: those older than it, or those newer. */
  logsBeside(
    stream: LogStream,
    place: LogPosition,
    side: LogSide,
    page: LogsBesidePage,
    through: number,
    run: QueryRun,
  ): Promise<readonly LogHit[]>;
  /** What the same function of `workers/aggregate` says of rows in memory. */
  aggregate(query: AggregateQuery, through: number, run: QueryRun): Promise<AggregatePartial>;
  countValues(query: ValueCountsQuery, through: number, run: QueryRun): Promise<ValueCountsPartial>;
  metrics(
    service: ServiceKey | undefined,
    range: TimeRange,
    through: number,
    run: QueryRun,
  ): Promise<readonly MetricJson[]>;
  /** What the same functions of `workers/catalogue` say of points in memory. */
  metricUses(query: CatalogueQuery, through: number, run: QueryRun): Promise<readonly MetricUse[]>;
  attributeUses(query: CatalogueQuery, through: number, run: QueryRun): Promise<readonly AttributeUse[]>;
  /** At most `limit` series, those with the newest points; each series' points oldest first. */
  series(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly MetricSeriesJson[]>;
  /** What `workers/metrics` finds in points in memory. */
  exemplars(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly FoundExemplarJson[]>;
  /**
   * Points of metrics as columns, a chunk for each stream (and for each set of bounds that its histograms had), its
   * points in no particular order. A narrower condition may be ignored: callers look at what they get. With a `figure`, points
   * of a whole hour may be one in place of all (their least, greatest or summed value, at the time of the last) or some with
   * `weights`: the first, the last, and those at every fall of a counter.
   */
  metricStreams(
    selection: StreamSelection,
    range: TimeRange,
    through: number,
    run: QueryRun,
  ): Promise<readonly StreamChunk[]>;
  /** The resources that sent points in the range, and when: once in a few seconds at most. */
  seenResources(range: TimeRange, through: number, run: QueryRun): Promise<readonly SeenResource[]>;
  /** The same resources without times, for what a range of any length costs to list. */
  listResources(range: TimeRange, through: number, run: QueryRun): Promise<readonly SeenResource[]>;
}
