import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite, types, type Transaction } from '@electric-sql/pglite';
import { lockDirectory } from '../../directory-lock/index.ts';
import { copyWhole, exists } from '../copy-whole.ts';
import type { ControlDatabase, RunQuery } from './control-database.ts';
import { translateError } from './translate-error.ts';

/** The WebAssembly module asks for no less. */
const LEAST_MEMORY_BYTES = 128 * 2 ** 20;
/** Resident memory of an open, small database: 115 MB with these, 255 MB with PGlite's own (128 MB shared buffers). */
const SMALL_POSTGRES = ['shared_buffers=8MB', 'wal_buffers=512kB', 'max_connections=5'];

export interface PgliteOptions {
  readonly directory: string;
  /**
   * A new, empty database's directory (see `make-templates.ts`), copied when there is none yet. Without it `initdb` runs
   * in this process: 5 s, and 600 MB that are not given back.
   */
  readonly template?: string;
}

/** Postgres in this process, its files in `directory`. Rejects with `DirectoryInUseError` when another has them. */
export async function openPgliteControlDatabase({
  directory,
  template,
}: PgliteOptions): Promise<ControlDatabase> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(directory, 'OPHION_DATA_DIR');
  const dataDir = join(directory, 'pglite');
  if (template !== undefined && !(await exists(dataDir))) await copyWhole(template, dataDir);
  const database = await PGlite.create({
    dataDir,
    initialMemory: LEAST_MEMORY_BYTES,
    postgresqlconf: SMALL_POSTGRES,
    // As node-postgres: a number would lose digits.
    parsers: { [types.INT8]: (text: string) => text },
  }).catch(async (error: unknown) => {
    await lock.release();
    throw translateError(error);
  });

  const on =
    (runner: PGlite | Transaction): RunQuery =>
    async <Row extends object>(text: string, parameters: readonly unknown[] = []) => {
      try {
        return (await runner.query<Row>(text, [...parameters])).rows;
      } catch (error) {
        throw translateError(error);
      }
    };

  return {
    query: on(database),
    transaction: (work) => database.transaction((transaction) => work(on(transaction))),
    async close() {
      await database.close();
      await lock.release();
    },
  };
}
