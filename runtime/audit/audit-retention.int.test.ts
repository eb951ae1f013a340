import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyConfiguration, parseConfiguration } from '../configuration/index.ts';
import { openControlPlane } from '../fixtures/index.ts';
import { openControlDatabase, QueryRefusedError, type ControlDatabase } from '../storage/postgres/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import { openPgControlDatabase } from '../storage/postgres/pg-control-database.ts';
import { startThrowawayPostgres, type ThrowawayPostgres } from '../storage/postgres/throwaway-postgres.ts';
import { AuditLog } from './index.ts';

const DAY_MS = 86_400_000;

/** One entry a day, the last of them half a day ago. */
async function fill(database: ControlDatabase, days: number): Promise<void> {
  let nowMs = Date.now() - (days - 0.5) * DAY_MS;
  const audit = new AuditLog(database, () => new Date(nowMs));
  for (let day = 0; day < days; day += 1) {
    await audit.append({
      actor: `user:${day}`,
      action: 'sign-in',
      target: 'session:x',
      outcome: 'done',
      address: '192.0.2.1',
      detail: { day },
    });
    nowMs += DAY_MS;
  }
}

describe.each(CONTROL_ENGINES)('what is on record, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let audit: AuditLog;
  beforeEach(async () => {
    engine = await start();
    audit = new AuditLog(engine.database);
  });
  afterEach(() => engine.end());

  it('is removed when it is old, on record, and what is left still verifies', async () => {
    await fill(engine.database, 100);
    expect(await audit.verify()).toEqual({ intact: true, entries: 100, cutAt: 0 });
    expect(await audit.prune(40, 'system')).toBe(60);
    expect(await audit.verify()).toEqual({ intact: true, entries: 41, cutAt: 60 });
    const [newest] = await audit.list({}, 1);
    expect(newest).toMatchObject({
      sequence: 101,
      action: 'audit.prune',
      detail: { through: 60, removed: 60 },
    });
    const sequences: number[] = [];
    for await (const { sequence } of audit.entries()) sequences.push(sequence);
    expect(sequences).toEqual(Array.from({ length: 41 }, (_, i) => i + 61));
    expect(await audit.prune(40, 'system')).toBe(0);
    expect(await audit.prune(30, 'system')).toBe(10);
    expect(await audit.verify()).toEqual({ intact: true, entries: 32, cutAt: 70 });
  });

  it('is kept whole when all of it is old, but for what the newest entry follows', async () => {
    await fill(engine.database, 3);
    expect(await audit.prune(40, 'system')).toBe(0);
    const later = new AuditLog(engine.database, () => new Date(Date.now()));
    expect(await later.verify()).toMatchObject({ intact: true, entries: 3 });
  });

  it('is not removed before its time, by whatever way', async () => {
    await fill(engine.database, 50);
    await expect(audit.prune(29, 'system')).rejects.toThrow('at least 30 days');
    await expect(audit.prune(-1, 'system')).rejects.toThrow('at least 30 days');
    const { query } = engine.database;
    for (const statement of [
      'DELETE FROM audit_log WHERE sequence = 1',
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
      'UPDATE audit_log SET sequence = sequence - 100',
    ]) {
      await expect(query(statement)).rejects.toThrow(QueryRefusedError);
    }
    expect(await audit.verify()).toEqual({ intact: true, entries: 50, cutAt: 0 });
  });

  it('that was removed by who owns the database shows', async () => {
    await fill(engine.database, 100);
    await audit.prune(40, 'system');
    const { query } = engine.database;
    await query(
      'UPDATE audit_cut SET (sequence, hash) = (SELECT sequence, hash FROM audit_log WHERE sequence = 75)',
    );
    await query('DELETE FROM audit_log WHERE sequence <= 75');
    expect(await audit.verify()).toMatchObject({
      intact: false,
      sequence: 75,
      reason: expect.stringContaining('no entry says so') as string,
    });
    await query('DELETE FROM audit_log WHERE sequence <= 75');
    await query(`UPDATE audit_cut SET sequence = 69`);
    expect(await audit.verify()).toMatchObject({ intact: false, sequence: 70, reason: 'it is missing' });
  });

  it('stays when its removal cannot be put on record', async () => {
    await fill(engine.database, 100);
    const { query } = engine.database;
    await query('DELETE FROM audit_head');
    await expect(audit.prune(40, 'system')).rejects.toThrow('lost its head');
    expect(await query('SELECT count(*)::int AS count FROM audit_log')).toEqual([{ count: 100 }]);
    expect(await query('SELECT sequence FROM audit_cut')).toEqual([{ sequence: '0' }]);
  });
});

