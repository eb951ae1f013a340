import { ClickHouseError } from '@clickhouse/client';

import {
  QueryLimitError,
  StorageUnavailableError,
  type QueryLimits,
  type QueryRun,
} from '../../../actors/ports/index.ts';

/** Exceptions of ClickHouse that say that a question costs more than it may. */
const LIMIT_ERRORS: Readonly<Record<string, (limits: QueryLimits) => QueryLimitError>> = {
  TIMEOUT_EXCEEDED: (limits) => QueryLimitError.deadline(limits),
  TOO_MANY_ROWS: (limits) => QueryLimitError.rows(limits),
  TOO_MANY_BYTES: (limits) => QueryLimitError.bytes(limits),
  TOO_MANY_ROWS_OR_BYTES: () =>
    new QueryLimitError('QUERY_TOO_LARGE', 'the result has more rows or bytes than ClickHouse may give'),
  MEMORY_LIMIT_EXCEEDED: () =>
    new QueryLimitError('QUERY_TOO_LARGE', 'the query needs more memory than ClickHouse may use'),
};

/** What went wrong with a read, as the port's contract names it. */
export function readError(error: unknown, { signal, limits }: QueryRun): unknown {
  if (error instanceof QueryLimitError) return error;
  // Whatever the abort made of the request, its reason is what happened.
  if (signal.aborted) return signal.reason;
  const limitError = error instanceof ClickHouseError ? LIMIT_ERRORS[error.type ?? ''] : undefined;
  return limitError ? limitError(limits) : new StorageUnavailableError('ClickHouse', error);
}
