/*
 * Makes `dist/templates`: what lies in the directories of a new embedded ClickHouse and a new embedded Postgres, with this version's
 * schema and nothing in it, so that no first start has to make it.
 */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openClickHouse, startEmbeddedClickHouse } from './clickhouse/index.ts';
import { exists } from './copy-whole.ts';
import { openControlDatabase } from './postgres/index.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
/** An optional package: where it is not installed, a ClickHouse server is configured. */
const CHDB = fileURLToPath(new URL('../../node_modules/chdb', import.meta.url));

async function makeClickHouse(dataDir: string, target: string): Promise<void> {
  if (!(await exists(CHDB))) return;
  const engine = await startEmbeddedClickHouse({ dataDir });
  const store = await openClickHouse({ target: engine });
  await store.close();
  await engine.stop();
  await rename(join(dataDir, 'store'), target);
}

async function makePostgres(directory: string, target: string): Promise<void> {
  const database = await openControlDatabase({ directory });
  // What tells an installation from others is made by its own first start.
  await database.query('DELETE FROM installation');
  await database.close();
  await rename(join(directory, 'pglite'), target);
}

const templates = join(DIST, 'templates');
const making = await mkdtemp(join(DIST, 'templates.making-'));
try {
  await rm(templates, { recursive: true, force: true });
  await mkdir(templates);
  // Both have ended before anything is removed.
  const made = await Promise.allSettled([
    makeClickHouse(join(making, 'clickhouse'), join(templates, 'clickhouse')),
    makePostgres(join(making, 'postgres'), join(templates, 'postgres')),
  ]);
  for (const each of made) if (each.status === 'rejected') throw each.reason;
} finally {
  await rm(making, { recursive: true, force: true });
}