describe('on a server, with a user that does not own the tables', () => {
  let postgres: ThrowawayPostgres;
  let owner: ControlDatabase;
  const onIdleError = (): undefined => undefined;
  const urlOf = (user: string): string => postgres.url.replace('ophion:throwaway', `${user}:secret`);
  beforeEach(async () => {
    postgres = await startThrowawayPostgres();
    const superuser = openPgControlDatabase(postgres.url, onIdleError);
    for (const statement of [
      `CREATE ROLE keeper LOGIN PASSWORD 'secret'`,
      `CREATE ROLE app LOGIN PASSWORD 'secret'`,
      'GRANT CREATE, USAGE ON SCHEMA public TO keeper',
    ]) {
      await superuser.query(statement);
    }
    await superuser.close();
    owner = openPgControlDatabase(urlOf('keeper'), onIdleError);
  });
  afterEach(async () => {
    await owner.close();
    await postgres.stop();
  });

  it('the platform does all it must, and can change nothing that is on record', async () => {
    const app = await openControlDatabase({ url: urlOf('app'), ownerUrl: urlOf('keeper'), onIdleError });
    const audit = new AuditLog(app);
    await fill(app, 50);
    expect(await audit.prune(40, 'system')).toBe(10);
    expect(await audit.verify()).toMatchObject({ intact: true, cutAt: 10 });
    await app.query(`INSERT INTO users (login) VALUES ('ada')`);
    await app.query(`UPDATE users SET name = 'Ada'`);
    await app.query('DELETE FROM users');
    for (const statement of [
      `UPDATE audit_log SET actor = 'user:innocent'`,
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
      'UPDATE audit_cut SET sequence = 100',
      'DELETE FROM audit_head',
      `UPDATE settings_versions SET comment = ''`,
      'ALTER TABLE audit_log DISABLE TRIGGER USER',
      'DROP TRIGGER audit_log_is_kept ON audit_log',
      'ALTER FUNCTION prune_audit_log(timestamptz) SECURITY INVOKER',
      'CREATE TABLE mine (a int)',
      `INSERT INTO schema_migrations (name) VALUES ('9999-mine.sql')`,
      `SELECT prune_audit_log(now())`,
    ]) {
      await expect(app.query(statement)).rejects.toThrow(QueryRefusedError);
    }
    expect(await audit.verify()).toMatchObject({ intact: true, entries: 41 });
    await app.close();
  });

  it('the platform is configured by a file, which locks what it changes', async () => {
    const app = await openControlDatabase({ url: urlOf('app'), ownerUrl: urlOf('keeper'), onIdleError });
    const plane = await openControlPlane(app);
    const file = parseConfiguration({
      version: 1,
      settings: { signIn: { notice: 'by file' } },
      secrets: { 'oidc-client-secret': { fromEnvironment: 'X' } },
      roles: [{ name: 'readers', permissions: ['logs:read'] }],
      users: [{ login: 'ada', roles: ['readers'] }],
    });
    const values = { 'oidc-client-secret': 'secret' };
    const author = { actor: 'cli:file', address: '' };
    expect(await applyConfiguration({ ...plane.access, ...plane }, file, values, author)).toHaveLength(4);
    await plane.access.stop();
    await app.close();
  });

  it('starts again without the owner, and cannot lead the pruning to tables of its own', async () => {
    await (await openControlDatabase({ url: urlOf('app'), ownerUrl: urlOf('keeper'), onIdleError })).close();
    const app = await openControlDatabase({ url: urlOf('app'), onIdleError });
    await fill(app, 50);
    const removed = await app.transaction(async (query) => {
      await query('CREATE TEMP TABLE audit_log (sequence bigint, at timestamptz, hash bytea) ON COMMIT DROP');
      await query(
        `INSERT INTO pg_temp.audit_log VALUES (49, now() - interval '90 days', '\\x00'), (50, now() - interval '90 days', '\\x00')`,
      );
      return query(`SELECT removed FROM prune_audit_log(now() - interval '40 days')`);
    });
    expect(removed).toEqual([{ removed: '10' }]);
    await app.close();
  });

  it('a user with wider rights is refused', async () => {
    const wide = openControlDatabase({ url: postgres.url, ownerUrl: urlOf('keeper'), onIdleError });
    await expect(wide).rejects.toThrow('may still change the audit log');
  });
});
