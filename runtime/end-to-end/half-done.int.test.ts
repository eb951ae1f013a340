import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../control-plane/index.ts';
import { askedBy } from '../api/access/fixtures/index.ts';
import { ACCESS_HANDLERS } from '../api/access/index.ts';
import type { User } from '../auth/index.ts';
import { applyConfiguration, parseConfiguration } from '../configuration/index.ts';
import { openControlPlane, type OpenControlPlane } from '../fixtures/index.ts';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';

const CLIENT = { address: '192.0.2.1', userAgent: 'test' };
const PASSWORD = 'seven brave otters hum';
const OTHER_PASSWORD = 'nine quiet lanterns drift';

/** A database that is gone from the statement on that is like this: what the process would leave that is killed there. */
class BreakingDatabase implements ControlDatabase {
  private readonly whole: ControlDatabase;
  breaksAt: RegExp | undefined;
  readonly query: RunQuery;

  constructor(whole: ControlDatabase) {
    this.whole = whole;
    this.query = this.breaking(whole.query);
  }

  transaction<Result>(work: (query: RunQuery) => Promise<Result>): Promise<Result> {
    return this.whole.transaction((query) => work(this.breaking(query)));
  }

  close(): Promise<void> {
    return this.whole.close();
  }

  private breaking(query: RunQuery): RunQuery {
    return (text, parameters) =>
      this.breaksAt?.test(text) === true ? Promise.reject(new Error('broken')) : query(text, parameters);
  }
}

describe.each(CONTROL_ENGINES)('a change that breaks in the middle, control database %s', (_name, start) => {
  let engine: ControlEngine;
  let database: BreakingDatabase;
  let plane: OpenControlPlane;
  let access: Access;

  beforeAll(async () => {
    engine = await start();
    database = new BreakingDatabase(engine.database);
    plane = await openControlPlane(database);
    access = plane.access;
  });
  afterAll(async () => {
    await access.stop();
    await engine.end();
  });

  const named = (login: string): User => {
    const user = access.users.byLogin(login);
    if (!user) throw new Error(`there is no user ${login}`);
    return user;
  };
  const someone = async (login: string): Promise<void> => {
    const passwordHash = await access.hasher.hash(PASSWORD);
    await access.users.change(async (query) => {
      const made = { login, kind: 'person', name: '', roles: ['viewer'], mustChangePassword: false } as const;
      await access.users.create(query, { ...made, passwordHash });
    });
  };
  const begin = async (login: string) => {
    const begun = await access.signIn.begin(named(login), CLIENT);
    if (!begun) throw new Error(`${login} cannot sign in`);
    return begun;
  };
  const everything = async (): Promise<unknown> => {
    const tables = [
      'SELECT login, password_hash, is_disabled, signed_in_at, totp_secret, totp_confirmed FROM users ORDER BY login',
      'SELECT user_id, role FROM user_roles ORDER BY user_id, role',
      'SELECT id, ended_at, ended_why FROM sessions ORDER BY id',
      'SELECT hash, used_at FROM refresh_tokens ORDER BY hash',
      'SELECT hash, used_at FROM password_links ORDER BY hash',
      'SELECT id, revoked_at FROM api_keys ORDER BY id',
      'SELECT version FROM settings_versions ORDER BY version',
      'SELECT sequence FROM audit_log ORDER BY sequence',
    ];
    return Promise.all(tables.map((text) => engine.database.query(text)));
  };

  /** What is prepared, the statement it breaks at, and the change. */
  const CHANGES: Readonly<Record<string, readonly [RegExp, () => Promise<() => Promise<unknown>>]>> = {
    'of a password, before other sessions end': [
      /UPDATE sessions SET ended_at/,
      async () => {
        await someone('changes');
        await begin('changes');
        const asker = { actor: 'user:changes', address: '', sessionId: (await begin('changes')).session.id };
        const words = { current: PASSWORD, next: OTHER_PASSWORD };
        return () => access.passwords.change(named('changes'), words, asker);
      },
    ],
    'of a password by a link, before keys are revoked': [
      /UPDATE api_keys/,
      async () => {
        await someone('resets');
        const token = await access.passwords.createLink(named('resets'), { actor: 'system', address: '' });
        return () => access.passwords.reset(token, OTHER_PASSWORD, '');
      },
    ],
    'by signing in, before it is on record': [
      /INSERT INTO audit_log/,
      async () => {
        await someone('enters');
        return () => begin('enters');
      },
    ],
    'by signing in anew, before the session that was there ends': [
      /UPDATE sessions SET ended_at/,
      async () => {
        await someone('re-enters');
        const { session } = await begin('re-enters');
        return () => access.signIn.begin(named('re-enters'), CLIENT, session.id);
      },
    ],
    'by a refresh token that comes twice, before it is on record': [
      /INSERT INTO audit_log/,
      async () => {
        await someone('robbed');
        const { refreshToken } = await begin('robbed');
        await access.signIn.refresh(refreshToken, CLIENT);
        return () => access.signIn.refresh(refreshToken, { ...CLIENT, userAgent: 'a thief' });
      },
    ],
    'that disables a user, before their sessions end': [
      /UPDATE sessions SET ended_at/,
      async () => {
        await someone('leaves');
        await begin('leaves');
        const request = askedBy(named('admin'), { userId: named('leaves').id }, { isDisabled: true });
        return () => ACCESS_HANDLERS['PATCH /api/v1/users/:userId'](access, request);
      },
    ],
    'that makes a user, before their link': [
      /INSERT INTO password_links/,
      () => {
        const request = askedBy(named('admin'), {}, { login: 'new', name: '', roles: ['viewer'] });
        return Promise.resolve(() => ACCESS_HANDLERS['POST /api/v1/users'](access, request));
      },
    ],
    'by a configuration that disables a user, before their sessions end': [
      /UPDATE sessions SET ended_at/,
      async () => {
        await someone('configured');
        await begin('configured');
        const file = parseConfiguration({
          version: 1,
          settings: { signIn: { notice: 'configured' } },
          users: [{ login: 'configured', roles: ['viewer'], isDisabled: true }],
        });
        const author = { actor: 'system', address: '' };
        return () => applyConfiguration({ ...access, ...plane }, file, {}, author);
      },
    ],
    'by ending a session that nobody uses, before it is on record': [
      /INSERT INTO audit_log/,
      async () => {
        await someone('idles');
        await begin('idles');
        return async () => {
          access.sessions.setLimits({ lifetimeMs: 3_600_000, idleMs: 0 });
          try {
            await access.signIn.endIdle();
          } finally {
            access.sessions.setLimits({ lifetimeMs: 3_600_000 });
          }
        };
      },
    ],
  };

  it.each(Object.entries(CHANGES))(
    '%s, leaves nothing, and is whole without that',
    async (_change, [at, prepare]) => {
      const change = await prepare();
      const before = await everything();
      database.breaksAt = at;
      const broken = change();
      await expect(broken).rejects.toThrow('broken');
      database.breaksAt = undefined;
      expect(await everything()).toEqual(before);
      await change();
      expect(await everything()).not.toEqual(before);
      expect(await access.audit.verify()).toMatchObject({ intact: true });
    },
  );
});
