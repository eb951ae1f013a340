import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  ACCESS_ENDPOINTS,
  createApiClient,
  type ApiClient,
  type ApiProblem,
  type Endpoint,
} from '../../proto/api/index.ts';
import type { OpenApiDocument } from '../api/openapi.ts';
import type { Platform } from '../platform/index.ts';
import { tokenOf } from './access-people.ts';
import { adminCredentials, KNOWN_ADMIN } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';

const PASSWORD = 'eleven quiet lanterns drift';
const OTHER_PASSWORD = 'four copper kettles humming';

let folder: string;
let platform: Platform;
let base: string;
let admin: ApiClient;

const clientOf = (credential: string | undefined): ApiClient =>
  createApiClient({
    origin: base,
    fetch: (url, init) =>
      fetch(url, {
        ...init,
        headers: {
          ...init.headers,
          ...(credential !== undefined && { authorization: `Bearer ${credential}` }),
        },
      }),
  });
const anonymous = (): ApiClient => clientOf(undefined);

async function signIn(
  login: string,
  password: string,
  code?: string,
): Promise<{ client: ApiClient; token: string }> {
  const { tokens } = await anonymous().send('POST /api/v1/session', {
    body: { login, password, ...(code !== undefined && { code }) },
  });
  return { client: clientOf(tokens?.accessToken), token: tokens?.accessToken ?? '' };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-control-'));
  platform = await startTestPlatform(join(folder, 'data'));
  base = `http://127.0.0.1:${platform.ports.api}`;
  const { login, password } = await adminCredentials();
  admin = (await signIn(login, password)).client;
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

const problem = (status: number, code: string): Partial<ApiProblem> =>
  expect.objectContaining({ status, code }) as never;

describe('a user', () => {
  it('is made, sets a password by a link, signs in, and is signed out when they are disabled', async () => {
    const { user, passwordLink } = await admin.send('POST /api/v1/users', {
      body: { login: 'Ada', name: 'Ada L.', roles: ['viewer'] },
    });
    expect(user).toMatchObject({ login: 'ada', hasPassword: false, roles: ['viewer'] });
    await expect(
      admin.send('POST /api/v1/users', { body: { login: 'ADA', roles: [] } }),
    ).rejects.toMatchObject(problem(409, 'CONFLICT'));
    const redeem = (password: string): Promise<unknown> =>
      anonymous().send('POST /api/v1/password-links/redeem', {
        body: { token: passwordLink.token, password },
      });
    await expect(redeem('password1234')).rejects.toMatchObject(problem(422, 'PASSWORD_WEAK'));
    await redeem(PASSWORD);
    await expect(redeem(OTHER_PASSWORD)).rejects.toMatchObject(problem(401, 'UNAUTHENTICATED'));
    const { client } = await signIn('ada', PASSWORD);
    expect(await client.get({ path: '/api/v1/me' })).toMatchObject({
      login: 'ada',
      by: 'session',
      hasPassword: true,
    });
    await expect(client.get({ path: '/api/v1/users' })).rejects.toMatchObject(problem(403, 'FORBIDDEN'));
    const params = { userId: user.id };
    await admin.send('PATCH /api/v1/users/:userId', { params, body: { roles: ['operator'] } });
    expect((await client.get({ path: '/api/v1/users' })).users.map(({ login }) => login)).toContain('ada');
    await admin.send('PATCH /api/v1/users/:userId', { params, body: { isDisabled: true } });
    await expect(client.get({ path: '/api/v1/me' })).rejects.toMatchObject(problem(401, 'UNAUTHENTICATED'));
    await expect(signIn('ada', PASSWORD)).rejects.toMatchObject(problem(401, 'SIGN_IN_REFUSED'));
    await admin.send('PATCH /api/v1/users/:userId', { params, body: { isDisabled: false } });
    await signIn('ada', PASSWORD);
  });

  it('sees where they are signed in, ends sessions, and changes the password, which ends all others', async () => {
    const [here, there] = [await signIn('ada', PASSWORD), await signIn('ada', PASSWORD)];
    const { sessions } = await here.client.get({ path: '/api/v1/me/sessions' });
    expect(sessions.filter(({ isCurrent }) => isCurrent)).toHaveLength(1);
    const other = (await there.client.get({ path: '/api/v1/me' })).session?.id ?? '';
    await here.client.send('DELETE /api/v1/me/sessions/:sessionId', { params: { sessionId: other } });
    await expect(there.client.get({ path: '/api/v1/me' })).rejects.toMatchObject(
      problem(401, 'UNAUTHENTICATED'),
    );
    const change = (current: string, next: string): Promise<unknown> =>
      here.client.send('PUT /api/v1/me/password', { body: { current, next } });
    await expect(change('wrong', OTHER_PASSWORD)).rejects.toMatchObject(problem(401, 'SIGN_IN_REFUSED'));
    await expect(change(PASSWORD, PASSWORD)).rejects.toThrow('the new password is the present one');
    const third = await signIn('ada', PASSWORD);
    await change(PASSWORD, OTHER_PASSWORD);
    await here.client.get({ path: '/api/v1/me' });
    await expect(third.client.get({ path: '/api/v1/me' })).rejects.toMatchObject(
      problem(401, 'UNAUTHENTICATED'),
    );
    await change(OTHER_PASSWORD, PASSWORD);
    await here.client.send('DELETE /api/v1/me/sessions', {});
    expect((await here.client.get({ path: '/api/v1/me/sessions' })).sessions).toHaveLength(1);
    const userId = (await here.client.get({ path: '/api/v1/me' })).userId;
    await admin.send('DELETE /api/v1/users/:userId/sessions', { params: { userId } });
    await expect(here.client.get({ path: '/api/v1/me' })).rejects.toMatchObject(
      problem(401, 'UNAUTHENTICATED'),
    );
  });

  it('takes a second factor, which an administrator may take away', async () => {
    const { client } = await signIn('ada', PASSWORD);
    await expect(
      client.send('POST /api/v1/me/second-factor', { body: { password: 'wrong' } }),
    ).rejects.toMatchObject(problem(401, 'SIGN_IN_REFUSED'));
    const { secret } = await client.send('POST /api/v1/me/second-factor', { body: { password: PASSWORD } });
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    await expect(
      client.send('PUT /api/v1/me/second-factor', { body: { code: '000000' } }),
    ).rejects.toMatchObject(problem(401, 'CODE_WRONG'));
    await client.send('PUT /api/v1/me/second-factor', {
      body: { code: totp.generate({ timestamp: Date.now() - 30_000 }) },
    });
    await expect(signIn('ada', PASSWORD)).rejects.toMatchObject(problem(401, 'CODE_NEEDED'));
    const again = await signIn('ada', PASSWORD, totp.generate());
    const { userId, hasSecondFactor } = await again.client.get({ path: '/api/v1/me' });
    expect(hasSecondFactor).toBe(true);
    await admin.send('DELETE /api/v1/users/:userId/second-factor', { params: { userId } });
    await signIn('ada', PASSWORD);
  });

  it('is seen by administrators where they are signed in, who end one session of theirs and no other’s', async () => {
    const [one, two] = [await signIn('ada', PASSWORD), await signIn('ada', PASSWORD)];
    const { userId, session } = await one.client.get({ path: '/api/v1/me' });
    const sessionId = session?.id ?? '';
    const { sessions } = await admin.get({ path: '/api/v1/users/:userId/sessions', params: { userId } });
    expect(sessions.map(({ id }) => id)).toContain(sessionId);
    const end = (of: string) =>
      admin.send('DELETE /api/v1/users/:userId/sessions/:sessionId', { params: { userId: of, sessionId } });
    await expect(end(adminId())).rejects.toMatchObject(problem(404, 'NOT_FOUND'));
    await one.client.get({ path: '/api/v1/me' });
    await end(userId);
    await expect(one.client.get({ path: '/api/v1/me' })).rejects.toMatchObject(
      problem(401, 'UNAUTHENTICATED'),
    );
    await two.client.get({ path: '/api/v1/me' });
    await expect(end(userId)).rejects.toMatchObject(problem(404, 'NOT_FOUND'));
  });

  it('sets up a second factor before anything else where the settings require one', async () => {
    const before = await signIn('ada', PASSWORD);
    const { version } = await admin.get({ path: '/api/v1/settings' });
    const require = (expectedVersion: number, requireSecondFactor: string) =>
      admin.send('PATCH /api/v1/settings', {
        body: { expectedVersion, changes: { signIn: { requireSecondFactor } } },
      });
    await require(version, 'everybody');
    const must = problem(403, 'SECOND_FACTOR_MUST_BE_SET_UP');
    // Whoever set it is asked as well, and so is who was signed in before.
    await expect(admin.get({ path: '/api/v1/users' })).rejects.toMatchObject(must);
    await expect(before.client.get({ path: '/api/v1/services' })).rejects.toMatchObject(must);
    const { client } = await signIn('ada', PASSWORD);
    expect(await client.get({ path: '/api/v1/me' })).toMatchObject({ mustSetUpSecondFactor: true });
    for (const asked of [
      client.get({ path: '/api/v1/me/keys' }),
      client.send('POST /api/v1/me/keys', { body: { name: 'way around', scopes: ['admin'] } }),
    ]) {
      await expect(asked).rejects.toMatchObject(must);
    }
    const { secret } = await client.send('POST /api/v1/me/second-factor', { body: { password: PASSWORD } });
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    // A step that no code of the test before was of.
    const code = totp.generate({ timestamp: Date.now() + 30_000 });
    await client.send('PUT /api/v1/me/second-factor', { body: { code } });
    expect(await client.get({ path: '/api/v1/me' })).toMatchObject({
      mustSetUpSecondFactor: false,
      hasSecondFactor: true,
    });
    await client.get({ path: '/api/v1/services' });
    await expect(
      client.send('POST /api/v1/me/second-factor/remove', { body: { password: PASSWORD } }),
    ).rejects.toMatchObject(problem(409, 'CONFLICT'));
    const { control, users, secondFactor } = platform.access;
    // The administrator of these tests has none, and would be asked for one first.
    control.requireSecondFactor('nobody');
    await require(version + 1, 'nobody');
    await secondFactor.remove(users.byLogin('ada') ?? expect.unreachable(), 'system', '');
  });
});

describe('keys', () => {
  it('are shown once, say when they were used, and count no more once they are revoked', async () => {
    const account = await admin.send('POST /api/v1/service-accounts', {
      body: { login: 'collector', roles: ['admin'] },
    });
    const params = { accountId: account.id };
    const { key, secret } = await admin.send('POST /api/v1/service-accounts/:accountId/keys', {
      params,
      body: { name: 'otel', scopes: ['ingest'] },
    });
    expect(secret).toMatch(/^ophion_[\w-]{43}$/);
    expect(key).toMatchObject({ hint: secret.slice(-4), usedAtUnixMs: null, createdBy: 'user:admin' });
    expect(JSON.stringify(await admin.get({ path: '/api/v1/keys' }))).not.toContain(secret);
    const send = (): Promise<number> =>
      fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-ophion-key': secret },
        body: '{}',
      }).then(({ status }) => status);
    expect(await send()).toBe(200);
    const used = (await admin.get({ path: '/api/v1/keys' })).keys.find(({ id }) => id === key.id);
    expect(used?.usedAtUnixMs).toBeGreaterThan(0);
    await admin.send('PATCH /api/v1/service-accounts/:accountId', { params, body: { isDisabled: true } });
    expect(await send()).toBe(401);
    await admin.send('PATCH /api/v1/service-accounts/:accountId', { params, body: { isDisabled: false } });
    expect(await send()).toBe(200);
    await admin.send('DELETE /api/v1/keys/:keyId', { params: { keyId: key.id } });
    expect(await send()).toBe(401);
  });

  it('of one’s own allow what their scope and one’s roles do', async () => {
    const { client } = await signIn('ada', PASSWORD);
    const { secret, key } = await client.send('POST /api/v1/me/keys', {
      body: { name: 'cli', scopes: ['query'], expiresInDays: 1 },
    });
    expect(key.expiresAtUnixMs).toBeGreaterThan(Date.now());
    const byKey = clientOf(secret);
    expect(await byKey.get({ path: '/api/v1/me' })).toMatchObject({ by: 'key', session: null, login: 'ada' });
    await byKey.get({ path: '/api/v1/services' });
    // Ada may see users; this key is not for that.
    await expect(byKey.get({ path: '/api/v1/users' })).rejects.toMatchObject(problem(403, 'FORBIDDEN'));
    await expect(
      byKey.send('POST /api/v1/me/keys', { body: { name: 'more', scopes: ['admin'] } }),
    ).rejects.toMatchObject(problem(403, 'FORBIDDEN'));
    await client.send('DELETE /api/v1/me/keys/:keyId', { params: { keyId: key.id } });
    await expect(byKey.get({ path: '/api/v1/me' })).rejects.toMatchObject(problem(401, 'UNAUTHENTICATED'));
  });
});

