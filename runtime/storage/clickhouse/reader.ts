export type Parameters = Readonly<Record<string, unknown>>;

/** What reads on behalf of one question ask of ClickHouse. */
export interface Reader {
  /** Rows as objects. `Row` is what the statement selects. Read, as it counts against the run's limits. */
  records<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
}
