import type { ErrorBody } from '../../proto/api/index.ts';
import type { ErrorCode } from '../../proto/errors/index.ts';
import { QueryLimitError, StorageUnavailableError } from '../../actors/ports/index.ts';
import { PromqlRefusedError } from '../../actors/outlook/index.ts';
import { PoolError } from '../../workers/pool/index.ts';
import type { HttpResponse } from '../http/index.ts';
import { PasswordChecksBusyError } from '../auth/index.ts';
import { AccessRefusedError } from '../doors/index.ts';
import { SqlRefusedError } from '../storage/clickhouse/index.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  SIGN_IN_REFUSED: 401,
  CODE_NEEDED: 401,
  CODE_WRONG: 401,
  FORBIDDEN: 403,
  PASSWORD_MUST_CHANGE: 403,
  SECOND_FACTOR_MUST_BE_SET_UP: 403,
  PASSWORD_WEAK: 422,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  UNSUPPORTED_MEDIA_TYPE: 415,
  PAYLOAD_TOO_LARGE: 413,
  QUERY_TOO_LARGE: 422,
  OVERLOADED: 503,
  NOT_READY: 503,
  STORAGE_UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

export function httpStatusOf(code: ErrorCode): number {
  return STATUS[code] ?? 500;
}

/** An error on purpose, with its answer. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly cure: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    cure?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.cure = cure;
    this.headers = headers;
  }
}

/** The one place where errors become HTTP. `undefined`: a bug, not to be shown. */
export function errorResponse(error: unknown): HttpResponse | undefined {
  if (error instanceof ApiError) {
    return apiErrorResponse(error.code, error.message, error.cure, error.headers);
  }
  if (error instanceof AccessRefusedError) {
    return apiErrorResponse(error.code, error.message, error.cure, error.headers);
  }
  if (error instanceof PasswordChecksBusyError) {
    return apiErrorResponse('OVERLOADED', error.message, undefined, { 'retry-after': '1' });
  }
  if (error instanceof QueryLimitError) {
    return apiErrorResponse(
      error.code,
      error.message,
      error.cure ?? 'ask for a shorter range, one service, or less',
    );
  }
  if (error instanceof PromqlRefusedError) {
    return apiErrorResponse(error.code, error.message, 'ask for other series, or a shorter range');
  }
  if (error instanceof SqlRefusedError) return apiErrorResponse('BAD_REQUEST', error.message, undefined);
  if (error instanceof StorageUnavailableError) {
    return apiErrorResponse(
      'STORAGE_UNAVAILABLE',
      'the archive cannot be asked just now',
      'try again in a few seconds',
    );
  }
  // A task that failed is a bug, and shown as one.
  if (error instanceof PoolError && error.code !== 'INTERNAL') {
    return apiErrorResponse(error.code, error.message, 'try again in a few seconds');
  }
  return undefined;
}

const HEADERS: Partial<Record<ErrorCode, Readonly<Record<string, string>>>> = {
  STORAGE_UNAVAILABLE: { 'retry-after': '5' },
};

export function apiErrorResponse(
  code: ErrorCode,
  message: string,
  cure: string | undefined,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const body: ErrorBody = { error: { code, message, ...(cure === undefined ? {} : { cure }) } };
  return json(httpStatusOf(code), body, { ...HEADERS[code], ...headers });
}

export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
