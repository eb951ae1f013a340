import {
  MOST_SPANS_A_TRACE,
  MOST_SPANS_SUMMED_UP,
  type FoundExemplarJson,
  type GraphEdgeJson,
  type GraphNodeJson,
  type MetricJson,
  type MetricSeriesJson,
  type OperationActivityJson,
  type ServiceActivityJson,
  type SpanJson,
} from '../../proto/api/index.ts';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import type {
  AggregateQuery,
  CatalogueQuery,
  LogPosition,
  Page,
  SearchExpression,
  SeriesFilter,
  SpanHit,
  TimeRange,
  ValueCountsPartial,
  ValueCountsQuery,
} from '../../proto/query/index.ts';
import { spanJson, spanOutline, summedSpan, type SpanOutline } from '../../workers/json/index.ts';
import { newestExemplars } from '../../workers/metrics/index.ts';
import type { CallEdge } from '../../workers/topology/index.ts';
import { QueryLimitError, type QueryRun, type TelemetryHistory, type TimeSlices } from '../ports/index.ts';
import type { TopologyMessage, TopologyRef } from '../topology/index.ts';
import { aggregate, countValues, type Aggregate } from './aggregates.ts';
import { operationsJson, ServiceTallies } from './activity.ts';
import { arrivedBy } from './arrivals.ts';
import type { ComparedTraces, ExplainedSpans, FoundLogs, FoundSpans, FoundTraces } from './found.ts';
import { partsWithin, runOptions, type Threads } from './hot-scan.ts';
import { readHotTier, type HotTierSource } from './hot-tier.ts';
import { SliceTallies, type ServiceSlices } from './loads.ts';
import { logContext, type LogContext } from './log-context.ts';
import { findHotLogs, mergeLogs } from './logs.ts';
import { metricCatalogue, type CatalogueEntry } from './metric-catalogue.ts';
import { hotMetrics, hotSeries, mergeMetrics, mergeSeries } from './metrics.ts';
import { GRAPH_METRICS, graphOf } from './service-graph.ts';
import { sortInTurns } from './sort-in-turns.ts';
import { behindSeam } from './tiers.ts';
import { compare, explain } from './trace-analysis.ts';
import { findTracePage } from './trace-pages.ts';
import { traceShapes, type FoundShapes, type ShapesQuery } from './trace-shapes.ts';
import { byStart, hotSpansOf, hotTraces, summariesOf } from './traces.ts';

export interface QueryEngineOptions extends HotTierSource {
  readonly history: TelemetryHistory;
  readonly threads: Threads;
  readonly topology: TopologyRef;
  /** Whose metrics report the service graph: the platform itself. */
  readonly self: ServiceKey;
}

const MAX_EDGES = 100_000;

/**
 * Answers from windows and archive together, no row lost or counted twice (see `readHotTier`). Rejects with
 * `StorageUnavailableError` when the archive cannot be asked, with `QueryLimitError` when the run's limits do not
 * suffice, and with the reason of the run's signal once that is aborted.
 */
export class QueryEngine {
  private readonly options: QueryEngineOptions;

  constructor(options: QueryEngineOptions) {
    this.options = options;
  }

  async services(range: TimeRange, run: QueryRun): Promise<ServiceActivityJson[]> {
    const [traces, logs, metrics] = await Promise.all([
      readHotTier(this.options, 'traces', run),
      readHotTier(this.options, 'logs', run),
      readHotTier(this.options, 'metrics', run),
    ]);
    // One seam for the three, the latest: what lies at or before it is archived, whichever window it was read from.
    const through = Math.max(traces.through, logs.through, metrics.through);
    const tallies = new ServiceTallies();
    await run.timed('hot', async () => {
      await tallies.addSpans(behindSeam(traces, through), range, run);
      await tallies.addLogs(behindSeam(logs, through), range, run);
      await tallies.addPoints(behindSeam(metrics, through), range, run);
    });
    tallies.addCold(await run.timed('cold', () => this.options.history.services(range, through, run)));
    return tallies.toJson();
  }

  /** How many requests services had in each slice, and how long half of them took. */
  async loads(slices: TimeSlices, run: QueryRun): Promise<ServiceSlices[]> {
    const tier = await readHotTier(this.options, 'traces', run);
    const { history } = this.options;
    const tallies = new SliceTallies(slices);
    await run.timed('hot', () => tallies.addSpans(tier, run));
    tallies.addCold(await run.timed('cold', () => history.requestsBySlice(slices, tier.through, run)));
    return tallies.toServices();
  }

  async operations(service: ServiceKey, range: TimeRange, run: QueryRun): Promise<OperationActivityJson[]> {
    const tier = await readHotTier(this.options, 'traces', run, service);
    const cold = await run.timed('cold', () =>
      this.options.history.operations(service, range, tier.through, run),
    );
    return run.timed('hot', () => operationsJson(cold, tier, range, run));
  }

