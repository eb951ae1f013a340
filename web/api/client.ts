import type { ApiAnswers, ErrorBody } from '../../proto/api/index.ts';

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

export interface ApiRequest<P extends keyof ApiAnswers> {
  readonly path: P;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Query;
}

export function urlOf({ path, params = {}, query = {} }: ApiRequest<keyof ApiAnswers>): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    for (const one of typeof value === 'object' ? value : [String(value)]) search.append(key, one);
  }
  const text = search.toString();
  return text === '' ? filled : `${filled}?${text}`;
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => undefined)) as Partial<ErrorBody> | undefined;
  const error = body?.error;
  return new ApiProblem(
    error?.message ?? `the server answered ${response.status} ${response.statusText}`.trim(),
    error?.code ?? 'INTERNAL',
    response.status,
    error?.cure,
  );
}

export async function fetchAnswer<P extends keyof ApiAnswers>(
  request: ApiRequest<P>,
  signal?: AbortSignal,
): Promise<ApiAnswers[P]> {
  const response = await fetch(urlOf(request), {
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
}
