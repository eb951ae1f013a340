import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openControlDatabase,
  QueryRefusedError,
  type ControlDatabase,
  type ControlDatabaseOptions,
} from './index.ts';
import { migrate } from './migrate.ts';
import { startThrowawayPostgres, type ThrowawayPostgres } from './throwaway-postgres.ts';

interface Engine {
  readonly options: ControlDatabaseOptions;
  readonly end: () => Promise<void>;
}

const idleErrors: Error[] = [];

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  async embedded() {
    const folder = await mkdtemp(join(tmpdir(), 'ophion-control-'));
    return {
      options: { directory: join(folder, 'postgres') },
      end: () => rm(folder, { recursive: true, force: true }),
    };
  },
  async server() {
    const postgres = await startThrowawayPostgres();
    const options = { url: postgres.url, onIdleError: (error: Error) => idleErrors.push(error) };
    return { options, end: () => postgres.stop() };
  },
};

describe.each(Object.entries(engines))('the control database, %s', (_name, start) => {
  let engine: Engine;
  let database: ControlDatabase;
  beforeAll(async () => {
    engine = await start();
    database = await openControlDatabase(engine.options);
  });
  afterAll(async () => {
    await database.close();
    await engine.end();
  });

  it('is migrated once', async () => {
    expect(await database.query('SELECT name FROM schema_migrations ORDER BY name')).toEqual([
      { name: '0001-installation.sql' },
      { name: '0002-access.sql' },
      { name: '0003-narrowed-roles.sql' },
      { name: '0004-settings.sql' },
      { name: '0005-audit-retention.sql' },
      { name: '0006-identities.sql' },
      { name: '0007-insights.sql' },
      { name: '0008-log-patterns.sql' },
      { name: '0009-advice.sql' },
      { name: '0010-changes.sql' },
    ]);
    expect(await migrate(database)).toEqual([]);
    expect(await database.query('SELECT count(*)::int AS count FROM installation')).toEqual([{ count: 1 }]);
  });

  it('gives values alike', async () => {
    const text = `SELECT 9007199254740993::int8 AS big, '{"a":[1,null]}'::jsonb AS json,
      timestamptz '2026-01-02 03:04:05.678+00' AS time, true AS yes, NULL AS nothing, $1::text AS bound`;
    expect(await database.query(text, [`it's; --`])).toEqual([
      {
        big: '9007199254740993',
        json: { a: [1, null] },
        time: new Date('2026-01-02T03:04:05.678Z'),
        yes: true,
        nothing: null,
        bound: `it's; --`,
      },
    ]);
  });

  it('does all of a transaction or nothing', async () => {
    const insert = `INSERT INTO settings (key, value) VALUES ($1, $2)`;
    await database.transaction(async (query) => {
      await query(insert, ['kept', JSON.stringify(1)]);
    });
    const failed = database.transaction(async (query) => {
      await query(insert, ['gone', JSON.stringify(2)]);
      throw new Error('on purpose');
    });
    await expect(failed).rejects.toThrow('on purpose');
    expect(await database.query('SELECT key, value FROM settings')).toEqual([{ key: 'kept', value: 1 }]);
  });

  it('names what the database refuses by its SQLSTATE, and goes on', async () => {
    const insert = `INSERT INTO settings (key, value) VALUES ('twice', '1')`;
    await database.query(insert);
    const refused = await database.query(insert).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(QueryRefusedError);
    expect((refused as QueryRefusedError).sqlState).toBe('23505');
    await expect(database.query('SELEC 1')).rejects.toThrow(QueryRefusedError);
    await expect(database.transaction((query) => query(insert))).rejects.toThrow(QueryRefusedError);
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses a database that a newer version has migrated', async () => {
    await database.query(`INSERT INTO schema_migrations (name) VALUES ('9999-future.sql')`);
    await expect(migrate(database)).rejects.toThrow(/9999-future\.sql.*OPHION_POSTGRES_URL.*OPHION_DATA_DIR/);
    await database.query(`DELETE FROM schema_migrations WHERE name = '9999-future.sql'`);
  });

  it('keeps what it was given when opened again', async () => {
    const [before] = await database.query('SELECT id FROM installation');
    await database.close();
    database = await openControlDatabase(engine.options);
    expect(await database.query('SELECT id FROM installation')).toEqual([before]);
  });
});

describe('a server that ends a connection in the middle of a transaction', () => {
  it('fails that transaction and nothing else', async () => {
    const postgres = await startThrowawayPostgres();
    const broken: Error[] = [];
    const database = await openControlDatabase({ url: postgres.url, onIdleError: (e) => broken.push(e) });
    const asked = database.transaction((query) => query('SELECT pg_terminate_backend(pg_backend_pid())'));
    await expect(asked).rejects.toThrow(/Postgres/);
    const idle = database.transaction(async (query) => {
      const [own] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1)', [own?.pid]);
      await expect.poll(() => broken.length).toBeGreaterThan(1);
      return query('SELECT 1');
    });
    await expect(idle).rejects.toThrow(/Postgres/);
    expect(await database.transaction((query) => query('SELECT 1 AS one'))).toEqual([{ one: 1 }]);
    await database.close();
    await postgres.stop();
  });
});

describe('an unreachable server', () => {
  it('is named with the setting and without the password', async () => {
    const url = 'postgres://root:hunter2@127.0.0.1:9/ophion';
    const attempt = openControlDatabase({ url, patienceMs: 600, onIdleError: () => undefined });
    await expect(attempt).rejects.toThrow('127.0.0.1:9/ophion');
    await expect(attempt).rejects.toThrow('OPHION_POSTGRES_URL');
    await expect(attempt).rejects.not.toThrow('hunter2');
  });
});

describe('a server that goes away', () => {
  it('makes queries fail as unavailable', async () => {
    const postgres: ThrowawayPostgres = await startThrowawayPostgres();
    const database = await openControlDatabase({
      url: postgres.url,
      onIdleError: (error) => idleErrors.push(error),
    });
    await postgres.stop();
    await expect(database.query('SELECT 1')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await database.close();
  });
});
