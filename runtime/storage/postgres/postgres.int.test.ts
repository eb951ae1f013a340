import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { StorageUnavailableError } from '../../../actors/ports/index.ts';
import { DirectoryInUseError } from '../../directory-lock/index.ts';
import {
  ControlDatabaseError,
  openControlDatabase,
  type ControlDatabase,
  type ControlDatabaseTarget,
} from './index.ts';
import { startThrowawayPostgres, type ThrowawayPostgres } from './testing/throwaway-postgres.ts';

let postgres: ThrowawayPostgres;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-control-'));
  postgres = await startThrowawayPostgres();
}, 360_000);
afterAll(async () => {
  await postgres.remove();
  await rm(home, { recursive: true, force: true });
});

let targets = 0;
const newTarget: Record<string, () => Promise<ControlDatabaseTarget>> = {
  'a server': async () => {
    const name = `control_${++targets}`;
    await postgres.createDatabase(name);
    return { url: postgres.urlOf(name) };
  },
  'an embedded one': () => Promise.resolve({ directory: join(home, `control-${++targets}`) }),
};

describe.each(Object.keys(newTarget))('%s', (kind) => {
  let target: ControlDatabaseTarget;
  let database: ControlDatabase;

  beforeAll(async () => {
    target = (await newTarget[kind]?.()) ?? { url: '' };
    database = await openControlDatabase({ target });
    await database.query('CREATE TABLE things (id bigint PRIMARY KEY, name text)');
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.query('DELETE FROM things');
  });

  const names = async (): Promise<string[]> =>
    (await database.query<{ name: string }>('SELECT name FROM things ORDER BY id')).map(({ name }) => name);
  const insert = (queries: Pick<ControlDatabase, 'query'>, id: bigint, name: string) =>
    queries.query('INSERT INTO things (id, name) VALUES ($1, $2)', [id, name]);

  it('has one installation, and settings', async () => {
    const rows = await database.query<{ id: string; created_at: Date }>(
      'SELECT id, created_at FROM installation',
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(Math.abs(Date.now() - (rows[0]?.created_at.getTime() ?? 0))).toBeLessThan(600_000);
    const value = { theme: 'dark', list: [1, 'two', null] };
    await database.query('INSERT INTO settings (key, value) VALUES ($1, $2)', ['ui', JSON.stringify(value)]);
    expect(await database.query('SELECT key, value FROM settings')).toEqual([{ key: 'ui', value }]);
  });

  it('gives values back as they were', async () => {
    const values = {
      big: -9_223_372_036_854_775_808n,
      small: 7,
      double: 0.1,
      numeric: '12345678901234567890.123',
      text: `it's "\\" ℵ\n$1`,
      bytes: Uint8Array.of(0, 255, 39),
      flag: true,
      at: new Date(1_705_327_800_123),
      day: '2024-02-29',
      json: [{ a: 1 }],
      list: ['a,b', 'c"\\', ''],
      nothing: null,
    };
    const [row] = await database.query(
      `SELECT $1::bigint AS big, $2::integer AS small, $3::double precision AS double, $4::numeric AS numeric,
         $5::text AS text, $6::bytea AS bytes, $7::boolean AS flag, $8::timestamptz AS at, $9::date AS day,
         $10::jsonb AS json, $11::text[] AS list, $12::text AS nothing`,
      Object.entries(values).map(([name, value]) => (name === 'json' ? JSON.stringify(value) : value)),
    );
    expect(row).toEqual(values);
  });

  it('takes a parameter for a value, whatever it says', async () => {
    await insert(database, 1n, "'); DROP TABLE things; --");
    expect(await names()).toEqual(["'); DROP TABLE things; --"]);
  });

  it('commits a transaction that resolves', async () => {
    const result = await database.transaction(async (queries) => {
      await insert(queries, 1n, 'one');
      await insert(queries, 2n, 'two');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await names()).toEqual(['one', 'two']);
  });

  it('takes back a transaction that rejects, and settles as it does', async () => {
    const failing = database.transaction(async (queries) => {
      await insert(queries, 1n, 'one');
      throw new RangeError('changed my mind');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(await names()).toEqual([]);
    const violating = database.transaction(async (queries) => {
      await insert(queries, 1n, 'one');
      await insert(queries, 1n, 'again');
    });
    await expect(violating).rejects.toMatchObject({ code: '23505' });
    expect(await names()).toEqual([]);
  });

  it('keeps statements of others out of a transaction', async () => {
    let others: Promise<unknown> = Promise.resolve();
    const failing = database.transaction(async (queries) => {
      await insert(queries, 1n, 'taken back');
      others = insert(database, 2n, 'kept');
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await others;
    expect(await names()).toEqual(['kept']);
  });

  it('serves many at once', async () => {
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        database.transaction((queries) => insert(queries, BigInt(i), `n${i}`)),
      ),
    );
    expect(await names()).toHaveLength(50);
  });

  it('tells a refused statement from a database that is gone', async () => {
    const refusal = await database.query('SELECT nonsense').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: '42703' });
    expect(refusal).not.toBeInstanceOf(StorageUnavailableError);
  });

  it('keeps what is there when it is opened again', async () => {
    const fresh = (await newTarget[kind]?.()) ?? { url: '' };
    const first = await openControlDatabase({ target: fresh });
    const [installation] = await first.query('SELECT id FROM installation');
    await first.close();
    const second = await openControlDatabase({ target: fresh });
    expect(await second.query('SELECT id FROM installation')).toEqual([installation]);
    expect(await second.query('SELECT version, name FROM schema_migrations')).toEqual([
      { version: 1, name: '0001-installation.sql' },
    ]);
    await second.query("INSERT INTO schema_migrations (version, name) VALUES (99, 'of the future')");
    await second.close();
    const refusal = await openControlDatabase({ target: fresh }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ControlDatabaseError);
    expect((refusal as Error).message).toContain('schema version 99');
  });

  it('is unavailable once it is closed', async () => {
    const fresh = (await newTarget[kind]?.()) ?? { url: '' };
    const closed = await openControlDatabase({ target: fresh });
    await closed.close();
    await expect(closed.query('SELECT 1')).rejects.toThrow(StorageUnavailableError);
    await expect(closed.transaction(() => Promise.resolve())).rejects.toThrow(StorageUnavailableError);
  });
});

describe('a server', () => {
  it('is migrated once when several open it', async () => {
    const target = (await newTarget['a server']?.()) ?? { url: '' };
    const opened = await Promise.all(Array.from({ length: 4 }, () => openControlDatabase({ target })));
    const [first] = opened;
    expect(await first?.query('SELECT id FROM installation')).toHaveLength(1);
    await Promise.all(opened.map((database) => database.close()));
  });

  it('is unavailable while it is down, and serves again when it is back', async () => {
    const target = (await newTarget['a server']?.()) ?? { url: '' };
    const broken: Error[] = [];
    const database = await openControlDatabase({ target, onIdleError: (error) => broken.push(error) });
    await postgres.stop('at-once');
    await expect(database.query('SELECT 1')).rejects.toThrow(StorageUnavailableError);
    await expect(database.transaction(() => Promise.resolve())).rejects.toThrow(StorageUnavailableError);
    await postgres.start();
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(broken.length).toBeGreaterThan(0);
    await database.close();
  });

  it('that nobody answers at is named, with the setting, and without the password', async () => {
    const target = { url: 'postgres://ophion:hidden@127.0.0.1:1/control' };
    const refusal = await openControlDatabase({ target, startTimeoutMs: 300 }).catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(ControlDatabaseError);
    expect((refusal as Error).message).toContain('127.0.0.1:1/control');
    expect((refusal as Error).message).toContain('OPHION_POSTGRES_URL');
    expect((refusal as Error).message).not.toContain('hidden');
  });

  it('that says nothing is given up', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const opening = openControlDatabase({
      target: { url: `postgres://a@127.0.0.1:${port}/b` },
      startTimeoutMs: 100,
    });
    await expect(opening).rejects.toThrow(`127.0.0.1:${port}/b`);
    silent.close();
  });

  it('that refuses the user, or has no such database, is not waited for', async () => {
    const { user, password, host } = postgres;
    const started = performance.now();
    const wrong = openControlDatabase({ target: { url: `postgres://${user}:wrong-one@${host}/postgres` } });
    await expect(wrong).rejects.toThrow('password authentication failed');
    await expect(wrong).rejects.not.toThrow('wrong-one');
    const missing = openControlDatabase({
      target: { url: `postgres://${user}:${password}@${host}/nowhere` },
    });
    await expect(missing).rejects.toThrow('does not exist');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it.each(['localhost:5432', 'http://localhost/a', ''])('is not at %j', async (url) => {
    await expect(openControlDatabase({ target: { url } })).rejects.toThrow('OPHION_POSTGRES_URL');
  });
});

describe('an embedded one', () => {
  it('refuses a directory that is in use, naming it and the setting', async () => {
    const directory = join(home, 'in-use');
    const database = await openControlDatabase({ target: { directory } });
    const refusal = await openControlDatabase({ target: { directory } }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DirectoryInUseError);
    expect((refusal as Error).message).toContain(directory);
    expect((refusal as Error).message).toContain('OPHION_DATA_DIR');
    await database.close();
  });

  it('names a directory that it cannot use', async () => {
    await expect(openControlDatabase({ target: { directory: '/dev/null/nowhere' } })).rejects.toThrow(
      '/dev/null',
    );
  });

  it('has every row it acknowledged when its process is killed', async () => {
    const directory = join(home, 'killed');
    const entry = new URL('./index.ts', import.meta.url).href;
    const script = `
      const { openControlDatabase } = await import(${JSON.stringify(entry)});
      const database = await openControlDatabase({ target: { directory: ${JSON.stringify(directory)} } });
      await database.query('CREATE TABLE IF NOT EXISTS counted (n integer PRIMARY KEY)');
      const [{ last }] = await database.query('SELECT coalesce(max(n), 0) AS last FROM counted');
      for (let n = last + 1; ; n++) {
        await database.query('INSERT INTO counted (n) VALUES ($1)', [n]);
        console.log(n);
      }`;
    let acknowledged = 0;
    for (const untilRow of [20, 60, 90]) {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Math.max(acknowledged, Number(line));
        if (acknowledged >= untilRow) child.kill('SIGKILL');
      }
    }
    const database = await openControlDatabase({ target: { directory } });
    const [row] = await database.query<{ rows: number; last: number }>(
      'SELECT count(*)::integer AS rows, max(n) AS last FROM counted',
    );
    expect(row?.rows).toBe(row?.last);
    expect(row?.last).toBeGreaterThanOrEqual(acknowledged);
    await database.close();
  });
});
