import type { KeptLogPatterns, KeptWatch, LogTemplateStore } from '../../actors/ports/index.ts';
import type { PatternMinerState } from '../../workers/kernels/log-patterns/index.ts';
import type { ControlDatabase } from '../storage/postgres/index.ts';

/** Templates of log lines, and what is known of them, in Postgres: one row, which is replaced whole. */
export class PostgresLogTemplateStore implements LogTemplateStore {
  private readonly database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.database = database;
  }

  async read(): Promise<KeptLogPatterns | undefined> {
    const [row] = await this.database.query<{ value: string; watch: string | null }>(
      'SELECT value, watch FROM log_templates',
    );
    if (row === undefined) return undefined;
    const watch = row.watch === null ? undefined : (JSON.parse(row.watch) as { readonly version: number });
    return {
      templates: JSON.parse(row.value) as PatternMinerState,
      // One that a later version of the platform has written says nothing to this one.
      watch: watch?.version === 1 ? (watch as KeptWatch) : undefined,
    };
  }

  async write({ templates, watch }: KeptLogPatterns): Promise<void> {
    await this.database.query(
      `INSERT INTO log_templates (is_row, value, watch) VALUES (true, $1, $2)
       ON CONFLICT (is_row) DO UPDATE SET value = $1, watch = $2`,
      [JSON.stringify(templates), watch === undefined ? null : JSON.stringify(watch)],
    );
  }
}