  async findTraces(
    search: SearchExpression,
    range: TimeRange,
    page: Page<SpanHit>,
    run: QueryRun,
  ): Promise<FoundTraces> {
    const { history, threads } = this.options;
    const tier = await readHotTier(this.options, 'traces', run);
    const asOf = page.asOf ?? tier.asOf;
    const cold = (wanted: Page<SpanHit>, among?: readonly string[]): Promise<readonly SpanHit[]> =>
      run.timed('cold', () =>
        history.findTraces(
          { search, ...(among && { among }) },
          range,
          { asOf, ...wanted },
          tier.through,
          run,
        ),
      );
    const sources = [
      hotTraces(threads, arrivedBy(tier, asOf), search, range, run),
      {
        behind: (after: SpanHit | undefined, limit: number) => cold({ limit, ...(after && { after }) }),
        newestOf: (traceIds: readonly string[]) => cold({ limit: traceIds.length }, traceIds),
      },
    ];
    const found = await findTracePage(sources, page);
    const hits = found.slice(0, page.limit);
    const shown = hits.map(({ traceId }) => traceId);
    const traces = await summariesOf(shown, MOST_SPANS_SUMMED_UP, (ids, most) =>
      this.spansOf(ids, most, run, summedSpan),
    );
    return { traces, ...positionOf(hits, found.length > page.limit), asOf };
  }

  async trace(traceId: string, run: QueryRun): Promise<FoundSpans> {
    const found = await this.spansOf([traceId], MOST_SPANS_A_TRACE + 1, run, spanJson);
    const spans = await run.timed('sort', () => sortInTurns(found, byStart));
    return { spans: spans.slice(0, MOST_SPANS_A_TRACE), more: spans.length > MOST_SPANS_A_TRACE };
  }

  /** Rejects with a `QueryLimitError` where the trace has more than `MOST_SPANS_A_TRACE` spans: of a part it would be wrong. */
  async explainTrace(traceId: string, run: QueryRun): Promise<ExplainedSpans> {
    const spans = await this.outline(traceId, run);
    const explained = await run.timed('explain', () => explain(this.options.threads, spans, run));
    return { spans, explained };
  }

  /** Rejects as `explainTrace` does. */
  async compareTraces(traceIds: readonly [string, string], run: QueryRun): Promise<ComparedTraces> {
    const [before, after] = await Promise.all([
      this.outline(traceIds[0], run),
      this.outline(traceIds[1], run),
    ]);
    const { threads } = this.options;
    const paths = await run.timed('compare', () => compare(threads, [before, after], run));
    return { before, after, paths };
  }

  /** Of traces in the windows: what was archived and left them is not looked at. */
  traceShapes(query: ShapesQuery, nowUnixNano: bigint, run: QueryRun): Promise<FoundShapes> {
    return traceShapes(this.options, query, nowUnixNano, run);
  }

  async findLogs(
    search: SearchExpression,
    range: TimeRange,
    page: Page<LogPosition>,
    run: QueryRun,
  ): Promise<FoundLogs> {
    const { history, threads } = this.options;
    const tier = await readHotTier(this.options, 'logs', run);
    const asOf = page.asOf ?? tier.asOf;
    const wanted = { ...page, limit: page.limit + 1, asOf };
    const [hot, cold] = await Promise.all([
      run.timed('hot', () => findHotLogs(threads, arrivedBy(tier, asOf), search, range, wanted, run)),
      run.timed('cold', () => history.findLogs(search, range, wanted, tier.through, run)),
    ]);
    const found = mergeLogs(hot, cold, wanted.limit);
    const hits = found.slice(0, page.limit);
    return { logs: hits, ...positionOf(hits, found.length > page.limit), asOf };
  }

  /** What stands around a record in its stream: `before` older and `after` newer records at most. */
  async logContext(
    place: LogPosition,
    wanted: { readonly before: number; readonly after: number },
    run: QueryRun,
  ): Promise<LogContext> {
    const tier = await readHotTier(this.options, 'logs', run);
    return logContext({ ...this.options, tier }, place, wanted, run);
  }

  /** The largest `limit` groups. */
  async aggregate(query: AggregateQuery, limit: number, run: QueryRun): Promise<Aggregate> {
    const tier = await readHotTier(this.options, query.signal, run);
    return aggregate({ ...this.options, tier }, { ...query, asOf: tier.asOf }, limit, run);
  }

  /** Values of all fields in one selection, or in two. */
  async countValues(query: ValueCountsQuery, run: QueryRun): Promise<ValueCountsPartial> {
    const tier = await readHotTier(this.options, query.signal, run);
    return countValues({ ...this.options, tier }, { ...query, asOf: tier.asOf }, run);
  }

