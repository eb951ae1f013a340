import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { CLIENT_HEADER } from '../../proto/access/index.ts';
import { ENDPOINTS, type ErrorBody, type SignedInJson } from '../../proto/api/index.ts';
import type { Platform } from '../platform/index.ts';
import { makeKey, makeUser, tokenOf } from './access-people.ts';
import { BrowserSession } from './browser-session.ts';
import { adminCredentials } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';

let folder: string;
let platform: Platform;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-attacks-'));
  platform = await startTestPlatform(folder, { OPHION_QUERY_RATE: '0' });
  base = `http://127.0.0.1:${platform.ports.api}`;
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Reply {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

async function replyOf(response: Response): Promise<Reply> {
  const text = await response.text();
  const code = text.startsWith('{"error"') ? (JSON.parse(text) as ErrorBody).error.code : '';
  return { status: response.status, code, text };
}

async function as(token: string, method: string, path: string, body?: unknown): Promise<Reply> {
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return replyOf(response);
}

async function auditCount(): Promise<number> {
  const [newest] = await platform.access.audit.list({}, 1);
  return newest?.sequence ?? 0;
}

/** Without signing in: that is bounded by address, and the guesses here use it up. */
function adminToken(): Promise<string> {
  return tokenOf(platform, platform.access.users.byLogin('admin')?.id ?? '');
}

async function browserOfAdmin(): Promise<BrowserSession> {
  const browser = new BrowserSession(platform.ports.api);
  const { login, password } = await adminCredentials();
  expect((await browser.signIn(login, password)).status).toBe(200);
  return browser;
}

describe('forged tokens', () => {
  it('open nothing, whatever they say about how they are signed', async () => {
    const token = await adminToken();
    const [, payload = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
    const jwks = (await (await fetch(`${base}/.well-known/jwks.json`)).json()) as {
      keys: { kid: string; x: string }[];
    };
    const [publicKey] = jwks.keys;
    const kid = publicKey?.kid ?? '';
    const head = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const byPublicKey = `${head({ alg: 'HS256', kid, typ: 'at+jwt' })}.${payload}`;
    const secret = Buffer.from(publicKey?.x ?? '', 'base64url');
    const own = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const signed = (header: object): Promise<string> =>
      new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header }).sign(own.privateKey);
    const forged = [
      new UnsecuredJWT(claims).encode(),
      `${head({ alg: 'none', kid, typ: 'at+jwt' })}.${payload}.`,
      `${byPublicKey}.${createHmac('sha256', secret).update(byPublicKey).digest('base64url')}`,
      await signed({ kid }),
      await signed({ kid: '../../../dev/null' }),
      await signed({ kid: "' OR 1=1 --" }),
      await signed({}),
      `${head({ alg: 'EdDSA', kid, typ: 'at+jwt' })}.${head({ ...claims, sub: 'someone' })}.${signature}`,
    ];
    for (const text of forged) {
      expect([text, (await as(text, 'GET', '/api/v1/me')).status]).toEqual([text, 401]);
    }
    expect((await as(token, 'GET', '/api/v1/me')).status).toBe(200);
  });
});

