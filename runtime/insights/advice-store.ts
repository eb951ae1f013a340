import type { AdviceDocument, AdviceStore } from '../../actors/ports/index.ts';
import type { ControlDatabase } from '../storage/postgres/index.ts';

/** What advice was learned from, in Postgres: a row a document, which is replaced whole. */
export class PostgresAdviceStore implements AdviceStore {
  private readonly database: ControlDatabase;

  constructor(database: ControlDatabase) {
    this.database = database;
  }

  async read(name: AdviceDocument): Promise<unknown> {
    const [row] = await this.database.query<{ value: string }>(
      'SELECT value FROM advice_documents WHERE name = $1',
      [name],
    );
    return row && (JSON.parse(row.value) as unknown);
  }

  async write(name: AdviceDocument, value: unknown): Promise<void> {
    await this.database.query(
      `INSERT INTO advice_documents (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2`,
      [name, JSON.stringify(value)],
    );
  }
}
