import type {
  GraphEdgeJson,
  GraphNodeJson,
  LogJson,
  MetricJson,
  MetricSeriesJson,
  OperationActivityJson,
  ServiceActivityJson,
  SpanJson,
  TraceSummaryJson,
} from '../../proto/api/index.ts';
import type { ServiceKey } from '../../proto/columns/index.ts';
import type {
  AggregateQuery,
  SearchExpression,
  SeriesFilter,
  TimeRange,
  ValueCountsPartial,
  ValueCountsQuery,
} from '../../proto/query/index.ts';
import type { CallEdge } from '../../workers/topology/index.ts';
import type { QueryRun, TelemetryHistory } from '../ports/index.ts';
import type { TopologyMessage, TopologyRef } from '../topology/index.ts';
import { aggregate, countValues, type Aggregate } from './aggregates.ts';
import { operationsJson, ServiceTallies } from './activity.ts';
import type { Threads } from './hot-scan.ts';
import { readHotTier, type HotTierSource } from './hot-tier.ts';
import { findHotLogs, mergeLogs } from './logs.ts';
import { hotMetrics, hotSeries, mergeMetrics, mergeSeries } from './metrics.ts';
import { GRAPH_METRICS, graphOf } from './service-graph.ts';
import { byStart, findHotTraces, hotSpansOf, hotSpansOfTraces, newestTraces, summarize } from './traces.ts';

export interface QueryEngineOptions extends HotTierSource {
  readonly history: TelemetryHistory;
  readonly threads: Threads;
  readonly topology: TopologyRef;
  /** Whose metrics report the service graph: the platform itself. */
  readonly self: ServiceKey;
}

/** Enough for the largest traces people meet; beyond, a trace is cut. */
const MAX_SPANS_A_TRACE = 100_000;
const MAX_SPANS_A_SEARCH = 200_000;
const MAX_EDGES = 100_000;

/**
 * Answers from windows and archive together, no row lost or counted twice (see `readHotTier`). Rejects with
 * `StorageUnavailableError` when the archive cannot be asked.
 */
export class QueryEngine {
  private readonly options: QueryEngineOptions;

  constructor(options: QueryEngineOptions) {
    this.options = options;
  }

  async services(range: TimeRange): Promise<ServiceActivityJson[]> {
    const [traces, logs, metrics] = await Promise.all([
      readHotTier(this.options, 'traces'),
      readHotTier(this.options, 'logs'),
      readHotTier(this.options, 'metrics'),
    ]);
    // One seam for the three, the latest: what lies at or before it is archived, whichever window it was read from.
    const through = Math.max(traces.through, logs.through, metrics.through);
    const tallies = new ServiceTallies();
    tallies.addSpans(behind(traces, through), range);
    tallies.addLogs(behind(logs, through), range);
    tallies.addPoints(behind(metrics, through), range);
    tallies.addCold(await this.options.history.services(range, through));
    return tallies.toJson();
  }

  async operations(service: ServiceKey, range: TimeRange): Promise<OperationActivityJson[]> {
    const tier = await readHotTier(this.options, 'traces', service);
    const cold = await this.options.history.operations(service, range, tier.through);
    return operationsJson(cold, tier, range);
  }

  async findTraces(
    search: SearchExpression,
    range: TimeRange,
    limit: number,
    run: QueryRun,
  ): Promise<{ readonly traces: TraceSummaryJson[]; readonly more: boolean }> {
    const { history, threads } = this.options;
    const tier = await readHotTier(this.options, 'traces');
    const [hot, cold] = await Promise.all([
      run.timed('hot', () => findHotTraces(threads, tier, search, range, limit + 1, run)),
      run.timed('cold', () => history.findTraces(search, range, limit + 1, tier.through, run)),
    ]);
    const traceIds = newestTraces([...hot, ...cold], limit + 1);
    const shown = traceIds.slice(0, limit);
    const spans = await run.timed('traces', () => this.spansOfTraces(shown, run));
    return { traces: summarize(shown, spans), more: traceIds.length > limit };
  }

  /** In order of start. */
  async trace(traceId: string): Promise<SpanJson[]> {
    return (await this.spansOf([traceId], MAX_SPANS_A_TRACE)).sort(byStart);
  }