describe('sessions', () => {
  it('take no id from outside: what was in the browser before counts for nothing', async () => {
    const victim = new BrowserSession(platform.ports.api);
    victim.cookies.set('ophion-access', 'planted');
    victim.cookies.set('ophion-refresh', 'planted');
    const { login, password } = await adminCredentials();
    const { me } = (await (await victim.signIn(login, password)).json()) as SignedInJson;
    expect([...victim.cookies.values()]).not.toContain('planted');
    const again = (await (await victim.signIn(login, password)).json()) as SignedInJson;
    expect(again.me.session?.id).not.toBe(me.session?.id);
    // Nor does the one before live on, where nobody sees it.
    const { sessions } = platform.access;
    expect([me, again.me].map(({ session }) => sessions.isLive(session?.id ?? ''))).toEqual([false, true]);
  });

  it('end, all of them, when a refresh token comes a second time', async () => {
    const browser = await browserOfAdmin();
    const thief = new BrowserSession(platform.ports.api);
    for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
    const stolen = thief.cookies.get('ophion-refresh') ?? '';
    expect((await browser.ask('POST', '/api/v1/session/refresh', {})).status).toBe(200);
    // At once, and as the same browser: that may be another tab of it, and is given what that has, no more.
    expect((await thief.ask('POST', '/api/v1/session/refresh', {})).status).toBe(200);
    expect(thief.cookies.get('ophion-refresh')).toBe(browser.cookies.get('ophion-refresh'));
    expect((await browser.ask('POST', '/api/v1/session/refresh', {})).status).toBe(200);
    expect((await browser.ask('GET', '/api/v1/me')).status).toBe(200);
    thief.cookies.set('ophion-refresh', stolen);
    expect((await thief.ask('POST', '/api/v1/session/refresh', {})).status).toBe(401);
    // Neither goes on: nobody can say which of them is which.
    expect((await browser.ask('GET', '/api/v1/me')).status).toBe(401);
    expect((await browser.ask('POST', '/api/v1/session/refresh', {})).status).toBe(401);
    expect((await platform.access.audit.list({ action: 'session.reuse' }, 1))[0]).toMatchObject({
      outcome: 'refused',
    });
  });

  it('are over at once for everything that was signed in them', async () => {
    const browser = await browserOfAdmin();
    const kept = new Map(browser.cookies);
    const socket = await openSocket({ cookie: `ophion-access=${kept.get('ophion-access') ?? ''}` });
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    expect((await browser.ask('DELETE', '/api/v1/session')).status).toBe(200);
    expect(browser.cookies.size).toBe(0);
    expect(await closed).toBe(4401);
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await browser.ask('GET', '/api/v1/me')).status).toBe(401);
    expect((await browser.ask('POST', '/api/v1/session/refresh', {})).status).toBe(401);
  });
});

describe('pages of other origins', () => {
  const change = { name: 'planted', scopes: ['admin'] };

  it.each([
    ['a foreign Origin', { origin: 'https://evil.example', [CLIENT_HEADER]: '1' }],
    ['an Origin of no page', { origin: 'null', [CLIENT_HEADER]: '1' }],
    ['another port', { origin: 'http://127.0.0.1:1', [CLIENT_HEADER]: '1' }],
    ['what the browser says', { 'sec-fetch-site': 'cross-site', [CLIENT_HEADER]: '1' }],
    ['a neighbour of the same site', { 'sec-fetch-site': 'same-site', [CLIENT_HEADER]: '1' }],
    ['no header of our own', { 'sec-fetch-site': 'same-origin' }],
    ['a form', { 'content-type': 'text/plain', [CLIENT_HEADER]: '1', origin: 'https://evil.example' }],
  ])('change nothing by the cookies of a browser: %s', async (_what, headers) => {
    const browser = await browserOfAdmin();
    const before = platform.access.keys.all().length;
    const reply = await replyOf(await browser.send('POST', '/api/v1/me/keys', change, headers));
    expect(reply).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(platform.access.keys.all()).toHaveLength(before);
  });

  it('sign nobody in as somebody else', async () => {
    const browser = new BrowserSession(platform.ports.api);
    const { login, password } = await adminCredentials();
    const body = { login, password, deliver: 'cookies' };
    const response = await browser.send('POST', '/api/v1/session', body, { origin: 'https://evil.example' });
    expect(response.status).toBe(403);
    expect(browser.cookies.size).toBe(0);
  });

  it('refresh nothing', async () => {
    const browser = await browserOfAdmin();
    browser.cookies.delete('ophion-access');
    for (const headers of [{ origin: 'https://evil.example', [CLIENT_HEADER]: '1' }, {}]) {
      expect((await browser.send('POST', '/api/v1/session/refresh', {}, headers)).status).toBe(403);
    }
    expect((await browser.ask('POST', '/api/v1/session/refresh', {})).status).toBe(200);
  });

  it('open no socket and read no answer', async () => {
    const browser = await browserOfAdmin();
    const cookie = `ophion-access=${browser.cookies.get('ophion-access') ?? ''}`;
    await expect(openSocket({ cookie, origin: 'https://evil.example' })).rejects.toThrow('403');
    (await openSocket({ cookie, origin: base })).close();
    const response = await browser.send('GET', '/api/v1/me', undefined, { origin: 'https://evil.example' });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect(
      (await browser.send('OPTIONS', '/api/v1/me/keys')).headers.get('access-control-allow-methods'),
    ).toBeNull();
  });
});

