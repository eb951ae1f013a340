import { QueryLimitError, StorageUnavailableError } from '../../../actors/ports/index.ts';
import { PromqlExecutionError, PromqlSyntaxError } from '../../../workers/promql/index.ts';
import { AccessRefusedError } from '../../doors/index.ts';
import { PoolError } from '../../../workers/pool/index.ts';
import type { HttpResponse } from '../../http/index.ts';

/** What Prometheus calls the kinds of its errors. */
export type PrometheusErrorType =
  | 'bad_data'
  | 'execution'
  | 'timeout'
  | 'canceled'
  | 'unavailable'
  | 'not_found'
  | 'method_not_allowed'
  | 'unauthorized'
  | 'forbidden'
  | 'too_many_requests';

/** What each is in HTTP. */
export const PROMETHEUS_STATUS: Readonly<Record<PrometheusErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  timeout: 503,
  canceled: 503,
  unavailable: 503,
  not_found: 404,
  method_not_allowed: 405,
  unauthorized: 401,
  forbidden: 403,
  too_many_requests: 429,
};

/** An answer on purpose that is not the one asked for. */
export class PrometheusError extends Error {
  readonly type: PrometheusErrorType;

  constructor(type: PrometheusErrorType, message: string) {
    super(message);
    this.name = 'PrometheusError';
    this.type = type;
  }
}

/** `undefined`: a bug, not to be shown. */
export function prometheusErrorResponse(error: unknown): HttpResponse | undefined {
  const known = knownError(error);
  if (!known) return undefined;
  const body = { status: 'error', errorType: known.type, error: known.message };
  const response = prometheusJson(PROMETHEUS_STATUS[known.type], body);
  const headers = error instanceof AccessRefusedError ? error.headers : {};
  return { ...response, headers: { ...response.headers, ...headers } };
}

const REFUSALS = {
  UNAUTHENTICATED: 'unauthorized',
  FORBIDDEN: 'forbidden',
  PASSWORD_MUST_CHANGE: 'forbidden',
  SECOND_FACTOR_MUST_BE_SET_UP: 'forbidden',
  RATE_LIMITED: 'too_many_requests',
} as const satisfies Record<AccessRefusedError['code'], PrometheusErrorType>;

function knownError(error: unknown): PrometheusError | undefined {
  if (error instanceof PrometheusError) return error;
  if (error instanceof AccessRefusedError) {
    return new PrometheusError(REFUSALS[error.code], `${error.message}: ${error.cure}`);
  }
  if (error instanceof PromqlSyntaxError) return new PrometheusError('bad_data', error.message);
  if (error instanceof PromqlExecutionError) return new PrometheusError('execution', error.message);
  if (error instanceof QueryLimitError) {
    return new PrometheusError(error.code === 'DEADLINE_EXCEEDED' ? 'timeout' : 'execution', error.message);
  }
  if (error instanceof StorageUnavailableError) {
    return new PrometheusError(
      'unavailable',
      'the archive cannot be asked just now; try again in a few seconds',
    );
  }
  // A task that failed is a bug, and shown as one.
  if (error instanceof PoolError && error.code !== 'INTERNAL') {
    return new PrometheusError(error.code === 'DEADLINE_EXCEEDED' ? 'timeout' : 'unavailable', error.message);
  }
  return undefined;
}

export function prometheusJson(status: number, body: unknown): HttpResponse {
  return prometheusText(status, JSON.stringify(body));
}

export function prometheusText(status: number, body: string): HttpResponse {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body };
}
