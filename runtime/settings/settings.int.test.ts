import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, SECRET_NAMES, type Settings } from '../../proto/settings/index.ts';
import { AuditLog } from '../audit/index.ts';
import { Sealer, SealBrokenError } from '../secrets/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import {
  patchSettings,
  readStored,
  SecretStore,
  SettingsConflictError,
  SettingsInvalidError,
  SettingsStore,
  SettingsVersionUnknownError,
} from './index.ts';

const ADA = { actor: 'user:ada', address: '192.0.2.1' };
const BOB = { actor: 'user:bob', address: '192.0.2.2' };

describe.each(CONTROL_ENGINES)('settings, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let audit: AuditLog;
  let store: SettingsStore;
  const open = (): Promise<SettingsStore> => SettingsStore.open({ database: engine.database, audit });
  beforeAll(async () => {
    engine = await start();
    audit = new AuditLog(engine.database);
    store = await open();
  });
  afterAll(() => engine.end());

  const at = (expectedVersion: number, comment = ''): { expectedVersion: number; comment: string } => ({
    expectedVersion,
    comment,
  });

  it('are as by default until somebody changes them', async () => {
    expect(store.current).toEqual(DEFAULT_SETTINGS);
    expect(store.version).toBe(0);
    expect(await store.history(10)).toEqual([]);
  });

  it('become versions with author, comment and difference, known after a start, and told to who listens', async () => {
    const told: [Settings, Settings][] = [];
    const stop = store.onChange((now, before) => told.push([now, before]));
    const first = await store.change({ signIn: { notice: 'Be kind', sessionHours: 8 } }, at(0, 'greet'), ADA);
    expect(first).toBe(1);
    const groups = { groupRoles: { ops: ['operator'], dev: ['viewer', 'editor'] } };
    expect(await store.change({ signIn: { sessionHours: 9 }, oidc: groups }, at(1), BOB)).toBe(2);
    stop();
    expect(told.map(([now, before]) => [before.signIn.sessionHours, now.signIn.sessionHours])).toEqual([
      [null, 8],
      [8, 9],
    ]);
    const again = await open();
    expect(again.version).toBe(2);
    expect(again.current).toEqual(store.current);
    expect(again.current.signIn).toMatchObject({ notice: 'Be kind', sessionHours: 9 });
    expect(await again.history(10)).toMatchObject([
      {
        version: 2,
        author: 'user:bob',
        comment: '',
        differences: [
          { path: 'signIn.sessionHours', before: 8, after: 9 },
          { path: 'oidc.groupRoles', before: {}, after: groups.groupRoles },
        ],
      },
      {
        version: 1,
        author: 'user:ada',
        comment: 'greet',
        differences: [
          { path: 'signIn.notice', before: '', after: 'Be kind' },
          { path: 'signIn.sessionHours', before: null, after: 8 },
        ],
      },
    ]);
    expect((await again.history(1)).map(({ version }) => version)).toEqual([2]);
    expect((await again.history(1, 2)).map(({ version }) => version)).toEqual([1]);
    expect((await again.history(1, 2))[0]?.differences).toHaveLength(2);
  });

  it('are on record, and nothing is written where nothing differs', async () => {
    const [entry] = await audit.list({ action: 'settings.change' }, 1);
    expect(entry).toMatchObject({
      actor: 'user:bob',
      target: 'settings:2',
      address: '192.0.2.2',
      detail: { before: { 'signIn.sessionHours': 8 }, after: { 'signIn.sessionHours': 9 } },
    });
    const entries = (await audit.list({}, 100)).length;
    expect(await store.change({ signIn: { sessionHours: 9 } }, at(2), ADA)).toBe(2);
    expect(await audit.list({}, 100)).toHaveLength(entries);
    expect(await audit.verify()).toMatchObject({ intact: true });
  });

  it('are rolled back as a new version', async () => {
    expect(await store.rollBack(1, at(2, 'too much'), ADA)).toBe(3);
    expect(store.current).toEqual(await store.at(1));
    expect(await store.history(1)).toMatchObject([{ version: 3, restores: 1, comment: 'too much' }]);
    expect(await store.rollBack(0, at(3), ADA)).toBe(4);
    expect(store.current).toEqual(DEFAULT_SETTINGS);
    const [entry] = await audit.list({ action: 'settings.roll-back' }, 1);
    expect(entry?.detail).toMatchObject({ restores: 0 });
    await expect(store.rollBack(99, at(4), ADA)).rejects.toThrow(SettingsVersionUnknownError);
  });

  it('are not changed by who has not seen what they are', async () => {
    await expect(store.change({ signIn: { notice: 'x' } }, at(3), ADA)).rejects.toThrow(
      SettingsConflictError,
    );
    await expect(store.rollBack(1, at(3), ADA)).rejects.toThrow(SettingsConflictError);
    const version = store.version;
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => store.change({ signIn: { notice: `by ${i}` } }, at(version), ADA)),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(7);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(SettingsConflictError);
    expect(store.version).toBe(version + 1);
    expect((await open()).current).toEqual(store.current);
  });

  it.each([
    [{ signIn: { sessionHours: 0 } }, 'signIn.sessionHours'],
    [{ signIn: { sessionHours: '8' } }, 'signIn.sessionHours'],
    [{ signIn: { unknown: 1 } }, 'signIn.unknown: is no setting'],
    [{ nothing: { a: 1 } }, 'nothing: is no setting'],
    [{ signIn: null }, 'signIn'],
    [{ signIn: [] }, 'signIn'],
    [{ oidc: { isEnabled: true } }, 'oidc.issuer: is needed'],
    [{ oidc: { groupRoles: { a: 'admin' } } }, 'oidc.groupRoles.a'],
    [{ oidc: { scopes: ['profile'] } }, 'oidc.scopes: expected openid'],
    [{ general: { publicUrl: 'javascript:alert(1)' } }, 'general.publicUrl: expected a URL'],
    [{ audit: { retentionDays: 29 } }, 'audit.retentionDays'],
    [JSON.parse('{"__proto__":{"a":1}}'), '__proto__: is no setting'],
    [JSON.parse('{"signIn":{"__proto__":{"a":1}}}'), 'signIn.__proto__: is no setting'],
  ])('refuse %j, naming the path', async (patch, message) => {
    const before = await open();
    const refused = store.change(patch as Record<string, unknown>, at(store.version), ADA);
    await expect(refused).rejects.toThrow(SettingsInvalidError);
    await expect(refused).rejects.toThrow(message);
    expect((await open()).version).toBe(before.version);
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('pass checks of what only the platform knows', async () => {
    const checked = await SettingsStore.open({
      database: engine.database,
      audit,
      checks: [({ outgoing }) => outgoing.allow.map((path) => ({ path, message: 'is not liked' }))],
    });
    const change = checked.change({ outgoing: { allow: ['10.0.0.1'] } }, at(checked.version), ADA);
    await expect(change).rejects.toThrow('10.0.0.1: is not liked');
  });

  it('outlive the fields of another version of the program', () => {
    const stored = {
      ...DEFAULT_SETTINGS,
      gone: { a: 1 },
      signIn: { notice: 'n', was: true },
      audit: undefined,
    };
    expect(readStored(stored)).toEqual(patchSettings(DEFAULT_SETTINGS, { signIn: { notice: 'n' } }));
    expect(() => readStored({ signIn: { sessionHours: -1 } })).toThrow('signIn.sessionHours');
  });
});