describe('a wrong password', () => {
  it('10,000 times over is checked some dozen times, and fills nothing', async () => {
    const { hasher } = platform.access;
    const isRight = hasher.isRight.bind(hasher);
    let checks = 0;
    hasher.isRight = (...given) => {
      checks += 1;
      return isRight(...given);
    };
    const before = await auditCount();
    const statuses = new Map<number, number>();
    const guess = async (attempt: number): Promise<void> => {
      const response = await fetch(`${base}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ login: `user-${attempt % 7}`, password: `guess ${attempt}` }),
      });
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 429) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    };
    for (let round = 0; round < 100; round += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => guess(round * 100 + index)));
    }
    hasher.isRight = isRight;
    expect([...statuses.keys()].sort()).toEqual([401, 429]);
    expect(checks).toBeLessThan(60);
    await platform.access.refusals.flush();
    expect((await auditCount()) - before).toBeLessThan(150);
    // How many there were is on record all the same.
    const entries = await platform.access.audit.list({ action: 'sign-in', outcome: 'refused' }, 200);
    const counted = entries.reduce(
      (sum, { detail }) => sum + (typeof detail['more'] === 'number' ? detail['more'] : 1),
      0,
    );
    expect(counted).toBeGreaterThan(9_000);
  });
});

describe('refusals', () => {
  it('a thousand of them are a few entries', async () => {
    const { access } = platform;
    // The platform does so, too, once a minute.
    const flush = vi.spyOn(access.refusals, 'flush');
    await access.refusals.flush();
    const before = await auditCount();
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const response = await fetch(`${base}/api/v1/users/${round}-${index}`);
          expect(response.status).toBe(401);
          await response.arrayBuffer();
        }),
      );
    }
    await access.refusals.flush();
    const written = (await auditCount()) - before;
    // In each period the first, and the number of the others.
    expect(written).toBeLessThanOrEqual(2 * (flush.mock.calls.length - 1));
    flush.mockRestore();
    const entries = await access.audit.list({ actor: 'anonymous', outcome: 'refused' }, written);
    expect(entries.reduce((sum, { detail }) => sum + Number(detail['more'] ?? 1), 0)).toBe(1_000);
  });
});

describe('ids of others', () => {
  it('are nothing to whoever asks for what is their own, and need a right elsewhere', async () => {
    const owner = await makeUser(platform, 'owner', ['viewer']);
    const other = await makeUser(platform, 'other', ['viewer']);
    await tokenOf(platform, owner);
    const [session] = platform.access.sessions.ofUser(owner);
    const key = await makeKey(platform, owner, ['query']);
    const token = await tokenOf(platform, other);
    const ids: Readonly<Record<string, string>> = {
      sessionId: session?.id ?? '',
      userId: owner,
      accountId: owner,
      keyId: key.id,
      role: 'viewer',
      name: 'oidc-client-secret',
    };
    // What telemetry says, and what is said of it, is nobody's own: narrowed roles are held to it elsewhere.
    const withIds = ENDPOINTS.filter(
      ({ tag, path }) => path.includes('/:') && !['traces', 'services', 'logs', 'insights'].includes(tag),
    );
    expect(withIds.length).toBeGreaterThan(10);
    for (const { method, path } of withIds) {
      const target = path.replace(/:(\w+)/g, (_, name: string) => ids[name] ?? '');
      const reply = await as(token, method, target, method === 'GET' || method === 'DELETE' ? undefined : {});
      const isOwn = path.startsWith('/api/v1/me/');
      expect([method, path, reply.status]).toEqual([method, path, isOwn ? 404 : 403]);
    }
    expect(platform.access.sessions.isLive(session?.id ?? '')).toBe(true);
    expect(platform.access.keys.isLive(key.id)).toBe(true);
    // With the right, an id of another kind is not there.
    const admin = await adminToken();
    expect((await as(admin, 'PATCH', `/api/v1/service-accounts/${owner}`, { name: 'x' })).status).toBe(404);
    expect((await as(admin, 'GET', `/api/v1/users/${key.id}`)).status).toBe(404);
  });
});

describe('who may give roles', () => {
  it('gives nobody more than they may themselves, by whatever way', async () => {
    const { users } = platform.access;
    await users.change((query) =>
      users.putRole(query, 'clerk', {
        permissions: ['users:read', 'users:write', 'roles:write', 'keys:write', 'traces:read'],
        services: undefined,
      }),
    );
    const clerk = await makeUser(platform, 'clerk', ['clerk']);
    const admin = users.byLogin('admin')?.id ?? '';
    const account = await users.change((query) =>
      users.create(query, {
        login: 'robot',
        kind: 'service',
        name: '',
        roles: ['admin'],
        mustChangePassword: false,
      }),
    );
    const token = await tokenOf(platform, clerk);
    const more = { permissions: ['settings:write'], services: null };
    for (const [method, path, body] of [
      ['POST', '/api/v1/roles', { name: 'more', ...more }],
      ['PUT', '/api/v1/roles/clerk', { permissions: ['users:write', 'audit:read'], services: null }],
      ['PATCH', `/api/v1/users/${clerk}`, { roles: ['admin'] }],
      ['PATCH', `/api/v1/users/${clerk}`, { roles: ['clerk', 'operator'] }],
      ['POST', '/api/v1/users', { login: 'mine', roles: ['admin'] }],
      ['POST', '/api/v1/service-accounts', { login: 'my-robot', roles: ['admin'] }],
      ['PATCH', `/api/v1/users/${admin}`, { isDisabled: true }],
      ['POST', `/api/v1/users/${admin}/password-link`, undefined],
      ['DELETE', `/api/v1/users/${admin}/second-factor`, undefined],
      ['DELETE', `/api/v1/users/${admin}/sessions`, undefined],
      ['POST', `/api/v1/service-accounts/${account}/keys`, { name: 'k', scopes: ['admin'] }],
    ] as const) {
      const reply = await as(token, method, path, body);
      expect([path, reply.status, reply.code]).toEqual([path, 403, 'FORBIDDEN']);
    }
    expect([...(users.get(clerk)?.grants.permissions ?? [])]).not.toContain('settings:write');
    expect(users.byLogin('mine')).toBeUndefined();
    // What they have themselves they may give.
    const less = { name: 'less', permissions: ['traces:read'], services: [{ name: 'cart' }] };
    expect((await as(token, 'POST', '/api/v1/roles', less)).status).toBe(200);
  });

  it('gives what is for some services for no others', async () => {
    const { users } = platform.access;
    await users.change((query) =>
      users.putRole(query, 'cart-lead', {
        permissions: ['users:write', 'roles:write', 'traces:read'],
        services: [{ name: 'cart*', environment: 'production' }],
      }),
    );
    const token = await tokenOf(platform, await makeUser(platform, 'cart-lead', ['cart-lead']));
    const role = (name: string, services: unknown) => ({ name, permissions: ['traces:read'], services });
    for (const services of [null, [{}], [{ name: 'cart*' }], [{ name: '*', environment: 'production' }]]) {
      const reply = await as(token, 'POST', '/api/v1/roles', role('wider', services));
      expect([services, reply.status]).toEqual([services, 403]);
    }
    const narrow = role('narrow', [{ name: 'cart-api', environment: 'production' }]);
    expect((await as(token, 'POST', '/api/v1/roles', narrow)).status).toBe(200);
  });

  it('cannot leave nobody who manages users', async () => {
    const admin = await adminToken();
    const { users } = platform.access;
    for (const user of users.all()) {
      if (user.login === 'admin' || !user.grants.permissions.has('users:write')) continue;
      await users.change((query) => users.update(query, user.id, { isDisabled: true }));
    }
    const id = users.byLogin('admin')?.id ?? '';
    for (const change of [{ isDisabled: true }, { roles: ['viewer'] }]) {
      expect(await as(admin, 'PATCH', `/api/v1/users/${id}`, change)).toMatchObject({
        status: 409,
        code: 'CONFLICT',
      });
    }
  });
});

describe('what is written into requests', () => {
  const QUOTES = [`'; DROP TABLE users; --`, `" OR ""="`, `\\'; SELECT pg_sleep(5); --`, '%_\\', '\u0000'];

  it('is a value to the database, wherever it stands', async () => {
    const admin = await adminToken();
    for (const text of QUOTES) {
      const query = encodeURIComponent(text);
      const isText = !text.includes('\u0000');
      for (const target of [`/api/v1/audit?text=${query}`, `/api/v1/audit?actor=${query}`]) {
        const reply = await as(admin, 'GET', target);
        expect([target, reply.status]).toEqual([target, isText ? 200 : 400]);
        if (isText) expect((JSON.parse(reply.text) as { entries: unknown[] }).entries).toEqual([]);
      }
      expect((await as(admin, 'GET', `/api/v1/audit?cursor=${query}`)).status).toBe(400);
      const search = encodeURIComponent(`service:${JSON.stringify(text)}`);
      expect((await as(admin, 'GET', `/api/v1/traces?q=${search}`)).status).toBe(200);
      const role = await as(admin, 'POST', '/api/v1/roles', { name: text, permissions: [], services: null });
      expect([200, 400]).toContain(role.status);
      const key = await as(admin, 'POST', '/api/v1/me/keys', { name: text, scopes: ['query'] });
      expect(key.status).toBe(isText ? 200 : 400);
      const services = [{ name: text }];
      const narrow = { name: `role-${QUOTES.indexOf(text)}`, permissions: ['traces:read'], services };
      expect((await as(admin, 'POST', '/api/v1/roles', narrow)).status).toBe(isText ? 200 : 400);
      if (!isText) continue;
      // Bound in the archive as well.
      const login = `narrow-${QUOTES.indexOf(text)}`;
      const token = await tokenOf(platform, await makeUser(platform, login, [narrow.name]));
      const traces = await as(token, 'GET', '/api/v1/traces');
      expect([text, traces.status, traces.text]).toEqual([text, 200, expect.stringContaining('"traces":[]')]);
    }
    const before = platform.access.users.all().length;
    await platform.access.users.change(() => Promise.resolve());
    expect(platform.access.users.all()).toHaveLength(before);
    expect(before).toBeGreaterThan(5);
  });

  it('never becomes a header', async () => {
    const admin = await adminToken();
    const line = encodeURIComponent('x\r\nset-cookie: planted=1');
    for (const target of [
      `/api/v1/traces?cursor=${line}`,
      `/api/v1/services/${line}/operations`,
      `/sign-in?to=${line}`,
    ]) {
      const response = await fetch(`${base}${target}`, { headers: { authorization: `Bearer ${admin}` } });
      await response.arrayBuffer();
      expect(response.headers.get('set-cookie')).toBeNull();
    }
    const name = { name: 'x\r\nset-cookie: planted=1', scopes: ['query'] };
    const made = await fetch(`${base}/api/v1/me/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: JSON.stringify(name),
    });
    await made.arrayBuffer();
    expect(made.headers.get('set-cookie')).toBeNull();
  });

  it.each([
    '/../../../../etc/passwd',
    '/assets/../../../../etc/passwd',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/assets/....//....//etc/passwd',
    '/assets/..\\..\\etc\\passwd',
    '//etc/passwd',
    '/assets/%00/etc/passwd',
    'http://127.0.0.1/etc/passwd',
  ])('reads no file beside the web app: %s', async (target) => {
    for (const port of [platform.ports.dashboard, platform.ports.api]) {
      const answer = await raw(
        port,
        `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`,
      );
      expect(answer).not.toContain('root:');
      expect(answer).toMatch(/^HTTP\/1\.1 (?:200|400|401|404|505)/);
      if (answer.startsWith('HTTP/1.1 200')) expect(answer).toContain('<div id="root">');
    }
  });

  it('is refused where it is too much', async () => {
    const admin = await adminToken();
    const body = await fetch(`${base}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: 'a', password: 'x'.repeat(1_100_000) }),
    });
    expect(body.status).toBe(413);
    const long = await as(admin, 'PUT', '/api/v1/me/password', { current: 'x', next: 'y'.repeat(1_001) });
    expect(long.status).toBe(400);
    const head = await raw(
      platform.ports.api,
      `GET /api/v1/me HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(200_000)}\r\nconnection: close\r\n\r\n`,
    );
    expect(head).not.toMatch(/^HTTP\/1\.1 200/);
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const nested = await fetch(`${base}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: deep,
    });
    expect(nested.status).toBe(400);
  });
});

describe('what is said about where one is', () => {
  it('is believed of nobody that was not named', async () => {
    const { login, password } = await adminCredentials();
    const response = await fetch(`${base}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': '198.51.100.7' },
      body: JSON.stringify({ login, password }),
    });
    // The guesses above have used up what this address may try.
    expect([200, 429]).toContain(response.status);
    const addresses = (await platform.access.audit.list({}, 500)).map(({ address }) => address);
    expect(addresses).not.toContain('198.51.100.7');
  });

  it('telemetry without a key that came through a proxy nobody named is not from this machine', async () => {
    const send = (headers: Readonly<Record<string, string>>): Promise<number> =>
      fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{}',
      }).then(({ status }) => status);
    expect(await send({})).toBe(200);
    expect(await send({ 'x-forwarded-for': '198.51.100.7' })).toBe(401);
  });
});

function openSocket(headers: Readonly<Record<string, string>>): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${platform.ports.api}/live`, { headers });
    socket.on('open', () => {
      resolve(socket);
    });
    socket.on('error', reject);
  });
}

/** What no client library would send. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}
