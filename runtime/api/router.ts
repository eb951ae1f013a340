import { PATH_NEEDS } from '../../proto/access/index.ts';
import { formatsOf, parseDurationMs, type Endpoint, type PagePath } from '../../proto/api/index.ts';
import type { QueryLimits } from '../../actors/ports/index.ts';
import { startQueryRun } from '../../actors/query/index.ts';
import type { Admitted, HttpDoor } from '../doors/index.ts';
import type { HttpRequest, HttpRequestHead, HttpResponse } from '../http/index.ts';
import { ApiError, apiErrorResponse, errorResponse, json } from './api-error.ts';
import { AnswerWithCookies } from './access/index.ts';
import { answerBody, negotiate } from './formats/index.ts';
import { openApiDocument } from './openapi.ts';
import { answerPrometheus, isPrometheusPath } from './prometheus/answer-prometheus.ts';
import type { PrometheusApi } from './prometheus/prometheus-request.ts';
import { parseBody, parseParameters } from './parameters.ts';
import { WrittenAnswer } from './written-answer.ts';
import { referencePage } from './reference-page.ts';
import { ROUTES, type Route, type RouteContext } from './routes.ts';
import { AnswerElsewhere } from './settings/index.ts';
import { statsHeader } from './stats-header.ts';
import { visibleTo } from './visible-to.ts';

export interface ApiOptions extends RouteContext, PrometheusApi {
  readonly door: Pick<HttpDoor, 'admit' | 'admitPath'>;
  readonly version: string;
  /** What a question may cost at most. */
  readonly limits: QueryLimits;
  /** Up, and with all it needs: what load balancers ask. */
  readonly isReady: () => boolean;
}

/** Whether a path is the API's to answer, found or not. */
export function isApiPath(path: string): boolean {
  return path.startsWith('/api/') || isPrometheusPath(path) || Object.hasOwn(PAGES, path);
}

export async function answerApi(options: ApiOptions, request: HttpRequest): Promise<HttpResponse> {
  if (isPrometheusPath(request.path)) return answerPrometheus(options, request);
  try {
    return await route(options, request);
  } catch (error) {
    const response = request.signal.aborted ? GONE : errorResponse(error);
    if (!response) throw error;
    return response;
  }
}

type Answer = Readonly<Record<string, unknown>>;

function withCookies(given: Answer | WrittenAnswer | AnswerWithCookies<Answer>): {
  readonly found: Answer | WrittenAnswer;
  readonly cookies: readonly string[];
} {
  if (!(given instanceof AnswerWithCookies)) return { found: given, cookies: [] };
  return { found: given.answer, cookies: given.cookies };
}

/** The client went away: nobody sees this. */
const GONE: HttpResponse = { status: 499 };

/** To a body that no path of ours asks for. */
export function answerTooLarge(): HttpResponse {
  return apiErrorResponse('PAYLOAD_TOO_LARGE', 'the body is too large', 'most paths are read with GET');
}

type PageAnswer = (options: ApiOptions) => HttpResponse;

/** What is answered without asking the tiers. */
const PAGES: Readonly<Record<string, PageAnswer>> = pagesOf({
  '/healthz': () => json(200, { status: 'ok' }),
  '/readyz': ({ isReady }) =>
    isReady() ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' }),
  '/.well-known/jwks.json': ({ access }) => json(200, access.tokens.jwks()),
  '/api/openapi.json': ({ version }) => json(200, openApiDocument(version)),
  '/api/docs': ({ version }) => referencePage(openApiDocument(version)),
} satisfies Readonly<Record<PagePath, PageAnswer>>);

/** A page without a row of its own does not start: it would be as open as the web app's files. */
export function pagesOf(
  pages: Partial<Record<keyof typeof PATH_NEEDS, PageAnswer>>,
): Readonly<Record<string, PageAnswer>> {
  for (const path of Object.keys(pages)) {
    if (!Object.hasOwn(PATH_NEEDS, path)) throw new Error(`no row says what ${path} needs`);
  }
  return pages;
}

async function route(options: ApiOptions, request: HttpRequest): Promise<HttpResponse> {
  const { path } = request;
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined;
  if (page) {
    await options.door.admitPath(request);
    requireMethod(request, ['GET']);
    return page(options);
  }
  const found = ROUTES.flatMap((candidate) => {
    const parameters = match(candidate.segments, path);
    return parameters ? [{ route: candidate, parameters }] : [];
  });
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  // A path that is spelled out comes before one with a parameter in the same place.
  const isLiteral = found.some(({ parameters }) => Object.keys(parameters).length === 0);
  const fitting = found.filter(({ parameters }) => (Object.keys(parameters).length === 0) === isLiteral);
  const wanted = fitting.find(({ route: { endpoint } }) => endpoint.method === method);
  if (wanted) return answer(options, request, wanted.route, wanted.parameters);
  // Who may ask for nothing is not told what there is.
  await options.door.admitPath(request);
  requireMethod(
    request,
    fitting.map(({ route: { endpoint } }) => endpoint.method),
  );
  const paths = new Set(ROUTES.map(({ endpoint }) => endpoint.path));
  throw new ApiError('NOT_FOUND', `there is no ${path}`, `paths are ${[...paths].join(', ')}; see /api/docs`);
}

