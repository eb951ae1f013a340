import { readFile, readdir } from 'node:fs/promises';

import { ControlDatabaseError } from './control-database-error.ts';
import type { MigratableDatabase } from './control-database.ts';

const FOLDER = new URL('./migrations/', import.meta.url);
/** Of the lock that keeps two processes from migrating one database at a time; any number nobody else uses. */
const MIGRATION_LOCK = 7_062_713_498;

const VERSION_TABLE = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

/** Brings the database to this version's schema, all or nothing. Changes nothing twice. */
export async function migrate(database: MigratableDatabase): Promise<void> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort();
  await database.transaction(async (queries) => {
    await queries.run(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await queries.run(VERSION_TABLE);
    const [row] = await queries.query<{ version: number | null }>(
      'SELECT max(version) AS version FROM schema_migrations',
    );
    const current = row?.version ?? 0;
    if (current > names.length) {
      throw new ControlDatabaseError(
        `The Postgres database has schema version ${current}, this version of OPHION knows ${names.length}.`,
        'Start the newer version, or choose another database with OPHION_POSTGRES_URL or another directory with OPHION_DATA_DIR.',
      );
    }
    for (const [index, name] of names.entries()) {
      const version = index + 1;
      if (version <= current) continue;
      await queries.run(await readFile(new URL(name, FOLDER), 'utf8'));
      await queries.query('INSERT INTO schema_migrations (version, name) VALUES ($1, $2)', [version, name]);
    }
  });
}
