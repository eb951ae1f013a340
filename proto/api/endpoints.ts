import { z } from 'zod';
import { ACCESS_ENDPOINTS } from './access-endpoints.ts';
import { SETTINGS_ENDPOINTS } from './settings-endpoints.ts';
import { graphEdge, graphNode, operationActivity, serviceActivity } from './activity.ts';
import { endpoint, type Endpoint, type KeyOf } from './endpoint.ts';
import { EXEMPLAR_ENDPOINTS } from './exemplars.ts';
import { CHANGE_ENDPOINTS } from './changes.ts';
import { INSIGHT_ENDPOINTS } from './insights.ts';
import { EXPECTED_ENDPOINTS } from './expected.ts';
import { OUTLOOK_ENDPOINTS } from './outlook.ts';
import { foundLog, LOG_CONTEXT_ENDPOINTS } from './log-context.ts';
import { LOG_PATTERN_ENDPOINTS } from './log-patterns.ts';
import { METRIC_CATALOGUE_ENDPOINTS } from './metric-catalogue.ts';
import { metric, metricSeries } from './metrics.ts';
import {
  compareQuery,
  logSearchQuery,
  metricListQuery,
  noParameters,
  rangeQuery,
  runQuery,
  seriesQuery,
  servicePath,
  tracePath,
  traceSearchQuery,
} from './requests.ts';
import {
  aggregateAnswer,
  aggregateQuery,
  diffAnswer,
  differenceRow,
  diffQuery,
  facetRow,
  facetsAnswer,
  facetsQuery,
  groupRow,
} from './search.ts';
import { ROOT_CAUSE_ENDPOINTS } from './root-causes.ts';
import { SQL_ENDPOINTS } from './sql.ts';
import { ledger, status } from './status.ts';
import { MOST_SPANS_A_TRACE, span, traceSummary } from './telemetry.ts';
import { comparedPath, criticalPathAnswer, spanTime, traceComparison } from './trace-analysis.ts';
import { TRACE_SHAPE_ENDPOINTS } from './trace-shapes.ts';
import { listOf, named, record, traceIdText } from './values.ts';

const nextCursor = z.string().nullable().meta({
  description:
    'where the next page begins, null on the last. Pages show what had arrived when the first was read, each item once; formats of rows have it as the header X-Ophion-Next-Cursor',
});
const more = z.boolean().meta({ description: 'whether the limit cut the list' });

