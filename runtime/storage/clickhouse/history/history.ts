import type {
  EndedRequests,
  LogHit,
  LogPosition,
  LogSide,
  LogsBesidePage,
  LogStream,
  OperationActivity,
  Page,
  QueryRun,
  RedHistory,
  RequestsOfSlice,
  SeriesFilter,
  ServiceActivity,
  SpanHit,
  StreamLog,
  StreamSelection,
  TelemetryHistory,
  TelemetrySizes,
  TimeRange,
  TimeSlices,
  TraceSearch,
} from '../../../../actors/ports/index.ts';
import type {
  FoundExemplarJson,
  MetricJson,
  MetricSeriesJson,
  SpanJson,
} from '../../../../proto/api/index.ts';
import type { ServiceKey, Signal } from '../../../../proto/columns/index.ts';
import type {
  AggregatePartial,
  AggregateQuery,
  AttributeUse,
  CatalogueQuery,
  MetricUse,
  SearchExpression,
  ValueCountsPartial,
  ValueCountsQuery,
} from '../../../../proto/query/index.ts';
import type { SeenResource, StreamChunk } from '../../../../workers/otlp-series/index.ts';
import type { Connection } from '../connection.ts';
import { aggregate } from './aggregate.ts';
import { attributeUses, metricUses } from './catalogue.ts';
import { countValues } from './value-counts.ts';
import { operationActivity, requestsBySlice, serviceActivity } from './activity.ts';
import { endedRequests } from './ended-requests.ts';
import { findExemplars } from './exemplars.ts';
import { findLogs, logAt, logsBeside } from './logs.ts';
import { findSeries, listMetrics } from './points.ts';
import { findNewestTraces } from './newest-traces.ts';
import type { SpanOutline } from '../../../../workers/json/index.ts';
import { bytesPerRow } from './sizes.ts';
import { findTraces, spanOutlines, spansOf } from './spans.ts';
import { listResources, seenResources } from './resources.ts';
import { metricStreams } from './streams.ts';

/** Reads what `ClickHouseArchive` wrote. */
export class ClickHouseHistory implements TelemetryHistory, TelemetrySizes, RedHistory {
  private readonly connection: Connection;
  private readonly oldestWhole: () => number;

  /** `oldestWhole`: the hour that no points of it and later ones were dropped for their age. */
  constructor(connection: Connection, oldestWhole: () => number) {
    this.connection = connection;
    this.oldestWhole = oldestWhole;
  }

  bytesPerRow(signal: Signal, run: QueryRun): Promise<number | undefined> {
    return bytesPerRow(this.connection.reader(run), signal);
  }

  endedRequests(
    started: TimeRange,
    fromSecond: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly EndedRequests[]> {
    return endedRequests(this.connection.reader(run), started, fromSecond, through);
  }

  services(range: TimeRange, through: number, run: QueryRun): Promise<readonly ServiceActivity[]> {
    return serviceActivity(this.connection.reader(run), range, through);
  }

  requestsBySlice(slices: TimeSlices, through: number, run: QueryRun): Promise<readonly RequestsOfSlice[]> {
    return requestsBySlice(this.connection.reader(run), slices, through);
  }

  operations(
    service: ServiceKey,
    range: TimeRange,
    through: number,
    run: QueryRun,
  ): Promise<readonly OperationActivity[]> {
    return operationActivity(this.connection.reader(run), service, range, through);
  }

  findTraces(
    which: TraceSearch,
    range: TimeRange,
    page: Page<SpanHit>,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanHit[]> {
    const reader = this.connection.reader(run);
    if (which.among) return findTraces(reader, which, range, page, through);
    return findNewestTraces(
      (slice, limit) => findTraces(reader, which, slice, { ...page, limit }, through),
      range,
      page,
    );
  }

  spansOf(
    traceIds: readonly string[],
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanJson[]> {
    return spansOf(this.connection.reader(run), traceIds, limit, through);
  }

  spanOutlines(
    traceId: string,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanOutline[]> {
    return spanOutlines(this.connection.reader(run), traceId, limit, through);
  }

  findLogs(
    search: SearchExpression,
    range: TimeRange,
    page: Page<LogPosition>,
    through: number,
    run: QueryRun,
  ): Promise<readonly LogHit[]> {
    return findLogs(this.connection.reader(run), search, range, page, through);
  }

  logAt(place: LogPosition, through: number, run: QueryRun): Promise<StreamLog | undefined> {
    return logAt(this.connection.reader(run), place, through);
  }

  logsBeside(
    stream: LogStream,
    place: LogPosition,
    side: LogSide,
    page: LogsBesidePage,
    through: number,
    run: QueryRun,
  ): Promise<readonly LogHit[]> {
    return logsBeside(this.connection.reader(run), stream, place, side, page, through);
  }

  aggregate(query: AggregateQuery, through: number, run: QueryRun): Promise<AggregatePartial> {
    return aggregate(this.connection.reader(run), query, through);
  }

  countValues(query: ValueCountsQuery, through: number, run: QueryRun): Promise<ValueCountsPartial> {
    return countValues(this.connection.reader(run), query, through);
  }

  metrics(
    service: ServiceKey | undefined,
    range: TimeRange,
    through: number,
    run: QueryRun,
  ): Promise<readonly MetricJson[]> {
    return listMetrics(this.connection.reader(run), service, range, through, this.oldestWhole());
  }

  metricUses(query: CatalogueQuery, through: number, run: QueryRun): Promise<readonly MetricUse[]> {
    return metricUses(this.connection.reader(run), query, through);
  }

  attributeUses(query: CatalogueQuery, through: number, run: QueryRun): Promise<readonly AttributeUse[]> {
    return attributeUses(this.connection.reader(run), query, through);
  }

  series(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly MetricSeriesJson[]> {
    return findSeries(this.connection.reader(run), filter, range, limit, through);
  }

  exemplars(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly FoundExemplarJson[]> {
    return findExemplars(this.connection.reader(run), filter, range, limit, through);
  }

  metricStreams(
    selection: StreamSelection,
    range: TimeRange,
    through: number,
    run: QueryRun,
  ): Promise<readonly StreamChunk[]> {
    return metricStreams(this.connection.reader(run), selection, range, through, this.oldestWhole());
  }

  seenResources(range: TimeRange, through: number, run: QueryRun): Promise<readonly SeenResource[]> {
    return seenResources(this.connection.reader(run), range, through);
  }

  listResources(range: TimeRange, through: number, run: QueryRun): Promise<readonly SeenResource[]> {
    return listResources(this.connection.reader(run), range, through, this.oldestWhole());
  }
}
