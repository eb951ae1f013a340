import type { z } from 'zod';
import type {
  AnswerFormat,
  BodyOf,
  LedgerJson,
  PathParametersOf,
  StatusJson,
  TelemetryEndpoint,
  TelemetryPath,
} from '../../proto/api/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import type { CapacityReport } from '../../actors/capacity/index.ts';
import type { OutlookEngine } from '../../actors/outlook/index.ts';
import type { QueryEngine } from '../../actors/query/index.ts';
import type { SearchSignal, TimeRange } from '../../proto/query/index.ts';
import { answerAggregate, answerDiff, answerFacets, type AggregateContext } from './aggregates.ts';
import { answerChanges } from './changes.ts';
import { logCursor, readLogCursor, readTraceCursor, traceCursor, type Continued } from './cursor.ts';
import { answerLogContext, foundLogJson } from './log-context.ts';
import { answerExpected, type ReadExpected } from './expected.ts';
import { answerLogPatterns, type ListPatterns } from './log-patterns.ts';
import { answerBand, answerCapacity, answerForecast } from './outlook/index.ts';
import { requireRight, type Rights } from './rights.ts';
import { answerRootCauses, type FindCauses } from './root-causes.ts';
import type { ReadOnlySql, SqlFormat } from '../storage/clickhouse/index.ts';
import type { Admitted } from '../doors/index.ts';
import type { PostgresChangeStore } from '../insights/index.ts';
import { rangeOf, seriesFilter, serviceFilter, serviceOf } from './parameters.ts';
import { logSearchOf, spanSearchOf } from './searches.ts';
import { comparisonJson, criticalPathJson } from './trace-analysis.ts';
import { answerTraceShapes } from './trace-shapes.ts';
import { WrittenAnswer } from './written-answer.ts';

export interface HandlerContext {
  readonly query: QueryEngine;
  readonly outlook: OutlookEngine;
  readonly capacity: CapacityReport;
  readonly changes: Pick<PostgresChangeStore, 'list'>;
  readonly listPatterns: ListPatterns;
  readonly readExpected: ReadExpected;
  readonly findCauses: FindCauses;
  readonly sql: Pick<ReadOnlySql, 'select'>;
  readonly rights: Rights;
  readonly status: () => StatusJson;
  readonly ledger: () => LedgerJson;
  readonly nowUnixNano: () => bigint;
}

/** A request whose parameters are as its endpoint describes them. */
export interface HandlerRequest<Path extends TelemetryPath> {
  readonly path: PathParametersOf<TelemetryEndpoint<Path>>;
  readonly query: z.output<TelemetryEndpoint<Path>['queryParameters']>;
  readonly body: BodyOf<TelemetryEndpoint<Path>>;
  readonly format: AnswerFormat;
  readonly run: QueryRun;
  readonly admitted: Pick<Admitted, 'principal' | 'address'>;
}

export type Handlers = {
  readonly [Path in TelemetryPath]: (
    context: HandlerContext,
    request: HandlerRequest<Path>,
  ) => Promise<z.output<TelemetryEndpoint<Path>['answer']> | WrittenAnswer>;
};

const SQL_FORMATS: { readonly [Format in AnswerFormat]: SqlFormat } = {
  json: 'JSON',
  ndjson: 'JSONEachRow',
  csv: 'CSVWithNames',
  arrow: 'ArrowStream',
  parquet: 'Parquet',
};

