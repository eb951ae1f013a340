import { setTimeout as sleep } from 'node:timers/promises';
import { StorageUnavailableError } from '../../../actors/ports/index.ts';
import type { ControlDatabase } from './control-database.ts';
import { grantRights } from './grant-rights.ts';
import { migrate } from './migrate.ts';
import { openPgControlDatabase } from './pg-control-database.ts';
import { openPgliteControlDatabase, type PgliteOptions } from './pglite-control-database.ts';

export type ControlDatabaseOptions =
  | PgliteOptions
  | {
      readonly url: string;
      /** Of the user that owns the tables: it migrates, and gives the user of `url` its rights. */
      readonly ownerUrl?: string;
      /** How long to wait for a server that is not there yet. */
      readonly patienceMs?: number;
      readonly onIdleError: (error: Error) => void;
    };

const PATIENCE_MS = 10_000;
const PAUSE_MS = 500;

/** Opens and migrates. Rejects with an error that names the place and the setting. */
export async function openControlDatabase(options: ControlDatabaseOptions): Promise<ControlDatabase> {
  const database =
    'directory' in options
      ? await openPgliteControlDatabase(options)
      : openPgControlDatabase(options.url, options.onIdleError);
  try {
    if ('url' in options) await waitFor(database, options.url, options.patienceMs ?? PATIENCE_MS);
    if ('url' in options && options.ownerUrl !== undefined) {
      await prepareAsOwner(database, options.ownerUrl, options.onIdleError);
    }
    await migrate(database);
    if ('directory' in options) await nameInstallation(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A copy of a template has no name of its own yet. */
async function nameInstallation({ query }: ControlDatabase): Promise<void> {
  await query('INSERT INTO installation DEFAULT VALUES ON CONFLICT DO NOTHING');
}

async function prepareAsOwner(
  database: ControlDatabase,
  ownerUrl: string,
  onIdleError: (error: Error) => void,
): Promise<void> {
  const owner = openPgControlDatabase(ownerUrl, onIdleError);
  try {
    await migrate(owner);
    await grantRights(owner, database);
  } finally {
    await owner.close();
  }
}

async function waitFor(database: ControlDatabase, url: string, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      await database.query('SELECT 1');
      return;
    } catch (error) {
      if (Date.now() + PAUSE_MS > deadline) throw unreachable(url, error);
    }
    await sleep(PAUSE_MS);
  }
}

/** Never with the password. */
function unreachable(url: string, error: unknown): StorageUnavailableError {
  const { host, pathname } = new URL(url);
  const reason = reasonOf(error);
  return new StorageUnavailableError(
    'Postgres',
    new Error(`no answer from ${host}${pathname} (${reason}); start it, or change OPHION_POSTGRES_URL`, {
      cause: error,
    }),
  );
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  // Connecting to a name with several addresses fails with one error for each, and no message of its own.
  if (cause instanceof AggregateError) {
    return String((cause.errors[0] as Error | undefined)?.message ?? cause);
  }
  return cause instanceof Error ? cause.message : String(cause);
}
