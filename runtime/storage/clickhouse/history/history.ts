import type {
  OperationActivity,
  QueryRun,
  SeriesFilter,
  ServiceActivity,
  SpanHit,
  TelemetryHistory,
  TimeRange,
} from '../../../../actors/ports/index.ts';
import type { LogJson, MetricJson, MetricSeriesJson, SpanJson } from '../../../../proto/api/index.ts';
import type { ServiceKey } from '../../../../proto/columns/index.ts';
import type {
  AggregatePartial,
  AggregateQuery,
  SearchExpression,
  ValueCountsPartial,
  ValueCountsQuery,
} from '../../../../proto/query/index.ts';
import type { Connection } from '../connection.ts';
import { aggregate } from './aggregate.ts';
import { countValues } from './value-counts.ts';
import { operationActivity, serviceActivity } from './activity.ts';
import { findLogs } from './logs.ts';
import { findSeries, listMetrics } from './points.ts';
import { findTraces, spansOf } from './spans.ts';

/** Reads what `ClickHouseArchive` wrote. */
export class ClickHouseHistory implements TelemetryHistory {
  private readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  services(range: TimeRange, through: number): Promise<readonly ServiceActivity[]> {
    return serviceActivity(this.connection, range, through);
  }

  operations(service: ServiceKey, range: TimeRange, through: number): Promise<readonly OperationActivity[]> {
    return operationActivity(this.connection, service, range, through);
  }

  findTraces(
    search: SearchExpression,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly SpanHit[]> {
    return findTraces(this.connection, search, range, limit, through, run);
  }

  spansOf(traceIds: readonly string[], limit: number, through: number): Promise<readonly SpanJson[]> {
    return spansOf(this.connection, traceIds, limit, through);
  }

  findLogs(
    search: SearchExpression,
    range: TimeRange,
    limit: number,
    through: number,
    run: QueryRun,
  ): Promise<readonly LogJson[]> {
    return findLogs(this.connection, search, range, limit, through, run);
  }

  aggregate(query: AggregateQuery, through: number, run: QueryRun): Promise<AggregatePartial> {
    return aggregate(this.connection, query, through, run);
  }

  countValues(query: ValueCountsQuery, through: number, run: QueryRun): Promise<ValueCountsPartial> {
    return countValues(this.connection, query, through, run);
  }

  metrics(
    service: ServiceKey | undefined,
    range: TimeRange,
    through: number,
  ): Promise<readonly MetricJson[]> {
    return listMetrics(this.connection, service, range, through);
  }

  series(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    through: number,
  ): Promise<readonly MetricSeriesJson[]> {
    return findSeries(this.connection, filter, range, limit, through);
  }
}
