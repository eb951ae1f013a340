import type { QueryRun } from '../../../actors/ports/index.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** What reads on behalf of one question ask of ClickHouse. */
export interface Reader {
  readonly run: QueryRun;
  /** Rows as objects. `Row` is what the statement selects. Read, as it counts against the run's limits. */
  records<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
}
