import type { z } from 'zod';
import {
  aggregateQuery,
  diffQuery,
  facetsQuery,
  logSearchQuery,
  metricListQuery,
  parseMoment,
  rangeQuery,
  seriesQuery,
  tracePath,
  traceSearchQuery,
  type ApiAnswers,
  type LedgerJson,
  type StatusJson,
} from '../../proto/api/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import type { SearchSignal, TimeRange } from '../../proto/query/index.ts';
import type { QueryEngine } from '../../actors/query/index.ts';
import { answerAggregate, answerDiff, answerFacets, type AggregateContext } from './aggregates.ts';
import { ApiError } from './api-error.ts';
import { logSearchOf, serviceOf, serviceTerm, spanSearchOf } from './searches.ts';

export interface RouteContext {
  readonly query: QueryEngine;
  readonly status: () => StatusJson;
  readonly ledger: () => LedgerJson;
  readonly nowUnixNano: () => bigint;
}

export interface RouteRequest {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly run: QueryRun;
}

type Routes = {
  readonly [Path in keyof ApiAnswers]: (
    context: RouteContext,
    request: RouteRequest,
  ) => Promise<ApiAnswers[Path]>;
};

export const ROUTES: Routes = {
  '/api/v1/services': async (context, { query }) => ({
    services: await context.query.services(rangeOf(context, parse(rangeQuery, query))),
  }),
  '/api/v1/services/:service/operations': async (context, { path, query }) => ({
    operations: await context.query.operations(
      serviceOf(path['service'] ?? ''),
      rangeOf(context, parse(rangeQuery, query)),
    ),
  }),
  '/api/v1/traces': async (context, { query, run }) => {
    const wanted = parse(traceSearchQuery, query);
    return context.query.findTraces(spanSearchOf(wanted), rangeOf(context, wanted), wanted.limit, run);
  },
  ...aggregateRoutes('traces'),
  '/api/v1/traces/:traceId': async (context, { path }) => {
    const { traceId } = parse(tracePath, new URLSearchParams(path));
    return { traceId, spans: await context.query.trace(traceId) };
  },
  '/api/v1/logs': async (context, { query, run }) => {
    const wanted = parse(logSearchQuery, query);
    return context.query.findLogs(logSearchOf(wanted), rangeOf(context, wanted), wanted.limit, run);
  },
  ...aggregateRoutes('logs'),
  '/api/v1/metrics': async (context, { query }) => {
    const { service, ...range } = parse(metricListQuery, query);
    return { metrics: await context.query.metrics(serviceTerm(service).service, rangeOf(context, range)) };
  },
  '/api/v1/metrics/series': async (context, { query }) => {
    const { name, service, label, limit, ...range } = parse(seriesQuery, query);
    const labels = label.map((text) => {
      const at = text.indexOf('=');
      return { key: text.slice(0, at), value: text.slice(at + 1) };
    });
    return context.query.series({ name, labels, ...serviceTerm(service) }, rangeOf(context, range), limit);
  },
  '/api/v1/graph': async (context, { query }) =>
    context.query.graph(rangeOf(context, parse(rangeQuery, query)), context.nowUnixNano()),
  '/api/v1/status': (context) => Promise.resolve(context.status()),
  '/api/v1/ledger': (context) => Promise.resolve(context.ledger()),
};

/** Of one signal. They stand in front of `/:traceId`, which would take their names for an id. */
function aggregateRoutes<Signal extends SearchSignal>(
  signal: Signal,
): Pick<Routes, `/api/v1/${Signal}/${'aggregate' | 'facets' | 'diff'}`> {
  const contextOf = (
    context: RouteContext,
    range: { readonly from: string; readonly to: string },
    run: QueryRun,
  ): AggregateContext => ({ query: context.query, signal, range: rangeOf(context, range), run });
  const routes = {
    [`/api/v1/${signal}/aggregate`]: async (context: RouteContext, { query, run }: RouteRequest) => {
      const wanted = parse(aggregateQuery, query);
      return answerAggregate(contextOf(context, wanted, run), wanted);
    },
    [`/api/v1/${signal}/facets`]: async (context: RouteContext, { query, run }: RouteRequest) => {
      const wanted = parse(facetsQuery, query);
      return answerFacets(contextOf(context, wanted, run), wanted);
    },
    [`/api/v1/${signal}/diff`]: async (context: RouteContext, { query, run }: RouteRequest) => {
      const wanted = parse(diffQuery, query);
      return answerDiff(contextOf(context, wanted, run), wanted);
    },
  };
  return routes as unknown as Pick<Routes, `/api/v1/${Signal}/${'aggregate' | 'facets' | 'diff'}`>;
}

const REPEATED = new Set(['label', 'by', 'number', 'distinct']);

/** Repeated parameters are an array where the schema wants one; elsewhere the last one counts. */
function parse<Schema extends z.ZodObject>(schema: Schema, query: URLSearchParams): z.output<Schema> {
  const keys = [...new Set(query.keys())];
  const unknown = keys.filter((key) => !Object.hasOwn(schema.shape, key));
  if (unknown.length > 0) {
    throw new ApiError(
      'BAD_REQUEST',
      `there is no parameter ${unknown.map(shortened).join(', ')}`,
      `use one of ${Object.keys(schema.shape).join(', ')}`,
    );
  }
  const values: Readonly<Record<string, unknown>> = Object.fromEntries(
    keys.map((key) => [key, REPEATED.has(key) ? query.getAll(key) : query.getAll(key).at(-1)]),
  );
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  const given = values[name];
  throw new ApiError(
    'BAD_REQUEST',
    given === undefined
      ? `${name} is missing`
      : `${name} is ${shortened(JSON.stringify(given))}: ${issue?.message ?? ''}`,
  );
}

const MOST_SHOWN = 200;

function shortened(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}

function rangeOf(context: RouteContext, { from, to }: { from: string; to: string }): TimeRange {
  const now = context.nowUnixNano();
  // The schema has checked both.
  const fromUnixNano = parseMoment(from, now) ?? now;
  // `now` is to include what has been accepted up to this moment, whatever its clock says.
  const toUnixNano = to === 'now' ? now + FUTURE_NANOS : (parseMoment(to, now) ?? now);
  if (fromUnixNano >= toUnixNano) {
    throw new ApiError('BAD_REQUEST', `from (${from}) is not before to (${to})`, 'exchange them');
  }
  return { fromUnixNano: withinInt64(fromUnixNano), toUnixNano: withinInt64(toUnixNano) };
}

const MOST_INT64 = 2n ** 63n - 1n;

/** Times and durations are told to the archive as 64-bit numbers; nothing lies beyond. */
function withinInt64(nanos: bigint): bigint {
  if (nanos < 0n) return 0n;
  return nanos > MOST_INT64 ? MOST_INT64 : nanos;
}

/** Clocks of senders run ahead of ours by up to a minute. */
const FUTURE_NANOS = 60_000_000_000n;
