import { fork } from 'node:child_process';
import { access, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { PGlite, PGliteInterface, Transaction } from '@electric-sql/pglite';

import { lockDirectory, type DirectoryLock } from '../../directory-lock/index.ts';
import { StorageUnavailableError } from '../../../actors/ports/index.ts';
import { ControlDatabaseError } from './control-database-error.ts';
import type { MigratableDatabase, ScriptQueries } from './control-database.ts';
import { openPGlite } from './pglite.ts';

class EmbeddedQueries implements ScriptQueries {
  private readonly client: Pick<PGliteInterface | Transaction, 'query' | 'exec'>;

  constructor(client: Pick<PGliteInterface | Transaction, 'query' | 'exec'>) {
    this.client = client;
  }

  async query<Row extends object>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const { rows } = await this.client.query<Row>(text, [...parameters]);
    return rows;
  }

  async run(script: string): Promise<void> {
    await this.client.exec(script);
  }
}

class EmbeddedDatabase implements MigratableDatabase {
  private readonly database: PGlite;
  private readonly lock: DirectoryLock;
  private closing: Promise<void> | undefined;

  constructor(database: PGlite, lock: DirectoryLock) {
    this.database = database;
    this.lock = lock;
  }

  async query<Row extends object>(text: string, parameters?: readonly unknown[]): Promise<Row[]> {
    this.checkOpen();
    return new EmbeddedQueries(this.database).query<Row>(text, parameters);
  }

  async transaction<T>(work: (queries: ScriptQueries) => Promise<T>): Promise<T> {
    this.checkOpen();
    return this.database.transaction((transaction) => work(new EmbeddedQueries(transaction)));
  }

  close(): Promise<void> {
    this.closing ??= this.database.close().finally(() => this.lock.release());
    return this.closing;
  }

  private checkOpen(): void {
    if (this.closing) throw new StorageUnavailableError('Postgres', 'the database is closed');
  }
}

function isInitialised(dataDir: string): Promise<boolean> {
  return access(join(dataDir, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
}

/** In a process of its own: making a database takes 500 MB, which a process that lives on would keep. */
async function initialise(dataDir: string): Promise<void> {
  const typescriptLoader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(fileURLToPath(new URL('./initialise-child.ts', import.meta.url)), [dataDir], {
    execArgv: ['--import', typescriptLoader],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-2_000);
  });
  const code = await new Promise<number | null>((done, reject) => {
    child.once('error', reject);
    child.once('exit', done);
  });
  if (code === 0) return;
  throw new Error(`initialising it failed: ${complaint.trim() || `code ${String(code)}`}`);
}

/**
 * Opens the Postgres that runs inside this process on a directory; makes it when it is new. Rejects with
 * `DirectoryInUseError` when another process has the directory, with `DirectoryUnusableError` when it cannot be written,
 * else with `ControlDatabaseError`.
 */
export async function embeddedDatabase(directory: string, setting: string): Promise<MigratableDatabase> {
  const root = resolve(directory);
  const lock = await lockDirectory(root, setting);
  try {
    const dataDir = join(root, 'postgres');
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    if (!(await isInitialised(dataDir))) await initialise(dataDir);
    return new EmbeddedDatabase(await openPGlite(dataDir), lock);
  } catch (error) {
    await lock.release();
    const reason = error instanceof Error ? error.message : String(error);
    throw new ControlDatabaseError(
      `The embedded Postgres in ${root} could not be opened: ${reason}.`,
      `Choose another directory with ${setting}, or set OPHION_POSTGRES_URL to use a Postgres server.`,
      error,
    );
  }
}
