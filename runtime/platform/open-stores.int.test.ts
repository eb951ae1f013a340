import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configFrom } from '../config/index.ts';
import { openControlDatabase } from '../storage/postgres/index.ts';
import { startThrowawayPostgres, type ThrowawayPostgres } from '../storage/postgres/fixtures/index.ts';
import { openStores } from './open-stores.ts';
import { Teardown } from './teardown.ts';

describe('a start on a Postgres server', () => {
  let postgres: ThrowawayPostgres;
  let folder: string;

  beforeAll(async () => {
    postgres = await startThrowawayPostgres();
    folder = await mkdtemp(join(tmpdir(), 'ophion-stores-'));
    const superuser = await openControlDatabase({ url: postgres.url, onIdleError: () => undefined });
    for (const statement of [
      `CREATE ROLE ophion_owner LOGIN PASSWORD 'secret'`,
      `CREATE ROLE ophion_app LOGIN PASSWORD 'secret'`,
      'GRANT CREATE, USAGE ON SCHEMA public TO ophion_owner',
      `DO $$ DECLARE item record; BEGIN
         FOR item IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
           EXECUTE format('ALTER TABLE %I OWNER TO ophion_owner', item.tablename);
         END LOOP;
         ALTER FUNCTION prune_audit_log(timestamptz) OWNER TO ophion_owner;
       END $$`,
    ]) {
      await superuser.query(statement);
    }
    await superuser.close();
  });
  afterAll(async () => {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const urlOf = (user: string): string => {
    const url = new URL(postgres.url);
    url.username = user;
    url.password = 'secret';
    return url.href;
  };
  /** The warnings of a start. */
  async function warnings(settings: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const lines: string[] = [];
    const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) });
    const teardown = new Teardown();
    try {
      await openStores({ config: configFrom(settings, {}, ''), log, dataDir: folder }, teardown);
    } finally {
      await teardown.run();
    }
    return lines.map((line) => (JSON.parse(line) as { readonly msg: string }).msg);
  }

  it('warns where the platform could change the audit log, and names the cure', async () => {
    const said = await warnings({ OPHION_POSTGRES_URL: urlOf('ophion_owner') });
    expect(said).toEqual([
      expect.stringMatching(/OPHION_POSTGRES_URL owns the audit log.*OPHION_POSTGRES_OWNER_URL/),
    ]);
  });

  it('says nothing where it cannot', async () => {
    const urls = {
      OPHION_POSTGRES_URL: urlOf('ophion_app'),
      OPHION_POSTGRES_OWNER_URL: urlOf('ophion_owner'),
    };
    expect(await warnings(urls)).toEqual([]);
    expect(await warnings({ OPHION_POSTGRES_URL: urlOf('ophion_app') })).toEqual([]);
  });
});
