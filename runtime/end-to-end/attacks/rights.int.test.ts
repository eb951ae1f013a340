import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Grant } from '../../auth/index.ts';
import { startAttackedPlatform, type AttackedPlatform, type Reply } from './attacked-platform.ts';

const NARROWED: Grant = { permissions: ['traces:read'], services: [{ name: 'cart' }] };
const LOGS: Grant = { permissions: ['logs:read'], services: undefined };
const SQL: Grant = { permissions: ['sql:run'], services: undefined };

let attacked: AttackedPlatform;

beforeAll(async () => {
  attacked = await startAttackedPlatform();
});
afterAll(() => attacked.stop());

const permissionsOf = (id: string): string[] =>
  [...(attacked.platform.access.users.get(id)?.grants.permissions ?? [])].sort();

/** Reading that is narrowed takes SQL away: whoever undoes the one must not get the other. */
describe('who may not ask in SQL because their reading is narrowed', () => {
  const roles = (name: string, permissions: Grant['permissions']): Readonly<Record<string, Grant>> => ({
    [`${name}-reads`]: NARROWED,
    [`${name}-does`]: { permissions: ['sql:run', ...permissions], services: undefined },
  });

  it('gets there by no change of roles', async () => {
    const { id, token } = await attacked.somebody('roler', roles('roler', ['roles:write', 'users:write']));
    const before = permissionsOf(id);
    expect(before).not.toContain('sql:run');
    for (const [method, path, body] of [
      ['DELETE', '/api/v1/roles/roler-reads', undefined],
      ['PUT', '/api/v1/roles/roler-reads', { permissions: [], services: null }],
      ['PUT', '/api/v1/roles/roler-reads', { permissions: ['roles:write'], services: null }],
      ['PATCH', `/api/v1/users/${id}`, { roles: ['roler-does'] }],
      ['PATCH', `/api/v1/users/${id}`, { roles: [] }],
    ] as const) {
      const { status } = await attacked.as(token, method, path, body);
      const now = permissionsOf(id);
      expect([method, body, now]).toEqual([method, body, now.length === 0 ? [] : before]);
      if (now.length > 0) expect([method, body, status]).toEqual([method, body, 403]);
    }
  });

  it('gives it to nobody else, wrapped in what takes it away', async () => {
    const { token } = await attacked.somebody('giver', roles('giver', ['users:write', 'users:read']));
    await attacked.somebody('asks-sql', { 'asks-sql': SQL });
    const made = { login: 'wrapped', name: '', roles: ['asks-sql', 'giver-reads'] };
    expect((await attacked.as(token, 'POST', '/api/v1/users', made)).status).toBe(403);
    expect((await attacked.as(token, 'POST', '/api/v1/service-accounts', made)).status).toBe(403);
    // Whoever has it already may still be renamed.
    const { id } = await attacked.somebody('named', { 'asks-sql': SQL, 'giver-reads': NARROWED });
    expect((await attacked.as(token, 'PATCH', `/api/v1/users/${id}`, { name: 'Named' })).status).toBe(200);
    expect((await attacked.as(token, 'PATCH', `/api/v1/users/${id}`, { roles: ['asks-sql'] })).status).toBe(
      403,
    );
  });

  it('maps it to no group of a sign-in provider', async () => {
    const { token } = await attacked.somebody(
      'mapper',
      roles('mapper', ['settings:read', 'settings:write', 'users:write']),
    );
    await attacked.somebody('asks-sql-2', { 'asks-sql': SQL });
    const { version } = JSON.parse((await attacked.as(token, 'GET', '/api/v1/settings')).text) as {
      readonly version: number;
    };
    const groupRoles = { everybody: ['asks-sql'], nobody: ['mapper-reads'] };
    const body = { expectedVersion: version, changes: { oidc: { groupRoles } }, comment: '' };
    const mapped = await attacked.as(token, 'PATCH', '/api/v1/settings', body);
    expect([mapped.status, mapped.text]).toEqual([403, expect.stringContaining('FORBIDDEN')]);
  });
});

describe('a change of a role', () => {
  it('widens what its bearers may do by no more than whoever makes it may', async () => {
    const { token } = await attacked.somebody('keeper', {
      keeper: { permissions: ['roles:write', 'logs:read'], services: undefined },
      narrow: { permissions: ['logs:read'], services: [{ name: 'cart' }] },
    });
    const { id } = await attacked.somebody('bearer', { narrow: NARROWED, asks: SQL });
    await attacked.platform.access.users.change((query) =>
      attacked.platform.access.users.putRole(query, 'narrow', {
        permissions: ['logs:read'],
        services: [{ name: 'cart' }],
      }),
    );
    const wider = { permissions: ['logs:read'], services: null };
    expect((await attacked.as(token, 'PUT', '/api/v1/roles/narrow', wider)).status).toBe(403);
    expect(permissionsOf(id)).toEqual(['logs:read']);
    // Of somebody without SQL it takes nothing away: it may be made.
    await attacked.platform.access.users.change((query) =>
      attacked.platform.access.users.update(query, id, { roles: ['narrow'] }),
    );
    expect((await attacked.as(token, 'PUT', '/api/v1/roles/narrow', wider)).status).toBe(200);
    expect(attacked.platform.access.users.get(id)?.grants.narrowed.size).toBe(0);
  });
});

