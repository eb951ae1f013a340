import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { makeKey, tokenOf } from '../access-people.ts';
import { adminToken } from '../signed-in.ts';
import { startAttackedPlatform, type AttackedPlatform } from './attacked-platform.ts';

const PASSWORD = 'seven brave otters hum';

let attacked: AttackedPlatform;
let admin: string;

beforeAll(async () => {
  attacked = await startAttackedPlatform();
  admin = await adminToken(attacked.platform.ports.api);
});
afterAll(() => attacked.stop());

/** Somebody with a role, a session and a key, and a socket opened with either. */
interface Watcher {
  readonly id: string;
  readonly token: string;
  readonly key: { readonly id: string; readonly secret: string };
  /** With which codes the sockets are closed: of the session, of the key; `open` when they stay. */
  readonly codes: () => Promise<readonly (number | 'open')[]>;
}

const openSocket = async (credential: string): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${attacked.platform.ports.api}/live`, {
    headers: { authorization: `Bearer ${credential}` },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => {
      resolve();
    });
    socket.once('error', reject);
  });
  return socket;
};

async function watcher(login: string): Promise<Watcher> {
  const { platform } = attacked;
  const grant = { permissions: ['services:read', 'traces:read'], services: undefined } as const;
  const { id } = await attacked.somebody(login, { [`${login}-role`]: grant });
  const passwordHash = await platform.access.hasher.hash(PASSWORD);
  await platform.access.users.change((query) => platform.access.users.update(query, id, { passwordHash }));
  const token = await tokenOf(platform, id);
  const key = await makeKey(platform, id, ['query']);
  const sockets = [await openSocket(token), await openSocket(key.secret)];
  const closed = sockets.map(
    (socket) =>
      new Promise<number>((resolve) => {
        socket.once('close', resolve);
      }),
  );
  const codes = async (): Promise<(number | 'open')[]> => {
    const found: (number | 'open')[] = [];
    for (const closing of closed) {
      const late = new Promise<'open'>((resolve) => setTimeout(resolve, 700, 'open'));
      found.push(await Promise.race([closing, late]));
    }
    for (const socket of sockets) socket.terminate();
    return found;
  };
  return { id, token, key, codes };
}

const done = async (token: string, method: string, path: string, body?: unknown): Promise<void> => {
  const { status, text } = await attacked.as(token, method, path, body);
  if (status !== 200) throw new Error(`${method} ${path} answered ${status}: ${text}`);
};

/** What happens to somebody, and what becomes of the sockets of their session and of their key. */
const EVENTS: Readonly<
  Record<
    string,
    readonly [happens: (watcher: Watcher, login: string) => Promise<void>, ...codes: (number | 'open')[]]
  >
> = {
  nothing: [() => Promise.resolve(), 'open', 'open'],
  'signing out': [({ token }) => done(token, 'DELETE', '/api/v1/session'), 4401, 'open'],
  'all sessions ended by an administrator': [
    ({ id }) => done(admin, 'DELETE', `/api/v1/users/${id}/sessions`),
    4401,
    'open',
  ],
  'a password set by a link': [
    async ({ id }) => {
      const { platform } = attacked;
      const user = platform.access.users.get(id) ?? expect.unreachable();
      const link = await platform.access.passwords.createLink(user, { actor: 'system', address: '' });
      const body = { token: link, password: 'nine quiet herons wade', keepKeys: true };
      await done('', 'POST', '/api/v1/password-links/redeem', body);
    },
    4401,
    'open',
  ],
  'the key revoked': [({ key }) => done(admin, 'DELETE', `/api/v1/keys/${key.id}`), 'open', 4401],
  'being disabled': [
    ({ id }) => done(admin, 'PATCH', `/api/v1/users/${id}`, { isDisabled: true }),
    4401,
    4401,
  ],
  'another role': [
    ({ id }) => done(admin, 'PATCH', `/api/v1/users/${id}`, { roles: ['viewer'] }),
    4403,
    4403,
  ],
  'a role that allows less': [
    (_watcher, login) =>
      done(admin, 'PUT', `/api/v1/roles/${login}-role`, { permissions: ['services:read'], services: null }),
    4403,
    4403,
  ],
};

describe('sockets that are open', () => {
  it.each(
    Object.entries(EVENTS).map(([name, [happens, ...codes]], index) => ({ name, happens, codes, index })),
  )('$name: of the session and of the key $codes', async ({ happens, codes, index }) => {
    const login = `watcher-${index}`;
    const who = await watcher(login);
    await happens(who, login);
    expect(await who.codes()).toEqual(codes);
  });
});
