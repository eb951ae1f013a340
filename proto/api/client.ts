import type { z } from 'zod';
import { CLIENT_HEADER } from '../access/index.ts';
import type { BodyInputOf } from './endpoint.ts';
import type { ApiAnswers, ApiChangeKey, ApiGetPath, EndpointByKey } from './endpoints.ts';
import type { ErrorBody } from './error-body.ts';

/** An API answer that is not 2xx, or none at all (`status` 0). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** One of `ERROR_CODES`, or UNREACHABLE when the server did not answer. */
  readonly code: string;
  readonly status: number;
  readonly cure: string | undefined;

  constructor(message: string, code: string, status: number, cure: string | undefined) {
    super(message);
    this.code = code;
    this.status = status;
    this.cure = cure;
  }
}

export type QueryValue = string | number | undefined | readonly string[];
export type Query = Readonly<Record<string, QueryValue>>;

export interface ApiRequest<P extends ApiGetPath> {
  readonly path: P;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Query;
}

/** The path and query of a request. Empty values are left out; a list is repeated. */
export function urlOf({ path, params = {}, query = {} }: ApiRequest<ApiGetPath>): string {
  const filled = pathOf(path, params);
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of typeof value === 'object' ? value : [String(value)]) search.append(key, one);
  }
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

type PathParameters = Readonly<Record<string, string>>;

export type ApiChange<Key extends ApiChangeKey> = {
  readonly params?: PathParameters;
} & (BodyInputOf<EndpointByKey<Key>> extends undefined
  ? { readonly body?: undefined }
  : { readonly body: BodyInputOf<EndpointByKey<Key>> });

function pathOf(path: string, params: PathParameters): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** What the client needs of `fetch`: browsers' and Node's both do. */
type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  json(): Promise<unknown>;
}>;

export interface ApiClientOptions {
  readonly fetch: Fetch;
  /** `https://host:port` without a path; '' for the page's own origin. */
  readonly origin: string;
}

export interface ApiClient {
  /** Rejects with `ApiProblem`, or with the signal's reason when it is aborted. */
  get<P extends ApiGetPath>(request: ApiRequest<P>, signal?: AbortSignal): Promise<ApiAnswers[P]>;
  /** `send('POST /api/v1/users', { body })`. Rejects with `ApiProblem`. */
  send<Key extends ApiChangeKey>(
    key: Key,
    change: ApiChange<Key>,
  ): Promise<z.output<EndpointByKey<Key>['answer']>>;
}

export function createApiClient({ fetch, origin }: ApiClientOptions): ApiClient {
  const ask = async (url: string, init: Parameters<Fetch>[1]): Promise<unknown> => {
    const response = await fetch(`${origin}${url}`, init).catch((cause: unknown) => {
      if (init.signal?.aborted === true) throw cause;
      throw new ApiProblem(
        'the server cannot be reached',
        'UNREACHABLE',
        0,
        'Check that OPHION is running and that this machine can reach it, then try again.',
      );
    });
    if (!response.ok) throw await problemOf(response);
    return response.json();
  };
  return {
    async get<P extends ApiGetPath>(request: ApiRequest<P>, signal?: AbortSignal): Promise<ApiAnswers[P]> {
      const init = { method: 'GET', headers: { accept: 'application/json' }, ...(signal && { signal }) };
      return (await ask(urlOf(request), init)) as ApiAnswers[P];
    },
    async send(key, { params = {}, body }) {
      const [method = '', path = ''] = key.split(' ');
      const headers = {
        accept: 'application/json',
        [CLIENT_HEADER]: '1',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
      return (await ask(pathOf(path, params), init)) as z.output<EndpointByKey<typeof key>['answer']>;
    },
  };
}

/** What an answer that is not ok says went wrong. */
export async function problemOf(response: Awaited<ReturnType<Fetch>>): Promise<ApiProblem> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorBody> | undefined;
  const error = body?.error;
  return new ApiProblem(
    error?.message ?? `the server answered ${response.status} ${response.statusText}`.trim(),
    error?.code ?? 'INTERNAL',
    response.status,
    error?.cure,
  );
}
