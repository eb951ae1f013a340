import { setTimeout as sleep } from 'node:timers/promises';

import { StorageUnavailableError } from '../../../actors/ports/index.ts';
import { ControlDatabaseError } from './control-database-error.ts';
import type { ControlDatabase, MigratableDatabase } from './control-database.ts';
import { embeddedDatabase } from './embedded-database.ts';
import { migrate } from './migrate.ts';
import { serverDatabase } from './server-database.ts';

export type ControlDatabaseTarget =
  /** `postgres://user:password@host:5432/database`. */
  | { readonly url: string }
  /** The embedded one; `setting` is what an operator changes to use another directory. */
  | { readonly directory: string; readonly setting?: string };

export interface OpenControlDatabaseOptions {
  readonly target: ControlDatabaseTarget;
  /** How long a server may take to answer for the first time. Default 60 s. */
  readonly startTimeoutMs?: number;
  /** Told of connections to the server that break while nobody uses them. */
  readonly onIdleError?: (error: Error) => void;
}

const FIRST_RETRY_MS = 100;
const MOST_RETRY_MS = 2_000;

/** Without user, password and parameters. */
function publicName(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'postgres:' && parsed?.protocol !== 'postgresql:') {
    throw new ControlDatabaseError(
      'OPHION_POSTGRES_URL is not an address of a Postgres server.',
      'Write it as postgres://user:password@host:5432/database.',
    );
  }
  return `${parsed.host || 'localhost'}${parsed.pathname}`;
}

async function waitUntilAnswered(database: MigratableDatabase, deadline: number): Promise<void> {
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(waitMs * 2, MOST_RETRY_MS)) {
    try {
      await database.query('SELECT 1');
      return;
    } catch (error) {
      // A server that refuses the user or the database will not think better of it.
      if (!(error instanceof StorageUnavailableError) || performance.now() + waitMs > deadline) throw error;
    }
    await sleep(waitMs);
  }
}

async function openServer(
  url: string,
  { startTimeoutMs = 60_000, onIdleError = () => undefined }: OpenControlDatabaseOptions,
): Promise<ControlDatabase> {
  const where = publicName(url);
  const database = serverDatabase(url, onIdleError);
  try {
    await waitUntilAnswered(database, performance.now() + startTimeoutMs);
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    if (error instanceof ControlDatabaseError) throw error;
    throw new ControlDatabaseError(
      `Postgres at ${where} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
      'Check that it runs and that OPHION_POSTGRES_URL, its user, password and database are right.',
      error,
    );
  }
}

/**
 * Opens the control plane's database and brings it to this version's schema. Rejects with `ControlDatabaseError`, or
 * with `DirectoryInUseError` when another process has the directory.
 */
export async function openControlDatabase(options: OpenControlDatabaseOptions): Promise<ControlDatabase> {
  const { target } = options;
  if ('url' in target) return openServer(target.url, options);
  const database = await embeddedDatabase(target.directory, target.setting ?? 'OPHION_DATA_DIR');
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
