/**
 * Queries on the control plane's database. Parameters stand as `$1`, `$2` … in the text; values in and out are the
 * same on a server and embedded:
 *
 * - `bigint` columns are bigints, `numeric` and `date` strings, `timestamptz` Dates, `bytea` Uint8Arrays, `jsonb`
 *   parsed values, arrays arrays.
 * - A parameter for `json` or `jsonb` is JSON text.
 */
export interface ControlQueries {
  /**
   * Rows of one statement. Rejects with `StorageUnavailableError` when the database cannot be reached, and with the
   * database's error, its SQLSTATE in `code`, when it refuses the statement.
   */
  query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

export interface ControlDatabase extends ControlQueries {
  /** Commits when `work` resolves, takes everything back when it rejects, and settles as it does. Not to be nested. */
  transaction<T>(work: (queries: ControlQueries) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What migrations need besides. */
export interface ScriptQueries extends ControlQueries {
  /** Statements without parameters, separated by semicolons. */
  run(script: string): Promise<void>;
}

export interface MigratableDatabase extends ControlDatabase {
  transaction<T>(work: (queries: ScriptQueries) => Promise<T>): Promise<T>;
}
