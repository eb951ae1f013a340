import { readdir, readFile } from 'node:fs/promises';
import type { ControlDatabase } from './control-database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
/** Of the advisory lock that keeps two processes from migrating at once. */
const LOCK = 7_366_451;

/** The database was migrated by a newer version: this one does not know what it holds. */
export class DatabaseTooNewError extends Error {
  readonly code = 'DATABASE_TOO_NEW';

  constructor(found: string, newest: string) {
    super(
      `the Postgres database has migration ${found}, this version knows up to ${newest}: start the newer version, or choose another database with OPHION_POSTGRES_URL, or OPHION_DATA_DIR for the embedded one`,
    );
    this.name = 'DatabaseTooNewError';
  }
}

/** Applies the migrations that are missing, in order, each in a transaction. Returns their names. */
export async function migrate(database: ControlDatabase): Promise<readonly string[]> {
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  await makeList(database);
  return database.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const rows = await query<{ name: string }>('SELECT name FROM schema_migrations ORDER BY name');
    const applied = new Set(rows.map(({ name }) => name));
    const unknown = [...applied].find((name) => !files.includes(name));
    if (unknown !== undefined) throw new DatabaseTooNewError(unknown, files.at(-1) ?? 'none');
    const missing = files.filter((name) => !applied.has(name));
    for (const name of missing) {
      for (const statement of statementsOf(await readFile(new URL(name, FOLDER), 'utf8'))) {
        await query(statement);
      }
      await query('INSERT INTO schema_migrations (name) VALUES ($1)', [name]);
    }
    return missing;
  });
}

/** Who may not make tables is not asked to when there is nothing to make. */
async function makeList({ query }: ControlDatabase): Promise<void> {
  const [known] = await query<{ list: string | null }>(
    `SELECT to_regclass('schema_migrations')::text AS list`,
  );
  if (known?.list) return;
  await query(
    'CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  );
}

/** Migrations end a statement with `;` at the end of a line, and nothing else with it, but for what is within `$$`. */
function statementsOf(sql: string): string[] {
  return [...sql.matchAll(/(?:\$\$[\s\S]*?\$\$|;(?![ \t\r]*$)|[^;])+/gm)]
    .map(([statement]) => statement.trim())
    .filter((statement) => statement !== '');
}
