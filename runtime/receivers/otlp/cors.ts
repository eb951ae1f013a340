import type { HttpRequestHead, HttpResponse } from '../../http/index.ts';

export interface CorsOptions {
  /** Origins whose pages may send; `*` stands for any, or once in an origin for a part of it. */
  readonly origins: readonly string[];
  /** Headers that pages may send besides those of OTLP itself. */
  readonly headers: readonly string[];
}

const OTLP_HEADERS = ['content-type', 'content-encoding', 'authorization', 'x-ophion-key'];
/** As long as browsers keep an answer at most. */
const MAX_AGE_SECONDS = 7_200;

/** What browsers ask before they send. */
export function preflight({ headers }: CorsOptions): HttpResponse {
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': [...OTLP_HEADERS, ...headers].join(', '),
      'access-control-max-age': String(MAX_AGE_SECONDS),
    },
  };
}

/** `response` with what lets the page that asked see it: to preflights, answers and refusals alike. */
export function withCors(
  request: HttpRequestHead,
  response: HttpResponse,
  { origins }: CorsOptions,
): HttpResponse {
  if (origins.length === 0) return response;
  const origin = request.header('origin');
  const isAllowed = origin !== undefined && isNamed(origin, origins);
  return {
    ...response,
    headers: {
      ...response.headers,
      ...(isAllowed
        ? { 'access-control-allow-origin': origin, 'access-control-expose-headers': 'retry-after' }
        : {}),
      vary: 'Origin',
    },
  };
}

/** A page sends that was not told it may: by a name that leads to this machine it needs no permission of its browser's. */
export function isOfUnknownPage(request: HttpRequestHead, { origins }: CorsOptions): boolean {
  const origin = request.header('origin');
  return origin !== undefined && !isNamed(origin, origins);
}

function isNamed(origin: string, origins: CorsOptions['origins']): boolean {
  return origins.some((pattern) => matches(pattern, origin));
}

function matches(pattern: string, origin: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === origin;
  const start = pattern.slice(0, star);
  const end = pattern.slice(star + 1);
  return origin.length >= start.length + end.length && origin.startsWith(start) && origin.endsWith(end);
}
