import type { LogTemplateStore } from '../../actors/ports/index.ts';
import type { PatternMinerState } from '../../workers/kernels/log-patterns/index.ts';
import type { ControlDatabase } from '../storage/postgres/index.ts';

/** Templates of log lines in Postgres: one row, which is replaced whole. */
export class PostgresLogTemplateStore implements LogTemplateStore {
  private readonly database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.database = database;
  }

  async read(): Promise<PatternMinerState | undefined> {
    const [row] = await this.database.query<{ value: string }>('SELECT value FROM log_templates');
    return row && (JSON.parse(row.value) as PatternMinerState);
  }

  async write(state: PatternMinerState): Promise<void> {
    await this.database.query(
      `INSERT INTO log_templates (is_row, value) VALUES (true, $1)
       ON CONFLICT (is_row) DO UPDATE SET value = $1`,
      [JSON.stringify(state)],
    );
  }
}
