import type { ServerResponse } from 'node:http';
import type { ErrorBody, LedgerJson, MeJson, ServiceChangeJson, SpanJson } from '../../proto/api/index.ts';
import {
  checkoutTrace,
  operationsOf,
  serviceOf,
  SHOP,
  STATUS,
  TRACE_ID,
  traceSummaries,
} from './platform-data.ts';
import {
  comparisonOf,
  contextOf,
  countedByLevel,
  DIFFERENCES,
  durationsCounted,
  FACETS,
  foundLogs,
} from './platform-counts.ts';
import {
  bandOfCpu,
  capacityOfShop,
  expectedOfService,
  forecastOfDisk,
  judgedInsights,
  NO_CAPACITY,
} from './platform-insights.ts';
import { causesOfCheckout } from './platform-causes.ts';
import { patternsOfShop } from './platform-patterns.ts';
import { graphOfShop, metricsOfShop, seriesOf } from './platform-metrics.ts';
import { NO_SHAPES, SHAPES_OF_CART } from './platform-shapes.ts';

export interface ApiState {
  /** Every path answers with this instead. */
  failure: { readonly status: number; readonly body: ErrorBody } | undefined;
  delayMs: number;
  isEmpty: boolean;
  /** What `/traces/:traceId` answers; the checkout otherwise. */
  traceSpans: readonly SpanJson[] | undefined;
  /** Paths with query, in order. */
  readonly asked: string[];
}

/** One of each kind, minutes ago. */
function changesOf(url: URL, nowMs: number): readonly ServiceChangeJson[] {
  const change = (kind: ServiceChangeJson['kind'], name: string, minutes: number): ServiceChangeJson => {
    const { id, namespace, environment, name: serviceName } = serviceOf('cart');
    const service = { id, namespace, environment, name: serviceName };
    const [version, instance] = kind === 'deploy' ? [name, ''] : ['', name];
    return { service, kind, version, instance, atUnixMs: nowMs - minutes * 60_000 };
  };
  const wanted = (name: string, value: string): boolean => [null, value].includes(url.searchParams.get(name));
  return [
    change('scaling', 'cart-7d4b9', 2),
    change('restart', 'cart-5f6c8 1', 5),
    change('deploy', '2.4.1', 9),
  ].filter(({ kind, service }) => wanted('kind', kind) && wanted('service', service.id));
}

const names = (id: string | null) => decodeURIComponent(id ?? '').split('~')[2] ?? '';

function traces(url: URL, state: ApiState) {
  const all = state.isEmpty ? [] : traceSummaries(120, Date.now());
  const isWanted = url.searchParams.get('status') === 'error' ? all.filter((one) => one.errorCount > 0) : all;
  return { traces: isWanted, more: false };
}

function logs(url: URL, state: ApiState) {
  const all = state.isEmpty ? [] : foundLogs(1_000, Date.now());
  const service = url.searchParams.get('service');
  const severity = Number(url.searchParams.get('minSeverity') ?? 0);
  const text = url.searchParams.get('q') ?? '';
  const fitting = all.filter(
    (log) =>
      (service === null || log.service.id === service) &&
      log.severityNumber >= severity &&
      JSON.stringify(log.body).includes(text),
  );
  return { logs: fitting, more: fitting.length === 1_000 };
}

const ENTRY = {
  requests: 1_204,
  undecodableRequests: 0,
  sent: 1_203_400,
  inFlight: 400,
  accepted: 1_200_000,
  rejected: { 'name-missing': 12, 'end-before-start': 488 },
  refused: { 'journal-full': 2_500 },
  repeated: 0,
  unexplained: 0,
  replayed: 0,
  archived: 900_000,
  waiting: 300_000,
};
const LEDGER: LedgerJson = {
  sinceUnixMs: 1_760_000_000_000,
  signals: {
    traces: ENTRY,
    metrics: { ...ENTRY, rejected: {}, refused: {}, sent: 1_200_400 },
    logs: { ...ENTRY, rejected: { undecodable: 498 }, undecodableRequests: 1, unexplained: 2 },
  },
};

const ME: MeJson = {
  userId: '0b4a1c2e-6f0d-4c3b-9a57-0d7f5b1f3a10',
  login: 'ada',
  name: 'Ada',
  roles: ['viewer'],
  permissions: [
    ...(['services:read', 'traces:read', 'logs:read', 'metrics:read', 'platform:read'] as const),
    ...(['insights:read', 'insights:judge'] as const),
  ],
  restrictions: [],
  by: 'session',
  session: null,
  mustChangePassword: false,
  mustSetUpSecondFactor: false,
  hasPassword: true,
  hasSecondFactor: false,
};

