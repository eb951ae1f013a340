import type { ApiAnswers, ApiGetPath } from './endpoints.ts';
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
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of typeof value === 'object' ? value : [String(value)]) search.append(key, one);
  }
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

/** What the client needs of `fetch`: browsers' and Node's both do. */
type Fetch = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly signal?: AbortSignal },
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
}

export function createApiClient({ fetch, origin }: ApiClientOptions): ApiClient {
  return {
    async get<P extends ApiGetPath>(request: ApiRequest<P>, signal?: AbortSignal): Promise<ApiAnswers[P]> {
      const response = await fetch(`${origin}${urlOf(request)}`, {
        headers: { accept: 'application/json' },
        ...(signal && { signal }),
      }).catch((cause: unknown) => {
        if (signal?.aborted === true) throw cause;
        throw new ApiProblem(
          'the server cannot be reached',
          'UNREACHABLE',
          0,
          'Check that OPHION is running and that this machine can reach it, then try again.',
        );
      });
      if (!response.ok) throw await problemOf(response);
      return (await response.json()) as ApiAnswers[P];
    },
  };
}

async function problemOf(response: Awaited<ReturnType<Fetch>>): Promise<ApiProblem> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorBody> | undefined;
  const error = body?.error;
  return new ApiProblem(
    error?.message ?? `the server answered ${response.status} ${response.statusText}`.trim(),
    error?.code ?? 'INTERNAL',
    response.status,
    error?.cure,
  );
}
