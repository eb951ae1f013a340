import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSqlFiles } from './clickhouse/sql-files.ts';
import { openClickHouse, startEmbeddedClickHouse } from './clickhouse/index.ts';
import { connect } from './clickhouse/connection.ts';
import { openControlDatabase } from './postgres/index.ts';

const TEMPLATES = 'dist/templates';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-templates-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe('a new store that is copied from a template', () => {
  /** Names and definitions of all tables, and when each migration was applied. */
  async function schemaOf(
    dataDir: string,
    template?: string,
  ): Promise<{ tables: unknown; versions: unknown[][] }> {
    const engine = await startEmbeddedClickHouse({ dataDir, ...(template !== undefined && { template }) });
    const client = { ...engine.clientOptions };
    const connection = connect({ client, database: 'ophion', queryTimeoutMs: 30_000 });
    const store = await openClickHouse({ target: engine });
    const tables = await connection.rows(
      "SELECT name, create_table_query FROM system.tables WHERE database = 'ophion' ORDER BY name",
    );
    const versions = await connection.rows(
      'SELECT version, name, toUnixTimestamp(appliedAt) FROM schema_versions ORDER BY version',
    );
    await connection.close();
    await store.close();
    await engine.stop();
    return { tables, versions };
  }

  it('is the ClickHouse that its migrations would have made', async () => {
    const made = await schemaOf(join(home, 'made'));
    const before = Math.floor(Date.now() / 1_000);
    const copied = await schemaOf(join(home, 'copied'), join(TEMPLATES, 'clickhouse'));
    expect(copied.tables).toEqual(made.tables);
    const files = (await readSqlFiles('migrations')).map(({ name }) => name);
    expect(copied.versions.map(([, name]) => name)).toEqual(files);
    // They were not run again: that is what it is for.
    for (const [, , appliedAt] of copied.versions) expect(Number(appliedAt)).toBeLessThan(before);
  });

  it('is made anew where a copy was cut short, and is left alone once it is there', async () => {
    const dataDir = join(home, 'clickhouse');
    await mkdir(join(dataDir, 'store.copying'), { recursive: true });
    await writeFile(join(dataDir, 'store.copying', 'half'), '');
    const first = await schemaOf(dataDir, join(TEMPLATES, 'clickhouse'));
    expect(await readdir(dataDir)).not.toContain('store.copying');
    expect(await readdir(join(dataDir, 'store'))).not.toContain('half');
    expect(await schemaOf(dataDir, join(home, 'no-such-template'))).toEqual(first);
  });

  it('is a Postgres with all migrations, and an installation of its own', async () => {
    const ids: unknown[] = [];
    for (const name of ['one', 'other']) {
      const options = { directory: join(home, name), template: join(TEMPLATES, 'postgres') };
      for (let start = 0; start < 2; start += 1) {
        const database = await openControlDatabase(options);
        ids.push(...(await database.query('SELECT id FROM installation')));
        await database.close();
      }
    }
    const [one, again, other, otherAgain] = ids;
    expect(ids).toHaveLength(4);
    expect([again, otherAgain]).toEqual([one, other]);
    expect(other).not.toEqual(one);
  });
});
