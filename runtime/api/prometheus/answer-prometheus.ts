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

type Answer = (request: PrometheusRequest) => Promise<HttpResponse>;

const PREFIX = '/prometheus/api/v1/';
const LABEL_VALUES = /^label\/([^/]+)\/values$/u;

const ANSWERS: Readonly<Record<string, Answer>> = {
  query: instantQuery,
  query_range: rangeQuery,
  query_exemplars: exemplars,
  format_query: formatQuery,
  series: seriesLabels,
  labels: labelNames,
  metadata,
  'status/buildinfo': ({ api }) => Promise.resolve(buildInfo(api.version)),
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
  const name = path.startsWith(PREFIX) ? path.slice(PREFIX.length) : '';
  const label = LABEL_VALUES.exec(name)?.[1];
  const answers = Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : undefined;
  const give =
    label === undefined ? answers : (asked: PrometheusRequest) => labelValues(asked, decoded(label));
  if (give === undefined) {
    throw new PrometheusError(
      'not_found',
      `there is no ${path}; below ${PREFIX} are ${Object.keys(ANSWERS).join(', ')}`,
    );
  }
  const parameters = parametersOf(request);
  const run = startQueryRun({
    limits: limitsOf(api.limits, parameters),
    visible: visibleTo(principal, needsOfPath(path)),
    signal: request.signal,
  });
  try {
    const response = await give({ api, parameters, run, nowMs: Number(api.nowUnixNano() / 1_000_000n) });
    return {
      ...response,
      headers: { ...response.headers, ...statsHeader(run, api.waitingItems()) },
    };
  } finally {
    run.end();
  }
}

/** A request may lower its deadline, not raise it. */
function limitsOf(limits: QueryLimits, parameters: URLSearchParams): QueryLimits {
  const timeout = parameters.get('timeout');
  if (timeout === null || timeout === '') return limits;
  return { ...limits, deadlineMs: Math.max(1, Math.min(limits.deadlineMs, durationMs('timeout', timeout))) };
}

/** Label names that are no identifiers come as Prometheus escapes them, `U__http_2e_route`, or percent-encoded. */
function decoded(part: string): string {
  let name: string;
  try {
    name = decodeURIComponent(part);
  } catch {
    throw new PrometheusError('bad_data', `invalid label name: ${part} is not percent-encoded`);
  }
  if (!name.startsWith('U__')) return name;
  return name
    .slice('U__'.length)
    .replace(/__|_([0-9a-fA-F]+)_/gu, (_, code?: string) =>
      code === undefined ? '_' : String.fromCodePoint(parseInt(code, 16)),
    );
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
