/** Runs one statement; `$1`, `$2` … are bound, never spliced. */
export type RunQuery = <Row extends object>(
  text: string,
  parameters?: readonly unknown[],
) => Promise<readonly Row[]>;

/**
 * The control plane's database: Postgres, on a server or embedded. 64-bit integers come as strings, timestamps as
 * `Date`, json as values, on both. Operational failures reject with `StorageUnavailableError`; what the
 * database refuses (a broken constraint, a wrong statement) with `QueryRefusedError`.
 */
export interface ControlDatabase {
  readonly query: RunQuery;
  /** All of it or nothing. The queries of `work` are its own; a throw rolls back and is passed on. */
  transaction<Result>(work: (query: RunQuery) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** What the database says against a statement. `sqlState` is its five-character code. */
export class QueryRefusedError extends Error {
  readonly code = 'QUERY_REFUSED';
  readonly sqlState: string;

  constructor(sqlState: string, cause: Error) {
    super(cause.message, { cause });
    this.name = 'QueryRefusedError';
    this.sqlState = sqlState;
  }
}
