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

/** Milliseconds since 1970 of a time in seconds or RFC 3339. */
export function timeMs(parameters: URLSearchParams, name: string, fallbackMs?: number): number {
  const text = parameters.get(name);
  if (text === null || text === '') {
    if (fallbackMs === undefined) throw invalid(name, 'it is missing');
    return fallbackMs;
  }
  const ms = /^-?[\d.]+(?:e[-+]?\d+)?$/iu.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text);
  if (!Number.isFinite(ms) || Math.abs(ms) > MOST_MS) {
    throw invalid(
      name,
      `cannot parse "${text}" to a valid timestamp, expected seconds since 1970 or RFC 3339`,
    );
  }
  return ms;
}

/** What JavaScript's dates reach to. */
const MOST_MS = 8.64e15;
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
  if (/^[\d.]+(?:e[-+]?\d+)?$/iu.test(text)) return Math.round(Number(text) * 1000);
  if (!/^(?:\d+(?:ms|[smhdwy]))+$/u.test(text)) {
    throw invalid(
      name,
      `cannot parse "${text}" to a valid duration, expected seconds or a duration such as 1h30m`,
    );
  }
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/gu)) {
    ms += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return ms;
}

/** A whole number that is not negative; 0 for none. */
export function limitOf(parameters: URLSearchParams): number {
  const text = parameters.get('limit') ?? '0';
  if (!/^\d{1,9}$/u.test(text)) {
    throw invalid('limit', `cannot parse "${text}", expected a whole number from 0 on`);
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