/** Answers of paths with a name in them. */
const NAMED: readonly {
  readonly path: RegExp;
  readonly answer: (name: string, url: URL, state: ApiState) => unknown;
}[] = [
  {
    path: /^\/services\/([^/]+)\/operations$/,
    answer: (id, _, { isEmpty }) => ({ operations: isEmpty ? [] : operationsOf(names(id)) }),
  },
  {
    path: /^\/services\/([^/]+)\/expected$/,
    answer: (_id, _url, { isEmpty }) => expectedOfService(Date.now(), isEmpty),
  },
  {
    path: /^\/traces\/([0-9a-f]{32})$/,
    answer: (traceId, _, { isEmpty, traceSpans }) => {
      const known = traceId === TRACE_ID ? checkoutTrace(Date.now()) : [];
      return { traceId, spans: isEmpty ? [] : (traceSpans ?? known), more: false };
    },
  },
  {
    path: /^\/traces\/([0-9a-f]{32})\/compare$/,
    answer: (traceId, url) => comparisonOf(traceId, url.searchParams.get('with') ?? ''),
  },
  {
    path: /^\/insights\/([^/]+)\/feedback$/,
    answer: (id, _, state) => {
      const isJudged = state.asked.filter((asked) => asked.endsWith(`${id}/feedback`)).length % 2 === 1;
      return { useful: isJudged ? 1 : 0, notUseful: 0, mine: isJudged ? 'useful' : null };
    },
  },
  {
    path: /^\/insights\/([^/]+)$/,
    answer: (id) => judgedInsights(Date.now()).find((one) => one.id === id),
  },
  {
    path: /^\/logs\/([^/]+)\/context$/,
    answer: (logId, url) => {
      const some = (name: string) => Number(url.searchParams.get(name));
      return contextOf(logId, some('before'), some('after'), Date.now());
    },
  },
];

function answerOf(url: URL, state: ApiState): unknown {
  const path = url.pathname.replace('/api/v1', '');
  for (const named of NAMED) {
    const name = named.path.exec(path)?.[1];
    if (name !== undefined) return named.answer(decodeURIComponent(name), url, state);
  }
  const answers: Readonly<Record<string, () => unknown>> = {
    '/me': () => ME,
    '/status': () => STATUS,
    '/ledger': () => LEDGER,
    '/services': () => ({ services: SHOP.map(serviceOf) }),
    '/traces': () => traces(url, state),
    '/logs': () => logs(url, state),
    '/logs/aggregate': () =>
      countedByLevel(logs(url, state).logs, Number(url.searchParams.get('stepSeconds')) * 1_000),
    '/logs/patterns': () => patternsOfShop(url.searchParams, state.isEmpty, Date.now()),
    '/logs/facets': () => FACETS,
    '/logs/diff': () => DIFFERENCES,
    '/traces/shapes': () => (state.isEmpty ? NO_SHAPES : SHAPES_OF_CART),
    '/traces/facets': () => FACETS,
    '/traces/diff': () => DIFFERENCES,
    '/traces/aggregate': () => durationsCounted([10, 20, 30, 40]),
    '/metrics': () => ({ metrics: state.isEmpty ? [] : metricsOfShop() }),
    '/metrics/series': () => ({
      series: seriesOf(url.searchParams.get('name') ?? '', Date.now()),
      more: false,
    }),
    '/insights': () => {
      const wanted = (name: string, value: string) => [null, value].includes(url.searchParams.get(name));
      const all = state.isEmpty ? [] : judgedInsights(Date.now());
      const insights = all.filter((one) => wanted('kind', one.kind) && wanted('state', one.state));
      return { insights, nextCursor: null, precision: { useful: 3, notUseful: 1 } };
    },
    '/metrics/forecast': () => forecastOfDisk(Date.now()),
    '/metrics/band': () => bandOfCpu(Date.now()),
    '/capacity': () => (state.isEmpty ? NO_CAPACITY : capacityOfShop(Date.now())),
    '/changes': () => ({ changes: state.isEmpty ? [] : changesOf(url, Date.now()), more: false }),
    '/root-causes': () => causesOfCheckout(Date.now(), state.isEmpty),
    '/graph': () => (state.isEmpty ? { nodes: [], edges: [] } : graphOfShop()),
  };
  return answers[path]?.();
}

export function answerApi(state: ApiState, url: URL, response: ServerResponse): void {
  if (url.pathname !== '/api/v1/me') state.asked.push(url.pathname + url.search);
  const isMe = url.pathname === '/api/v1/me';
  const failure = isMe ? undefined : state.failure;
  const answer = failure?.body ?? answerOf(url, state);
  response.setHeader('content-type', 'application/json');
  response.statusCode = failure?.status ?? (answer === undefined ? 404 : 200);
  const text = JSON.stringify(answer ?? { error: { code: 'NOT_FOUND', message: 'no such path' } });
  setTimeout(() => response.end(text), state.delayMs);
}
