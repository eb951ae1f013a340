import type { NativeBlock } from '../../../workers/native/index.ts';
import type { KnownEntries } from './history/known-entries.ts';
import type { QueryRun } from '../../../actors/ports/index.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** What reads on behalf of one question ask of ClickHouse. */
export interface Reader {
  /** Entries that were looked up before, by whomever. */
  readonly known: KnownEntries;
  readonly run: QueryRun;
  /** Rows as objects. `Row` is what the statement selects. Read, as it counts against the run's limits. */
  records<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
  /** The same as arrays, in the order of the statement; its columns have different names. */
  rows(sql: string, parameters?: Parameters): Promise<unknown[][]>;
  /** The same as columns: what the statement selects must be of types that `readNativeBlocks` knows. */
  columns(sql: string, parameters?: Parameters): Promise<readonly NativeBlock[]>;
}