describe.each(CONTROL_ENGINES)('secrets, control database %s', (_name, start) => {
  const VALUE = 'correct horse battery';
  let engine: ControlEngine;
  let audit: AuditLog;
  let secrets: SecretStore;
  const sealer = new Sealer(Buffer.alloc(32, 3));
  beforeAll(async () => {
    engine = await start();
    audit = new AuditLog(engine.database);
    secrets = new SecretStore({ database: engine.database, sealer, audit, now: () => 1_000 });
  });
  afterAll(() => engine.end());

  it.each(SECRET_NAMES)('are set, told only to be set and when, and used: %s', async (name) => {
    const states = async () => new Map((await secrets.list()).map((state) => [state.name, state.set]));
    const before = new Map(SECRET_NAMES.map((known) => [known, undefined]));
    expect(await states()).toEqual(before);
    expect(await secrets.reveal(name)).toBeUndefined();
    await secrets.set(name, VALUE, ADA);
    expect(await states()).toEqual(new Map([...before, [name, { at: new Date(1_000), by: 'user:ada' }]]));
    expect(await secrets.reveal(name)).toBe(VALUE);
    await engine.database.query('DELETE FROM secrets');
  });

  it('are nowhere to be read: not in the database, not in the audit log', async () => {
    const known = await audit.head();
    await secrets.set('oidc-client-secret', VALUE, ADA);
    await secrets.set('oidc-client-secret', VALUE, BOB);
    const [row] = await engine.database.query<{ sealed: Uint8Array }>('SELECT sealed FROM secrets');
    expect(Buffer.from(row?.sealed ?? []).includes(VALUE.slice(0, 7))).toBe(false);
    const all = await audit.list({ action: 'secret.set' }, 10);
    const entries = all.filter(({ sequence }) => sequence > known);
    expect(entries.map(({ detail }) => detail)).toEqual([
      { before: 'set', after: 'set' },
      { before: 'not set', after: 'set' },
    ]);
    expect(JSON.stringify(entries)).not.toContain(VALUE);
  });

  it('cannot be used with another key', async () => {
    const other = new SecretStore({
      database: engine.database,
      sealer: new Sealer(Buffer.alloc(32, 4)),
      audit,
    });
    await expect(other.reveal('oidc-client-secret')).rejects.toThrow(SealBrokenError);
  });

  it('are cleared, once, on record', async () => {
    expect(await secrets.clear('oidc-client-secret', ADA)).toBe(true);
    expect(await secrets.clear('oidc-client-secret', ADA)).toBe(false);
    expect(await audit.list({ action: 'secret.clear' }, 10)).toHaveLength(1);
    expect(await secrets.reveal('oidc-client-secret')).toBeUndefined();
  });

  it.each(['', 'x'.repeat(8_193)])('of %j.length are refused', async (value) => {
    await expect(secrets.set('oidc-client-secret', value, ADA)).rejects.toThrow('secrets.oidc-client-secret');
    expect((await secrets.list())[0]?.set).toBeUndefined();
  });
});