  async findLogs(
    search: SearchExpression,
    range: TimeRange,
    limit: number,
    run: QueryRun,
  ): Promise<{ readonly logs: LogJson[]; readonly more: boolean }> {
    const { history, threads } = this.options;
    const tier = await readHotTier(this.options, 'logs');
    const [hot, cold] = await Promise.all([
      run.timed('hot', () => findHotLogs(threads, tier, search, range, limit + 1, run)),
      run.timed('cold', () => history.findLogs(search, range, limit + 1, tier.through, run)),
    ]);
    const logs = mergeLogs(hot, cold, limit + 1);
    return { logs: logs.slice(0, limit), more: logs.length > limit };
  }

  /** The largest `limit` groups. */
  async aggregate(query: AggregateQuery, limit: number, run: QueryRun): Promise<Aggregate> {
    const tier = await readHotTier(this.options, query.signal);
    return aggregate({ ...this.options, tier }, query, limit, run);
  }

  /** Values of all fields in one selection, or in two. */
  async countValues(query: ValueCountsQuery, run: QueryRun): Promise<ValueCountsPartial> {
    const tier = await readHotTier(this.options, query.signal);
    return countValues({ ...this.options, tier }, query, run);
  }

  async metrics(service: ServiceKey | undefined, range: TimeRange): Promise<MetricJson[]> {
    const tier = await readHotTier(this.options, 'metrics', service);
    const cold = await this.options.history.metrics(service, range, tier.through);
    return mergeMetrics(hotMetrics(tier, range), cold);
  }

  async series(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
  ): Promise<{ readonly series: MetricSeriesJson[]; readonly more: boolean }> {
    const tier = await readHotTier(this.options, 'metrics', filter.service);
    const cold = await this.options.history.series(filter, range, limit + 1, tier.through);
    return mergeSeries([...cold, ...hotSeries(tier, filter, range)], limit);
  }

  async graph(
    range: TimeRange,
    nowUnixNano: bigint,
  ): Promise<{ readonly nodes: GraphNodeJson[]; readonly edges: GraphEdgeJson[] }> {
    const { self, system, topology } = this.options;
    const seriesOf = async (name: string): Promise<MetricSeriesJson[]> =>
      (await this.series({ name, service: self, labels: [] }, range, MAX_EDGES)).series;
    // Edges are counted when both halves are there, not by span time: those not reported yet belong to now.
    const pending =
      range.toUnixNano >= nowUnixNano
        ? await system.ask<TopologyMessage, readonly CallEdge[]>(topology, (reply) => ({
            type: 'read-pending',
            reply,
          }))
        : [];
    return graphOf({
      seconds: await seriesOf(GRAPH_METRICS.seconds),
      failed: await seriesOf(GRAPH_METRICS.failed),
      pending,
      services: (await this.services(range)).filter(({ spans }) => spans > 0),
    });
  }

  private async spansOfTraces(traceIds: readonly string[], run: QueryRun): Promise<SpanJson[]> {
    if (traceIds.length === 0) return [];
    const { history, threads } = this.options;
    const tier = await readHotTier(this.options, 'traces');
    const [hot, cold] = await Promise.all([
      hotSpansOfTraces(threads, tier, traceIds, run),
      history.spansOf(traceIds, MAX_SPANS_A_SEARCH, tier.through),
    ]);
    return [...cold, ...hot].slice(0, MAX_SPANS_A_SEARCH);
  }

  private async spansOf(traceIds: readonly string[], limit: number): Promise<SpanJson[]> {
    if (traceIds.length === 0) return [];
    const tier = await readHotTier(this.options, 'traces');
    const cold = await this.options.history.spansOf(traceIds, limit, tier.through);
    return [...cold, ...hotSpansOf(tier, traceIds)].slice(0, limit);
  }
}

/** The tier's part behind a later seam. */
function behind<
  T extends { readonly windows: readonly { readonly parts: readonly { segment: number }[] }[] },
>(tier: T, through: number): T {
  const windows = tier.windows.map((window) => ({
    ...window,
    parts: window.parts.filter(({ segment }) => segment > through),
  }));
  return { ...tier, windows, through };
}