/** What is asked about telemetry and the platform: one method a path. */
export const TELEMETRY_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/services',
    tag: 'services',
    needs: 'services:read',
    summary: 'Services, each with what it did',
    queryParameters: rangeQuery,
    answer: named('Services', record({ services: listOf(serviceActivity) })),
    rows: { key: 'services', item: serviceActivity },
    example: '/api/v1/services?from=now-1h',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/services/:service/operations',
    tag: 'services',
    needs: 'services:read',
    summary: 'Operations of a service, busiest first',
    pathParameters: servicePath,
    queryParameters: rangeQuery,
    answer: named('Operations', record({ operations: listOf(operationActivity) })),
    rows: { key: 'operations', item: operationActivity },
    example: '/api/v1/services/production~shop~cart/operations',
  }),
  ...EXPECTED_ENDPOINTS,
  endpoint({
    method: 'GET',
    path: '/api/v1/traces',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'Traces with a span that matches, newest first',
    queryParameters: traceSearchQuery,
    answer: named('Traces', record({ traces: listOf(traceSummary), more, nextCursor })),
    rows: { key: 'traces', item: traceSummary },
    example: '/api/v1/traces?status=error&minDurationMs=100&limit=20',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/traces/aggregate',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'Count, rate, quantiles and distinct values of spans, by group and over time',
    queryParameters: aggregateQuery,
    answer: aggregateAnswer,
    rows: { key: 'groups', item: groupRow },
    example: '/api/v1/traces/aggregate?by=service&number=duration&stepSeconds=60',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/traces/facets',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'Fields of the spans that match, with their most frequent values',
    queryParameters: facetsQuery,
    answer: facetsAnswer,
    rows: { key: 'fields', item: facetRow },
    example: '/api/v1/traces/facets?q=status:error',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/traces/diff',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'What the spans that match have that others do not',
    queryParameters: diffQuery,
    answer: diffAnswer,
    rows: { key: 'fields', item: differenceRow },
    example: '/api/v1/traces/diff?q=status:error',
  }),
  ...TRACE_SHAPE_ENDPOINTS,
  endpoint({
    method: 'GET',
    path: '/api/v1/traces/:traceId',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'All spans of a trace, in order of start',
    description: `An unknown trace has no spans. Of more than ${MOST_SPANS_A_TRACE} spans those that start first are answered, and \`more\` (or the header X-Ophion-More) is true.`,
    pathParameters: tracePath,
    queryParameters: runQuery,
    answer: named('Trace', record({ traceId: traceIdText, spans: listOf(span), more })),
    rows: { key: 'spans', item: span },
    example: '/api/v1/traces/5b8efff798038103d269b633813fc60c',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/traces/:traceId/critical-path',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'What a trace waited for, and for how long each span worked itself',
    description: `An unknown trace has no spans. Of more than ${MOST_SPANS_A_TRACE} spans it is not computed (422).`,
    pathParameters: tracePath,
    queryParameters: runQuery,
    answer: criticalPathAnswer,
    rows: { key: 'spans', item: spanTime },
    example: '/api/v1/traces/5b8efff798038103d269b633813fc60c/critical-path',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/traces/:traceId/compare',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'What another trace has more, less, slower or faster',
    description: `Traces of more than ${MOST_SPANS_A_TRACE} spans are not compared (422).`,
    pathParameters: tracePath,
    queryParameters: compareQuery,
    answer: traceComparison,
    rows: { key: 'paths', item: comparedPath },
    example: '/api/v1/traces/5b8efff798038103d269b633813fc60c/compare?with=0af7651916cd43dd8448eb211c80319c',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/logs',
    tag: 'logs',
    needs: 'logs:read',
    summary: 'Log records that match, newest first',
    queryParameters: logSearchQuery,
    answer: named('Logs', record({ logs: listOf(foundLog), more, nextCursor })),
    rows: { key: 'logs', item: foundLog },
    example: '/api/v1/logs?minSeverity=17&text=timeout',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/logs/aggregate',
    tag: 'logs',
    needs: 'logs:read',
    summary: 'Count, rate, quantiles and distinct values of log records, by group and over time',
    queryParameters: aggregateQuery,
    answer: aggregateAnswer,
    rows: { key: 'groups', item: groupRow },
    example: '/api/v1/logs/aggregate?by=service&by=level&stepSeconds=60',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/logs/facets',
    tag: 'logs',
    needs: 'logs:read',
    summary: 'Fields of the log records that match, with their most frequent values',
    queryParameters: facetsQuery,
    answer: facetsAnswer,
    rows: { key: 'fields', item: facetRow },
    example: '/api/v1/logs/facets?q=level>=error',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/logs/diff',
    tag: 'logs',
    needs: 'logs:read',
    summary: 'What the log records that match have that others do not',
    queryParameters: diffQuery,
    answer: diffAnswer,
    rows: { key: 'fields', item: differenceRow },
    example: '/api/v1/logs/diff?q=level>=error',
  }),
  ...LOG_CONTEXT_ENDPOINTS,
  ...LOG_PATTERN_ENDPOINTS,
  endpoint({
    method: 'GET',
    path: '/api/v1/metrics',
    tag: 'metrics',
    needs: 'metrics:read',
    summary: 'Metrics that have points',
    queryParameters: metricListQuery,
    answer: named('Metrics', record({ metrics: listOf(metric) })),
    rows: { key: 'metrics', item: metric },
    example: '/api/v1/metrics?from=now-1h',
  }),
  ...METRIC_CATALOGUE_ENDPOINTS,
  ...EXEMPLAR_ENDPOINTS,
  ...CHANGE_ENDPOINTS,
  ...OUTLOOK_ENDPOINTS,
  ...ROOT_CAUSE_ENDPOINTS,
  endpoint({
    method: 'GET',
    path: '/api/v1/metrics/series',
    tag: 'metrics',
    needs: 'metrics:read',
    summary: 'Series of a metric with their points',
    queryParameters: seriesQuery,
    answer: named('Series', record({ series: listOf(metricSeries), more })),
    rows: { key: 'series', item: metricSeries },
    example: '/api/v1/metrics/series?name=http.server.request.duration&label=http.route=/cart',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/graph',
    tag: 'services',
    needs: 'services:read',
    summary: 'Who called whom in a range, past or present',
    queryParameters: rangeQuery,
    answer: named('Graph', record({ nodes: listOf(graphNode), edges: listOf(graphEdge) })),
    rows: { key: 'edges', item: graphEdge },
    example: '/api/v1/graph?from=now-2h&to=now-1h',
  }),
  ...SQL_ENDPOINTS,
  endpoint({
    method: 'GET',
    path: '/api/v1/status',
    tag: 'platform',
    needs: 'platform:read',
    summary: 'The platform, and how far it is',
    queryParameters: noParameters,
    answer: status,
    example: '/api/v1/status',
  }),
  endpoint({
    method: 'GET',
    path: '/api/v1/ledger',
    tag: 'platform',
    needs: 'platform:read',
    summary: 'What became of every item since the start',
    queryParameters: noParameters,
    answer: ledger,
    example: '/api/v1/ledger',
  }),
] as const satisfies readonly Endpoint[];

/** Everything the API can be asked. */
export const ENDPOINTS = [
  ...TELEMETRY_ENDPOINTS,
  ...INSIGHT_ENDPOINTS,
  ...ACCESS_ENDPOINTS,
  ...SETTINGS_ENDPOINTS,
] as const satisfies readonly Endpoint[];

type TelemetryOf = (typeof TELEMETRY_ENDPOINTS)[number];
export type TelemetryPath = TelemetryOf['path'];
export type TelemetryEndpoint<Path extends TelemetryPath> = Extract<TelemetryOf, { readonly path: Path }>;

type EndpointOf = (typeof ENDPOINTS)[number];
type GetEndpoint = Extract<EndpointOf, { readonly method: 'GET' }>;
/** Paths that are read with GET. */
export type ApiGetPath = GetEndpoint['path'];

/** What each path answers a GET with 200. */
export type ApiAnswers = { readonly [E in GetEndpoint as E['path']]: z.output<E['answer']> };

/** `GET /api/v1/services`. */
export type EndpointKey = KeyOf<EndpointOf>;
/** What is asked in order to change something. */
export type ApiChangeKey = KeyOf<Exclude<EndpointOf, { readonly method: 'GET' }>>;
export type EndpointByKey<Key extends EndpointKey> = {
  readonly [E in EndpointOf as KeyOf<E>]: E;
}[Key];