async function answer(
  options: ApiOptions,
  request: HttpRequest,
  wanted: Route,
  pathParameters: Readonly<Record<string, string>>,
): Promise<HttpResponse> {
  const admitted = await options.door.admit(request, wanted.endpoint.needs);
  try {
    return await answerAdmitted(options, request, wanted, pathParameters, admitted);
  } catch (error) {
    const response = request.signal.aborted ? undefined : errorResponse(error);
    if (!response) throw error;
    // What was spent is said with errors, too.
    return { ...response, headers: { ...admitted.headers, ...response.headers } };
  }
}

async function answerAdmitted(
  options: ApiOptions,
  request: HttpRequest,
  { endpoint, handle }: Route,
  pathParameters: Readonly<Record<string, string>>,
  admitted: Admitted,
): Promise<HttpResponse> {
  const { queryParameters } = endpoint;
  const query = parseParameters(queryParameters, new URLSearchParams(request.query));
  const path = endpoint.pathParameters
    ? parseParameters(endpoint.pathParameters, decoded(pathParameters))
    : {};
  const format = negotiate(request.header('accept'), formatsOf(endpoint));
  const run = startQueryRun({
    limits: limitsOf(options.limits, query),
    visible: visibleTo(admitted.principal, endpoint.needs),
    signal: request.signal,
  });
  try {
    const body = bodyOf(endpoint, request);
    const given = await handle(options, { path, query, body, format, run, head: request, admitted });
    if (given instanceof AnswerElsewhere) return elsewhere(given, admitted.headers);
    const { found, cookies } = withCookies(given);
    const written = answerBody(endpoint, found, format);
    return {
      status: 200,
      headers: {
        'content-type': written.contentType,
        ...admitted.headers,
        'cache-control': 'no-store',
        vary: 'accept',
        ...statsHeader(run, options.waitingItems()),
        ...listHeaders(found),
      },
      ...(cookies.length === 0 ? {} : { cookies }),
      ...(written.body === undefined ? {} : { body: written.body }),
    };
  } finally {
    run.end();
  }
}

function elsewhere({ location, cookies }: AnswerElsewhere, headers: HttpResponse['headers']): HttpResponse {
  return { status: 303, headers: { ...headers, location, 'cache-control': 'no-store' }, cookies };
}

/** What is said of a list beside its rows: formats of rows have no other place for it. */
function listHeaders(answer: Answer | WrittenAnswer): Readonly<Record<string, string>> {
  if (answer instanceof WrittenAnswer) return {};
  const { nextCursor, more } = answer;
  return {
    ...(typeof nextCursor === 'string' && { 'x-ophion-next-cursor': nextCursor }),
    ...(more === true && { 'x-ophion-more': 'true' }),
  };
}

function bodyOf({ body }: Endpoint, request: HttpRequest): unknown {
  if (!body) return undefined;
  const type = (request.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE', 'the body is read as application/json only');
  }
  return parseBody(body, Buffer.from(request.body).toString());
}

/** A request may lower its deadline, not raise it. */
function limitsOf(limits: QueryLimits, { timeout }: Readonly<Record<string, unknown>>): QueryLimits {
  const wantedMs = typeof timeout === 'string' ? parseDurationMs(timeout) : undefined;
  return { ...limits, deadlineMs: Math.min(limits.deadlineMs, wantedMs ?? Infinity) };
}

function requireMethod(request: HttpRequestHead, allowed: readonly Endpoint['method'][]): void {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (allowed.length === 0 || (allowed as readonly string[]).includes(method)) return;
  const isRead = allowed.every((one) => one === 'GET');
  throw new ApiError(
    'METHOD_NOT_ALLOWED',
    `${request.path} is ${isRead ? 'read with GET' : `asked with ${allowed.join(' or ')}`}, not ${request.method}`,
    undefined,
    { allow: allowed.flatMap((one) => (one === 'GET' ? ['GET', 'HEAD'] : [one])).join(', ') },
  );
}

function match(segments: readonly string[], path: string): Record<string, string> | undefined {
  const parts = path.split('/');
  if (parts.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = parts[i] ?? '';
    if (segment.startsWith(':')) parameters[segment.slice(1)] = part;
    else if (segment !== part) return undefined;
  }
  return parameters;
}

function decoded(parts: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams(
    Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, decode(part)])),
  );
}

/** Service ids are percent-encoded themselves, so that one that is not encoded again comes through as well. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError('BAD_REQUEST', `${JSON.stringify(part)} in the path is not percent-encoded`);
  }
}