describe('roles', () => {
  it('are made, changed and removed, and count from that moment on', async () => {
    const role = { name: 'analyst', permissions: ['audit:read' as const], services: null };
    expect(await admin.send('POST /api/v1/roles', { body: role })).toMatchObject({ isBuiltIn: false });
    await expect(admin.send('POST /api/v1/roles', { body: role })).rejects.toMatchObject(
      problem(409, 'CONFLICT'),
    );
    await expect(
      admin.send('POST /api/v1/roles', {
        body: { name: 'sql', permissions: ['sql:run'], services: [{ name: 'cart' }] },
      }),
    ).rejects.toMatchObject(problem(400, 'BAD_REQUEST'));
    await expect(
      admin.send('PUT /api/v1/roles/:role', { params: { role: 'admin' }, body: { permissions: [] } }),
    ).rejects.toMatchObject(problem(409, 'CONFLICT'));
    const { user } = await admin.send('POST /api/v1/users', { body: { login: 'grace', roles: ['analyst'] } });
    const grace = clientOf(await tokenOf(platform, user.id));
    await grace.get({ path: '/api/v1/audit' });
    await admin.send('PUT /api/v1/roles/:role', {
      params: { role: 'analyst' },
      body: { permissions: ['logs:read'] },
    });
    await expect(grace.get({ path: '/api/v1/audit' })).rejects.toMatchObject(problem(403, 'FORBIDDEN'));
    await grace.get({ path: '/api/v1/logs' });
    await admin.send('DELETE /api/v1/roles/:role', { params: { role: 'analyst' } });
    await expect(grace.get({ path: '/api/v1/logs' })).rejects.toMatchObject(problem(403, 'FORBIDDEN'));
    const { permissions, scopes } = await grace.get({ path: '/api/v1/permissions' });
    expect([permissions.length, scopes.map(({ name }) => name)]).toEqual([20, ['ingest', 'query', 'admin']]);
  });
});

