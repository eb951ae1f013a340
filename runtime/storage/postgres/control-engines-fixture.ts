import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlDatabase } from './control-database.ts';
import { openControlDatabase, type ControlDatabaseOptions } from './open-control-database.ts';
import { startThrowawayPostgres } from './throwaway-postgres.ts';

export interface ControlEngine {
  readonly database: ControlDatabase;
  readonly options: ControlDatabaseOptions;
  end(): Promise<void>;
}

/** Both databases that the control plane runs on, new and empty: one suite of tests for each. */
export const CONTROL_ENGINES: readonly (readonly [string, () => Promise<ControlEngine>])[] = [
  ['embedded', startEmbedded],
  ['server', startServer],
];

async function startEmbedded(): Promise<ControlEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'ophion-control-'));
  const options = { directory: join(folder, 'postgres'), template: 'dist/templates/postgres' };
  const database = await openControlDatabase(options);
  return {
    database,
    options,
    async end() {
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(): Promise<ControlEngine> {
  const postgres = await startThrowawayPostgres();
  const options = { url: postgres.url, onIdleError: () => undefined };
  const database = await openControlDatabase(options);
  return {
    database,
    options,
    async end() {
      await database.close();
      await postgres.stop();
    },
  };
}