  async metrics(service: ServiceKey | undefined, range: TimeRange, run: QueryRun): Promise<MetricJson[]> {
    const tier = await readHotTier(this.options, 'metrics', run, service);
    const cold = await run.timed('cold', () =>
      this.options.history.metrics(service, range, tier.through, run),
    );
    const { threads } = this.options;
    return mergeMetrics(await run.timed('hot', () => hotMetrics(threads, tier, range, run)), cold);
  }

  /** The `limit` metrics with most series, and for each the `offenders` attributes with most values. */
  async metricCatalogue(
    query: CatalogueQuery,
    most: { readonly limit: number; readonly offenders: number },
    run: QueryRun,
  ): Promise<{ readonly entries: CatalogueEntry[]; readonly more: boolean }> {
    const tier = await readHotTier(this.options, 'metrics', run, query.service);
    return metricCatalogue({ ...this.options, tier }, query, most, run);
  }

  async series(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    run: QueryRun,
  ): Promise<{ readonly series: MetricSeriesJson[]; readonly more: boolean }> {
    const tier = await readHotTier(this.options, 'metrics', run, filter.service);
    const cold = await run.timed('cold', () =>
      this.options.history.series(filter, range, limit + 1, tier.through, run),
    );
    const hot = await run.timed('hot', () => hotSeries(this.options.threads, tier, filter, range, run));
    return mergeSeries([...cold, ...hot], limit);
  }

  /** Newest first. */
  async exemplars(
    filter: SeriesFilter,
    range: TimeRange,
    limit: number,
    run: QueryRun,
  ): Promise<{ readonly exemplars: FoundExemplarJson[]; readonly more: boolean }> {
    const tier = await readHotTier(this.options, 'metrics', run, filter.service);
    const { history, threads } = this.options;
    const input = { filter, range, limit: limit + 1 };
    const [hot, cold] = await Promise.all([
      run.timed('hot', () =>
        threads.scan('find-exemplars', partsWithin(tier, range, run), input, runOptions(run)),
      ),
      run.timed('cold', () => history.exemplars(filter, range, limit + 1, tier.through, run)),
    ]);
    const found = newestExemplars([...hot.flat(), ...cold], limit + 1);
    return { exemplars: found.slice(0, limit), more: found.length > limit };
  }

  async graph(
    range: TimeRange,
    nowUnixNano: bigint,
    run: QueryRun,
  ): Promise<{ readonly nodes: GraphNodeJson[]; readonly edges: GraphEdgeJson[] }> {
    const { self, system, topology } = this.options;
    // The calls of all services are the platform's own metrics: `graphOf` leaves out what may not be seen.
    const ofAll = { ...run, visible: 'all' as const };
    const seriesOf = async (name: string): Promise<MetricSeriesJson[]> =>
      (await this.series({ name, service: self, labels: [] }, range, MAX_EDGES, ofAll)).series;
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
      services: (await this.services(range, run)).filter(({ spans }) => spans > 0),
      visible: run.visible,
    });
  }

  /** In order of start: as much as analyses of a trace need, for a fraction of what its spans cost. */
  private async outline(traceId: string, run: QueryRun): Promise<SpanOutline[]> {
    const tier = await readHotTier(this.options, 'traces', run);
    const { history, threads } = this.options;
    const limit = MOST_SPANS_A_TRACE + 1;
    const [hot, cold] = await Promise.all([
      run.timed('hot', () => hotSpansOf(threads, tier, [traceId], limit, run, spanOutline)),
      run.timed('cold', () => history.spanOutlines(traceId, limit, tier.through, run)),
    ]);
    if (hot.length + cold.length > MOST_SPANS_A_TRACE) {
      throw QueryLimitError.spans(traceId, MOST_SPANS_A_TRACE);
    }
    return run.timed('sort', () => sortInTurns([...cold, ...hot], byStart));
  }

  /** Of more than `limit` at least the first `limit`. */
  private async spansOf<Made>(
    traceIds: readonly string[],
    limit: number,
    run: QueryRun,
    make: (service: ServiceKey, batch: Batch<'traces'>, row: number) => Made,
  ): Promise<(SpanJson | Made)[]> {
    if (traceIds.length === 0) return [];
    const tier = await readHotTier(this.options, 'traces', run);
    const { history, threads } = this.options;
    const [hot, cold] = await Promise.all([
      run.timed('hot', () => hotSpansOf(threads, tier, traceIds, limit, run, make)),
      run.timed('cold', () => history.spansOf(traceIds, limit, tier.through, run)),
    ]);
    return [...cold, ...hot];
  }
}

/** Where the next page begins; nowhere when this is the last. */
function positionOf<Position>(
  hits: readonly Position[],
  more: boolean,
): { readonly more: boolean; readonly last: Position | undefined } {
  return { more, last: more ? hits.at(-1) : undefined };
}
