import { parseRfc3339 } from '../../../proto/api/index.ts';
import { type LabelMatcher, parsePromql, PromqlSyntaxError } from '../../../workers/promql/index.ts';
import type { HttpRequest } from '../../http/index.ts';
import { PrometheusError } from './prometheus-error.ts';

/** Parameters of a request: those of its query and of its form, as Grafana posts it. */
export function parametersOf(request: HttpRequest): URLSearchParams {
  const parameters = new URLSearchParams(request.query);
  const isForm = request.header('content-type')?.startsWith('application/x-www-form-urlencoded') ?? false;
  if (request.method !== 'POST' || !isForm) return parameters;
  for (const [name, value] of new URLSearchParams(new TextDecoder().decode(request.body))) {
    parameters.append(name, value);
  }
  return parameters;
}

export function required(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name);
  if (value === null || value === '') throw invalid(name, 'it is missing');
  return value;
}

/** What JavaScript's dates reach to. */
const MOST_MS = 8.64e15;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/iu;
/** The first and the last moment that Go has: Prometheus' clients name them for want of a bound. */
const BOUNDS_MS: ReadonlyMap<string, number> = new Map([
  ['-292273086-05-16T16:47:06Z', 0],
  ['292277025-08-18T07:12:54.999999999Z', MOST_MS],
]);

/** Milliseconds since 1970 of a time in seconds or RFC 3339. */
export function timeMs(parameters: URLSearchParams, name: string, fallbackMs?: number): number {
  const text = parameters.get(name);
  if (text === null || text === '') {
    if (fallbackMs === undefined) throw invalid(name, 'it is missing');
    return fallbackMs;
  }
  const ms = momentMs(text);
  if (!Number.isFinite(ms) || Math.abs(ms) > MOST_MS) {
    throw invalid(
      name,
      `cannot parse "${text}" to a valid timestamp, expected seconds since 1970 or RFC 3339`,
    );
  }
  return ms;
}

/** NaN for what is none. `Date.parse` takes texts such as `tomorrow 1` for dates, and dates without a zone for local ones. */
function momentMs(text: string): number {
  if (NUMBER.test(text)) return Math.round(Number(text) * 1000);
  const nanos = parseRfc3339(text);
  return BOUNDS_MS.get(text) ?? (nanos === undefined ? NaN : Number(nanos / 1_000_000n));
}

/** What Go's durations reach to: 292 years. */
const MOST_DURATION_MS = 2 ** 63 / 1e6;
const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_536_000_000,
};

/** Of a number of seconds, or `1h30m`. */
export function durationMs(name: string, text: string): number {
  const ms = NUMBER.test(text) ? Math.round(Number(text) * 1000) : writtenMs(text);
  if (!(Math.abs(ms) <= MOST_DURATION_MS)) {
    throw invalid(
      name,
      `cannot parse "${text}" to a valid duration, expected seconds or a duration such as 1h30m`,
    );
  }
  return ms;
}

function writtenMs(text: string): number {
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/u.test(text)) return NaN;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/gu)) {
    ms += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return ms;
}

/** A whole number that is not negative; 0 for none. */
export function limitOf(parameters: URLSearchParams, name: 'limit' | 'limit_per_metric' = 'limit'): number {
  const text = parameters.get(name) ?? '';
  if (text === '') return 0;
  if (!/^\d{1,9}$/u.test(text)) {
    throw invalid(name, `cannot parse "${text}", expected a whole number from 0 on`);
  }
  return Number(text);
}

/** The conditions of `match[]` selectors. */
export function selectorsOf(parameters: URLSearchParams): (readonly LabelMatcher[])[] {
  return parameters.getAll('match[]').map((text) => {
    try {
      const expr = parsePromql(text);
      if (expr.type === 'vector' && expr.offset === undefined && expr.at === undefined) return expr.matchers;
    } catch (error) {
      if (error instanceof PromqlSyntaxError) throw invalid('match[]', error.message);
      throw error;
    }
    throw invalid('match[]', `"${text}" is not a series selector, expected for example up{job="api"}`);
  });
}

export function invalid(name: string, problem: string): PrometheusError {
  return new PrometheusError('bad_data', `invalid parameter "${name}": ${problem}`);
}