describe('changes that overlap', () => {
  /** Asks for all of them before the first can be made. */
  const together = async (...asked: (() => Promise<Reply>)[]): Promise<readonly Reply[]> => {
    const held = attacked.platform.access.database.transaction(
      () => new Promise((resolve) => setTimeout(resolve, 500)),
    );
    const replies: Promise<Reply>[] = [];
    for (const ask of asked) {
      replies.push(ask());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await held;
    return Promise.all(replies);
  };
  const statuses = (replies: readonly Reply[]): readonly number[] => replies.map(({ status }) => status);
  const changesOf = async (target: string) =>
    (await attacked.platform.access.audit.list({ text: target }, 100))
      .filter((entry) => entry.target === target && entry.detail['before'] !== undefined)
      .toReversed();

  it('of a user leave a disabled one disabled, with the name and the roles each asked for', async () => {
    const { token } = await attacked.somebody('overlapper', {
      overlaps: { permissions: ['users:write', 'logs:read'], services: undefined },
    });
    const { id } = await attacked.somebody('overlapped', { 'reads-logs': LOGS });
    const patch = (body: unknown) => () => attacked.as(token, 'PATCH', `/api/v1/users/${id}`, body);
    const replies = await together(
      patch({ isDisabled: true }),
      patch({ name: 'Renamed' }),
      patch({ roles: [] }),
    );
    expect(statuses(replies)).toEqual([200, 200, 200]);
    const { name, roles, isDisabled } = attacked.platform.access.users.get(id) ?? {};
    expect({ name, roles, isDisabled }).toEqual({ name: 'Renamed', roles: [], isDisabled: true });
    const [first, second, third] = await changesOf('user:overlapped');
    expect(second?.detail['before']).toEqual(first?.detail['after']);
    expect(third?.detail['before']).toEqual(second?.detail['after']);
  });

  it('reach nobody who has meanwhile become more than whoever asks', async () => {
    const { token } = await attacked.somebody('lesser', {
      lesser: { permissions: ['users:write', 'logs:read'], services: undefined },
    });
    const { id } = await attacked.somebody('riser', { 'reads-logs': LOGS });
    const { token: admin } = await attacked.somebody('raiser', {});
    const { users } = attacked.platform.access;
    await users.change((query) =>
      users.update(query, users.byLogin('raiser')?.id ?? '', { roles: ['admin'] }),
    );
    const patch = (by: string, body: unknown) => () => attacked.as(by, 'PATCH', `/api/v1/users/${id}`, body);
    const replies = await together(patch(admin, { roles: ['admin'] }), patch(token, { isDisabled: true }));
    expect(statuses(replies)).toEqual([200, 403]);
    expect(users.get(id)?.isDisabled).toBe(false);
  });

  it('of a role are on record with what each of them found', async () => {
    const { token } = await attacked.somebody('role-keeper', {
      'role-keeper': { permissions: ['roles:write', 'logs:read', 'traces:read'], services: undefined },
      'two-at-once': LOGS,
    });
    const put = (permissions: readonly string[]) => () =>
      attacked.as(token, 'PUT', '/api/v1/roles/two-at-once', { permissions, services: null });
    expect(statuses(await together(put(['traces:read']), put([])))).toEqual([200, 200]);
    const [first, second] = await changesOf('role:two-at-once');
    expect(second?.detail['before']).toEqual(first?.detail['after']);
  });
});

describe('the last two who manage users', () => {
  it('cannot put each other out in the same moment', async () => {
    const { users, database } = attacked.platform.access;
    const manages = {
      manages: { permissions: ['users:write', 'roles:write'], services: undefined },
    } as const;
    const one = await attacked.somebody('one', manages);
    const other = await attacked.somebody('other', manages);
    for (const { id, kind, login } of users.all()) {
      if (kind !== 'person' || login === 'one' || login === 'other') continue;
      await users.change((query) => users.update(query, id, { isDisabled: true }));
    }
    const change = (by: { readonly token: string }, of: { readonly id: string }, body: unknown) =>
      attacked.as(by.token, 'PATCH', `/api/v1/users/${of.id}`, body);
    // Neither is done before both have begun.
    const held = database.transaction(() => new Promise((resolve) => setTimeout(resolve, 500)));
    const replies = await Promise.all([
      change(one, other, { isDisabled: true }),
      change(other, one, { roles: [] }),
    ]);
    await held;
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = users
      .all()
      .filter(({ isDisabled, grants }) => !isDisabled && grants.permissions.has('users:write'));
    expect(left).toHaveLength(1);
  });
});