/** What answers each endpoint. */
export const HANDLERS: Handlers = {
  '/api/v1/services': async (context, { query, run }) => ({
    services: await context.query.services(rangeOf(query, context.nowUnixNano()), run),
  }),
  '/api/v1/services/:service/operations': async (context, { path, query, run }) => ({
    operations: await context.query.operations(
      serviceOf(path.service),
      rangeOf(query, context.nowUnixNano()),
      run,
    ),
  }),
  '/api/v1/services/:service/expected': ({ readExpected }, { path, run }) =>
    answerExpected(readExpected, path.service, run),
  '/api/v1/traces': async (context, { query, run }) => {
    const { range, page } = readTraceCursor(query) ?? firstPage(query, context);
    const { traces, more, last, asOf } = await context.query.findTraces(
      spanSearchOf(query),
      range,
      page,
      run,
    );
    return { traces, more, nextCursor: last ? traceCursor(query, range, asOf, last) : null };
  },
  '/api/v1/traces/:traceId': async (context, { path: { traceId }, run }) => ({
    traceId,
    ...(await context.query.trace(traceId, run)),
  }),
  '/api/v1/traces/:traceId/critical-path': async (context, { path: { traceId }, run }) =>
    criticalPathJson(traceId, await context.query.explainTrace(traceId, run), run),
  '/api/v1/traces/:traceId/compare': async (context, { path: { traceId }, query, run }) => {
    const traceIds = { before: traceId, after: query.with };
    return comparisonJson(traceIds, await context.query.compareTraces([traceId, query.with], run), run);
  },
  '/api/v1/logs': async (context, { query, run }) => {
    const { range, page } = readLogCursor(query) ?? firstPage(query, context);
    const { logs, more, last, asOf } = await context.query.findLogs(logSearchOf(query), range, page, run);
    return {
      logs: logs.map(foundLogJson),
      more,
      nextCursor: last ? logCursor(query, range, asOf, last) : null,
    };
  },
  '/api/v1/logs/:logId/context': (context, { path: { logId }, query, run }) =>
    answerLogContext(context.query, logId, query, run),
  '/api/v1/logs/patterns': ({ listPatterns }, { query, run }) => answerLogPatterns(listPatterns, query, run),
  '/api/v1/traces/aggregate': (context, { query, run }) =>
    answerAggregate(aggregateContext(context, 'traces', query, run), query),
  '/api/v1/traces/facets': (context, { query, run }) =>
    answerFacets(aggregateContext(context, 'traces', query, run), query),
  '/api/v1/traces/diff': (context, { query, run }) =>
    answerDiff(aggregateContext(context, 'traces', query, run), query, baselineRangeOf(query, context)),
  '/api/v1/traces/shapes': (context, { query, run }) => answerTraceShapes(context, query, run),
  '/api/v1/logs/aggregate': (context, { query, run }) =>
    answerAggregate(aggregateContext(context, 'logs', query, run), query),
  '/api/v1/logs/facets': (context, { query, run }) =>
    answerFacets(aggregateContext(context, 'logs', query, run), query),
  '/api/v1/logs/diff': (context, { query, run }) =>
    answerDiff(aggregateContext(context, 'logs', query, run), query, baselineRangeOf(query, context)),
  '/api/v1/metrics': async (context, { query, run }) => ({
    metrics: await context.query.metrics(
      serviceFilter(query.service).service,
      rangeOf(query, context.nowUnixNano()),
      run,
    ),
  }),
  '/api/v1/metrics/catalogue': async (context, { query, run }) => {
    const { text, limit, offenders, service } = query;
    const { entries, more } = await context.query.metricCatalogue(
      {
        range: rangeOf(query, context.nowUnixNano()),
        ...serviceFilter(service),
        ...(text === undefined || text === '' ? {} : { text }),
      },
      { limit, offenders },
      run,
    );
    const metrics = entries.map(({ offenders: fields, ...entry }) => ({
      ...entry,
      offenders: fields.map(({ field, values }) => ({ attribute: field, values })),
    }));
    return { metrics, more };
  },
  '/api/v1/metrics/series': (context, { query, run }) => {
    const range = rangeOf(query, context.nowUnixNano());
    return context.query.series(seriesFilter(query), range, query.limit, run);
  },
  '/api/v1/metrics/exemplars': (context, { query, run }) => {
    const range = rangeOf(query, context.nowUnixNano());
    return context.query.exemplars(seriesFilter(query), range, query.limit, run);
  },
  '/api/v1/metrics/forecast': ({ outlook, nowUnixNano }, { query, run }) =>
    answerForecast(outlook, query, nowUnixNano(), run),
  '/api/v1/metrics/band': ({ outlook, nowUnixNano }, { query, run }) =>
    answerBand(outlook, query, nowUnixNano(), run),
  '/api/v1/capacity': ({ capacity, nowUnixNano }, { query, run }) =>
    answerCapacity(capacity, query, nowUnixNano(), run),
  '/api/v1/changes': ({ changes, nowUnixNano }, { query, run }) =>
    answerChanges(changes, query, nowUnixNano(), run),
  '/api/v1/root-causes': ({ findCauses, nowUnixNano }, { query, run }) =>
    answerRootCauses(findCauses, query, nowUnixNano(), run),
  '/api/v1/graph': (context, { query, run }) => {
    const nowUnixNano = context.nowUnixNano();
    return context.query.graph(rangeOf(query, nowUnixNano), nowUnixNano, run);
  },
  '/api/v1/sql': async (context, { body, format, run, admitted }) => {
    requireRight(context.rights, 'sql:run', admitted);
    return new WrittenAnswer(await context.sql.select(body.query, SQL_FORMATS[format], run));
  },
  '/api/v1/status': (context) => Promise.resolve(context.status()),
  '/api/v1/ledger': (context) => Promise.resolve(context.ledger()),
};

function aggregateContext(
  { query, nowUnixNano }: HandlerContext,
  signal: SearchSignal,
  range: { readonly from: string; readonly to: string },
  run: QueryRun,
): AggregateContext {
  const now = nowUnixNano();
  return { query, signal, range: rangeOf(range, now), nowUnixNano: now, run };
}

function baselineRangeOf(
  {
    from,
    to,
    baselineFrom,
    baselineTo,
  }: {
    readonly from: string;
    readonly to: string;
    readonly baselineFrom?: string | undefined;
    readonly baselineTo?: string | undefined;
  },
  { nowUnixNano }: HandlerContext,
): TimeRange {
  return rangeOf({ from: baselineFrom ?? from, to: baselineTo ?? to }, nowUnixNano());
}

function firstPage(
  query: { readonly from: string; readonly to: string; readonly limit: number },
  context: HandlerContext,
): Continued<never> {
  return { range: rangeOf(query, context.nowUnixNano()), page: { limit: query.limit } };
}
