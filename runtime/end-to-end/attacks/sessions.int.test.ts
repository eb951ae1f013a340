import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Access } from '../../control-plane/index.ts';
import type { SignedIn, User } from '../../auth/index.ts';
import { startAttackedPlatform, type AttackedPlatform } from './attacked-platform.ts';

const CLIENT = { address: '192.0.2.1', userAgent: 'test' };

async function begin({ signIn }: Access, user: User): Promise<SignedIn> {
  const begun = await signIn.begin(user, CLIENT);
  if (!begun) throw new Error(`${user.login} cannot sign in`);
  return begun;
}

let attacked: AttackedPlatform;

beforeAll(async () => {
  attacked = await startAttackedPlatform();
});
afterAll(() => attacked.stop());

describe('a session that ends while its token is refreshed', () => {
  it('stays ended, whoever of the two comes first', async () => {
    const { access } = attacked.platform;
    const { id } = await attacked.somebody('in-a-hurry', {});
    const user = access.users.get(id);
    if (!user) throw new Error('there is no such user');
    for (const isRefreshFirst of [true, false]) {
      const { session, refreshToken } = await begin(access, user);
      const refresh = () => access.signIn.refresh(refreshToken, CLIENT);
      const end = async () => {
        await access.sessions.end([session.id], 'signed-out');
        return undefined;
      };
      const [refreshed] = isRefreshFirst
        ? await Promise.all([refresh(), end()])
        : (await Promise.all([end(), refresh()])).reverse();
      expect([isRefreshFirst, access.sessions.isLive(session.id)]).toEqual([isRefreshFirst, false]);
      if (!refreshed) continue;
      const me = await attacked.as(refreshed.accessToken, 'GET', '/api/v1/me');
      expect(me.status).toBe(401);
      expect(await access.signIn.refresh(refreshed.refreshToken, CLIENT)).toBeUndefined();
    }
  });

  it('does not come back with its user, who was disabled meanwhile', async () => {
    const { access } = attacked.platform;
    const { id } = await attacked.somebody('disabled', {});
    const { token: admin } = await attacked.somebody('chief', {
      chief: { permissions: ['users:write', 'users:read'], services: undefined },
    });
    const user = access.users.get(id);
    if (!user) throw new Error('there is no such user');
    const { session, accessToken } = await begin(access, user);
    const { refreshToken } = await begin(access, user);
    const disable = attacked.as(admin, 'PATCH', `/api/v1/users/${id}`, { isDisabled: true });
    const began = access.signIn.begin(user, CLIENT);
    expect((await disable).status).toBe(200);
    const late = await began;
    expect((await attacked.as(admin, 'PATCH', `/api/v1/users/${id}`, { isDisabled: false })).status).toBe(
      200,
    );
    expect(access.sessions.isLive(session.id)).toBe(false);
    expect((await attacked.as(accessToken, 'GET', '/api/v1/me')).status).toBe(401);
    expect(await access.signIn.refresh(refreshToken, CLIENT)).toBeUndefined();
    // Whoever began just then is in no session of somebody who was disabled since.
    expect((await attacked.as(late?.accessToken ?? 'none', 'GET', '/api/v1/me')).status).toBe(401);
  });
});

describe('a sign-in with a password that is changed while it is checked', () => {
  it('opens nothing', async () => {
    const { access } = attacked.platform;
    const { hasher, signIn, sessions, users } = access;
    const { id } = await attacked.somebody('robbed', {});
    const passwordHash = await hasher.hash('seven brave otters hum');
    await users.change((query) => users.update(query, id, { passwordHash }));
    const attempt = { login: 'robbed', password: 'seven brave otters hum' };
    expect((await signIn.attempt(attempt, CLIENT)).type).toBe('signed-in');
    const next = await hasher.hash('nine quiet lanterns drift');
    const begun = sessions.ofUser(id).length;
    const [outcome] = await Promise.all([
      signIn.attempt(attempt, CLIENT),
      users.change((query) => users.update(query, id, { passwordHash: next })),
    ]);
    expect(outcome).toEqual({ type: 'wrong' });
    expect(sessions.ofUser(id)).toHaveLength(begun);
  });
});