describe('the audit log', () => {
  it('is searched, turned page by page, and exported', async () => {
    const all = await admin.get({ path: '/api/v1/audit', query: { limit: 10_000 } });
    expect(new Set(all.entries.map(({ action }) => action))).toEqual(
      new Set([
        ...['sign-in', 'session.end', 'password.change', 'password.link', 'password.reset', 'access.refuse'],
        ...[
          'totp.begin',
          'totp.enable',
          'totp.disable',
          'user.create',
          'user.change',
          'key.create',
          'key.revoke',
        ],
        ...['role.create', 'role.change', 'role.remove', 'settings.change'],
      ]),
    );
    const pages: number[] = [];
    let cursor: string | null = null;
    do {
      const page: { entries: readonly { sequence: number }[]; nextCursor: string | null } = await admin.get({
        path: '/api/v1/audit',
        query: { limit: 7, ...(cursor !== null && { cursor }) },
      });
      pages.push(...page.entries.map(({ sequence }) => sequence));
      ({ nextCursor: cursor } = page);
    } while (cursor !== null);
    expect(pages.slice(-all.entries.length)).toEqual(all.entries.map(({ sequence }) => sequence));
    const found = await admin.get({ path: '/api/v1/audit', query: { action: 'user.change', text: 'ada' } });
    expect(found.entries[0]?.detail).toMatchObject({
      before: { isDisabled: true },
      after: { isDisabled: false },
    });
    const none = await admin.get({ path: '/api/v1/audit', query: { to: 'now-1d' } });
    expect(none.entries).toEqual([]);
    for (const [accept, lines] of [
      ['application/x-ndjson', 3],
      ['text/csv', 4],
    ] as const) {
      const response = await fetch(`${base}/api/v1/audit?limit=3`, {
        headers: { accept, authorization: `Bearer ${await tokenOf(platform, adminId())}` },
      });
      expect(response.headers.get('x-ophion-next-cursor')).toMatch(/^\d+$/);
      expect((await response.text()).trim().split(/\r?\n/)).toHaveLength(lines);
    }
    const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1'];
    for (const target of formulas) {
      const event = { actor: target, action: 'access.refuse', target, outcome: 'refused' } as const;
      await platform.access.audit.append({ ...event, address: '', detail: {} });
    }
    const csv = await fetch(`${base}/api/v1/audit?limit=${formulas.length + 1}`, {
      headers: { accept: 'text/csv', authorization: `Bearer ${await tokenOf(platform, adminId())}` },
    });
    const exported = await csv.text();
    for (const target of formulas) expect(exported).toContain(`'${target}`);
    expect(exported).not.toMatch(/(?:^|[,\n"])[=+@\t]|,-1/);
    const text = JSON.stringify(all);
    for (const secret of [PASSWORD, OTHER_PASSWORD, 'ophion_']) expect(text).not.toContain(secret);
    expect(await platform.access.audit.verify()).toMatchObject({ intact: true });
  });
});

function adminId(): string {
  return platform.access.users.byLogin('admin')?.id ?? '';
}

describe('described by itself', () => {
  it('says of every endpoint what it needs, and answers as it says', async () => {
    const token = await tokenOf(platform, adminId());
    const get = async (path: string): Promise<unknown> =>
      (await fetch(`${base}${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
    const { paths, components } = (await get('/api/openapi.json')) as OpenApiDocument;
    expect(Object.keys(components.securitySchemes)).toEqual(['bearer', 'key', 'cookie']);
    for (const endpoint of ACCESS_ENDPOINTS as readonly Endpoint[]) {
      const operation = paths[endpoint.path.replace(/:(\w+)/g, '{$1}')]?.[endpoint.method.toLowerCase()];
      expect(operation?.['x-ophion-needs']).toBe(endpoint.needs);
      expect(operation?.security.length).toBe(endpoint.needs === 'nothing' ? 0 : 3);
      if (endpoint.method !== 'GET' || endpoint.path.includes('/:')) continue;
      const checked = endpoint.answer.safeParse(await get(endpoint.example));
      expect([endpoint.path, checked.error?.issues]).toEqual([endpoint.path, undefined]);
    }
  });

  it('shows the public keys that its tokens can be checked with', async () => {
    const token = await tokenOf(platform, adminId());
    const keys = createRemoteJWKSet(new URL(`${base}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(token, keys, { algorithms: ['EdDSA'], issuer: 'ophion' });
    expect(payload.sub).toBe(adminId());
  });

  it('has the headers that browsers keep to, on every answer', async () => {
    for (const path of [
      '/',
      '/assets/none.js',
      '/healthz',
      '/api/v1/me',
      '/api/docs',
      '/prometheus/api/v1/labels',
    ]) {
      for (const port of [platform.ports.api, platform.ports.dashboard]) {
        const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
        expect([path, headers.get('content-security-policy')]).toEqual([
          path,
          expect.stringMatching(/^default-src '(?:self|none)'(?!.*unsafe)/),
        ]);
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('x-frame-options')).toBe('DENY');
        expect(headers.get('referrer-policy')).toBe('no-referrer');
        expect(headers.get('access-control-allow-origin')).toBeNull();
        expect(headers.get('strict-transport-security')).toBeNull();
      }
    }
  });
});

describe('limits', () => {
  it('are told in headers, and kept', async () => {
    const limited = await startTestPlatform(join(folder, 'limited'), { OPHION_QUERY_RATE: '3' });
    const statuses = new Map<number, Headers>();
    for (let request = 0; request < 80; request += 1) {
      const response = await fetch(`http://127.0.0.1:${limited.ports.api}/api/v1/me`);
      statuses.set(response.status, response.headers);
      await response.arrayBuffer();
    }
    await limited.stop();
    expect([...statuses.keys()].sort()).toEqual([401, 429]);
    expect(statuses.get(401)?.get('ratelimit-limit')).toBe('30');
    expect(Number(statuses.get(429)?.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('the first start', () => {
  const MAIN = fileURLToPath(new URL('../../dist/platform/main.js', import.meta.url));

  async function startOnce(
    dataDir: string,
  ): Promise<{ out: string; err: string; apiPort: number; stop: () => Promise<void> }> {
    const ports = Object.fromEntries(
      ['DASHBOARD', 'API', 'OTLP_GRPC', 'OTLP_HTTP'].map((name) => [`OPHION_${name}_PORT`, '0']),
    );
    const passwordFiles: readonly string[] = Object.keys(KNOWN_ADMIN);
    const inherited = Object.entries(process.env).filter(([name]) => !passwordFiles.includes(name));
    const child = fork(MAIN, [], {
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...Object.fromEntries(inherited), ...ports, OPHION_DATA_DIR: dataDir },
    });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const message = await new Promise((resolve) => child.once('message', resolve));
    await vi.waitFor(() => {
      expect(out).toContain('OTLP HTTP');
    });
    const ended = new Promise<void>((resolve) =>
      child.once('exit', () => {
        resolve();
      }),
    );
    return {
      ...{ out, err },
      apiPort: (message as { ports: Platform['ports'] }).ports.api,
      stop: () => {
        child.kill('SIGTERM');
        return ended;
      },
    };
  }

  it('shows a password once, logs it nowhere, and has it changed before anything else', async () => {
    const dataDir = join(folder, 'first');
    const first = await startOnce(dataDir);
    const password = /password {4}(\S{24})\n/.exec(first.out)?.[1] ?? '';
    expect(password).toHaveLength(24);
    expect(first.err).not.toContain(password);
    const here = base;
    base = `http://127.0.0.1:${first.apiPort}`;
    const { client } = await signIn('admin', password);
    await expect(client.get({ path: '/api/v1/services' })).rejects.toMatchObject(
      problem(403, 'PASSWORD_MUST_CHANGE'),
    );
    await expect(client.get({ path: '/api/v1/me/sessions' })).rejects.toMatchObject(
      problem(403, 'PASSWORD_MUST_CHANGE'),
    );
    expect(await client.get({ path: '/api/v1/me' })).toMatchObject({ mustChangePassword: true });
    await client.send('PUT /api/v1/me/password', { body: { current: password, next: PASSWORD } });
    await client.get({ path: '/api/v1/services' });
    await first.stop();
    const second = await startOnce(dataDir);
    expect(second.out).not.toContain('password');
    base = `http://127.0.0.1:${second.apiPort}`;
    await signIn('admin', PASSWORD);
    await second.stop();
    base = here;
  });
});
