import type { PrometheusPath } from '../../../proto/api/index.ts';
import type { QueryLimits } from '../../../actors/ports/index.ts';
import type { Admitted } from '../../doors/index.ts';
import { startQueryRun } from '../../../actors/query/index.ts';
import type { HttpRequest, HttpResponse } from '../../http/index.ts';
import { needsOfPath } from '../../doors/index.ts';
import { visibleTo } from '../visible-to.ts';
import { statsHeader } from '../stats-header.ts';
import { labelNames, labelValues, metadata, seriesLabels } from './catalogue.ts';
import { exemplars } from './exemplars.ts';
import { durationMs, parametersOf } from './parameters.ts';
import { PrometheusError, prometheusErrorResponse, prometheusJson } from './prometheus-error.ts';
import type { PrometheusApi, PrometheusRequest } from './prometheus-request.ts';
import { formatQuery, instantQuery, rangeQuery } from './queries.ts';
import { unescapedLabel } from './unescaped-label.ts';

type Answer = (request: PrometheusRequest, label: string) => Promise<HttpResponse>;

const LABEL_VALUES = '/prometheus/api/v1/label/:name/values';
const ANSWERS: Readonly<Record<PrometheusPath, Answer>> = {
  '/prometheus/api/v1/query': instantQuery,
  '/prometheus/api/v1/query_range': rangeQuery,
  '/prometheus/api/v1/query_exemplars': exemplars,
  '/prometheus/api/v1/format_query': formatQuery,
  '/prometheus/api/v1/series': seriesLabels,
  '/prometheus/api/v1/labels': labelNames,
  [LABEL_VALUES]: labelValues,
  '/prometheus/api/v1/metadata': metadata,
  '/prometheus/api/v1/status/buildinfo': ({ api }) => Promise.resolve(buildInfo(api.version)),
};

export function isPrometheusPath(path: string): boolean {
  return path.startsWith('/prometheus/');
}

/** The Prometheus HTTP API, as data sources of Grafana ask it. */
export async function answerPrometheus(api: PrometheusApi, request: HttpRequest): Promise<HttpResponse> {
  let spent: HttpResponse['headers'] = {};
  try {
    const { principal, headers } = await api.door.admitPath(request);
    spent = headers;
    const response = await answer(api, request, principal);
    return { ...response, headers: { ...response.headers, ...spent } };
  } catch (error) {
    // The client went away: nobody sees this.
    const response: HttpResponse | undefined = request.signal.aborted
      ? { status: 499 }
      : prometheusErrorResponse(error);
    if (!response) throw error;
    return { ...response, headers: { ...spent, ...response.headers } };
  }
}

async function answer(
  api: PrometheusApi,
  request: HttpRequest,
  principal: Admitted['principal'],
): Promise<HttpResponse> {
  const { path, method } = request;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    throw new PrometheusError('method_not_allowed', `${path} is asked with GET or POST, not ${method}`);
  }
  const label = /^\/prometheus\/api\/v1\/label\/([^/]+)\/values$/u.exec(path)?.[1];
  const wanted = label === undefined ? path : LABEL_VALUES;
  if (!isAnswered(wanted)) {
    throw new PrometheusError(
      'not_found',
      `there is no ${path}; there are ${Object.keys(ANSWERS).join(', ')}`,
    );
  }
  const labelName = label === undefined ? '' : decoded(label);
  const parameters = parametersOf(request);
  const run = startQueryRun({
    limits: limitsOf(api.limits, parameters),
    visible: visibleTo(principal, needsOfPath(path)),
    signal: request.signal,
  });
  try {
    const nowMs = Number(api.nowUnixNano() / 1_000_000n);
    const response = await ANSWERS[wanted]({ api, parameters, run, nowMs }, labelName);
    return {
      ...response,
      headers: { ...response.headers, ...statsHeader(run, api.waitingItems()) },
    };
  } finally {
    run.end();
  }
}

function isAnswered(path: string): path is PrometheusPath {
  return Object.hasOwn(ANSWERS, path);
}

/** A request may lower its deadline, not raise it. */
function limitsOf(limits: QueryLimits, parameters: URLSearchParams): QueryLimits {
  const timeout = parameters.get('timeout');
  if (timeout === null || timeout === '') return limits;
  return { ...limits, deadlineMs: Math.max(1, Math.min(limits.deadlineMs, durationMs('timeout', timeout))) };
}

/** Label names that are no identifiers come as Prometheus escapes them, `U__http_2e_route`, or percent-encoded. */
function decoded(part: string): string {
  try {
    return unescapedLabel(decodeURIComponent(part));
  } catch {
    throw new PrometheusError('bad_data', `invalid label name: ${part} is not percent-encoded`);
  }
}

/** The version of Prometheus whose API this is: Grafana turns features on by it. */
const PROMETHEUS_VERSION = '3.5.0';

function buildInfo(version: string): HttpResponse {
  const data = {
    version: PROMETHEUS_VERSION,
    revision: version,
    branch: 'ophion',
    buildUser: '',
    buildDate: '',
    goVersion: '',
  };
  return prometheusJson(200, { status: 'success', data });
}
