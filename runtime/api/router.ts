import type { HttpRequest, HttpRequestHead, HttpResponse } from '../http/index.ts';
import { ApiError, apiErrorResponse, errorResponse, json } from './api-error.ts';
import { openQueryRun } from './open-query-run.ts';
import { ROUTES, type RouteContext, type RouteRequest } from './routes.ts';

export interface ApiOptions extends RouteContext {
  /** Up, and with all it needs: what load balancers ask. */
  readonly isReady: () => boolean;
}

interface CompiledRoute {
  readonly segments: readonly string[];
  readonly answer: (context: RouteContext, request: RouteRequest) => Promise<unknown>;
}

const COMPILED: readonly CompiledRoute[] = Object.entries(ROUTES).map(([path, answer]) => ({
  segments: path.split('/'),
  answer,
}));

/** Whether a path is the API's to answer, found or not. */
export function isApiPath(path: string): boolean {
  return path.startsWith('/api/') || path === '/healthz' || path === '/readyz';
}

export async function answerApi(options: ApiOptions, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await route(options, request);
  } catch (error) {
    const response = errorResponse(error);
    if (!response) throw error;
    return response;
  }
}

async function route(options: ApiOptions, request: HttpRequest): Promise<HttpResponse> {
  const { path } = request;
  if (path === '/healthz') {
    requireGet(request);
    return json(200, { status: 'ok' });
  }
  if (path === '/readyz') {
    requireGet(request);
    return options.isReady() ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' });
  }
  for (const { segments, answer } of COMPILED) {
    const parameters = match(segments, path);
    if (!parameters) continue;
    requireGet(request);
    const run = openQueryRun(request.signal);
    try {
      const query = new URLSearchParams(request.query);
      return json(200, await answer(options, { path: parameters, query, run }));
    } finally {
      run.close();
    }
  }
  throw new ApiError('NOT_FOUND', `there is no ${path}`, `paths are ${Object.keys(ROUTES).join(', ')}`);
}

/** To a body that no path of ours asks for. */
export function answerTooLarge(): HttpResponse {
  return apiErrorResponse('PAYLOAD_TOO_LARGE', 'the body is too large', 'everything here is read with GET');
}

function requireGet(request: HttpRequestHead): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  throw new ApiError('METHOD_NOT_ALLOWED', `${request.path} is read with GET, not ${request.method}`);
}

function match(segments: readonly string[], path: string): Record<string, string> | undefined {
  const parts = path.split('/');
  if (parts.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = parts[i] ?? '';
    if (segment.startsWith(':')) parameters[segment.slice(1)] = decode(part);
    else if (segment !== part) return undefined;
  }
  return parameters;
}

/** Service ids are percent-encoded themselves, so that one that is not encoded again comes through as well. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new ApiError('BAD_REQUEST', `${JSON.stringify(part)} in the path is not percent-encoded`);
  }
}
