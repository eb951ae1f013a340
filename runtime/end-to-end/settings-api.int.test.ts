import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { ApiAnswers } from '../../proto/api/index.ts';
import { SECRET_NAMES } from '../../proto/settings/index.ts';
import type { SignedIn } from '../auth/index.ts';
import { startTestProvider, type TestProvider } from '../auth/fixtures/oidc-test-provider.ts';
import { runCli } from '../cli/run-cli.ts';
import type { Platform } from '../platform/index.ts';
import { fetchApi } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';

const PUBLIC_URL = 'https://ophion.example';
const CALLBACK = `${PUBLIC_URL}/api/v1/auth/oidc/callback`;
const SECRET = 'hunter2-is-the-secret';

let folder: string;
let platform: Platform;
let idp: TestProvider;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-settings-api-'));
  idp = await startTestProvider(CALLBACK);
  platform = await startTestPlatform(folder, { OPHION_OUTGOING_ALLOW: '127.0.0.1', OPHION_QUERY_RATE: '0' });
});
afterAll(async () => {
  await platform.stop();
  await idp.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(method: string, path: string, body?: unknown, token?: string): Promise<Said> {
  const init = {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  const { api } = platform.ports;
  const response = await (token === undefined
    ? fetchApi(api, path, init)
    : fetch(`http://127.0.0.1:${api}${path}`, init));
  return { status: response.status, body: (await response.json()) as Said['body'] };
}

const change = (expectedVersion: number, changes: unknown, token?: string): Promise<Said> =>
  ask('PATCH', '/api/v1/settings', { expectedVersion, changes }, token);

async function versionNow(): Promise<number> {
  const { body } = await ask('GET', '/api/v1/settings');
  return (body as ApiAnswers['/api/v1/settings']).version;
}

async function begunByAdmin(): Promise<SignedIn> {
  const { users, signIn } = platform.access;
  const admin = users.byLogin('admin');
  const begun = admin && (await signIn.begin(admin, { address: '127.0.0.1', userAgent: '' }));
  if (!begun) throw new Error('the administrator cannot sign in');
  return begun;
}

/** A key of a service account with one role of these permissions. */
async function keyFor(name: string, permissions: readonly string[]): Promise<string> {
  await ask('POST', '/api/v1/roles', { name, permissions });
  return keyWith(name, [name]);
}

async function keyWith(login: string, roles: readonly string[]): Promise<string> {
  const account = await ask('POST', '/api/v1/service-accounts', { login, roles });
  const keys = `/api/v1/service-accounts/${String(account.body['id'])}/keys`;
  const { body } = await ask('POST', keys, { name: 'key', scopes: ['admin'] });
  return String(body['secret']);
}

describe('settings over the API', () => {
  it('are read, changed, listed, compared and rolled back', async () => {
    expect(await ask('GET', '/api/v1/settings')).toMatchObject({ status: 200, body: { version: 0 } });
    const changed = await change(0, { signIn: { notice: 'Be kind', sessionHours: 2 } });
    expect(changed).toMatchObject({
      status: 200,
      body: { version: 1, settings: { signIn: { notice: 'Be kind' } } },
    });
    expect(await change(0, { signIn: { notice: 'x' } })).toMatchObject({
      status: 409,
      body: { error: { code: 'CONFLICT' } },
    });
    const wrong = await change(1, { signIn: { sessionHours: -1 } });
    expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'BAD_REQUEST' } } });
    expect(JSON.stringify(wrong.body)).toContain('signIn.sessionHours');
    const differences = [
      { path: 'signIn.notice', before: '', after: 'Be kind' },
      { path: 'signIn.sessionHours', before: null, after: 2 },
    ];
    expect((await ask('GET', '/api/v1/settings/diff?from=0&to=1')).body).toEqual({ differences });
    expect((await ask('GET', '/api/v1/settings/diff?from=0&to=9')).status).toBe(404);
    const rollBack = { version: 0, expectedVersion: 1, comment: 'no' };
    expect(await ask('POST', '/api/v1/settings/roll-back', rollBack)).toMatchObject({ body: { version: 2 } });
    const { body } = await ask('GET', '/api/v1/settings/history?limit=2');
    expect(body).toMatchObject({
      versions: [
        { version: 2, author: 'user:admin', comment: 'no', restores: 0 },
        { version: 1, author: 'user:admin', restores: null, differences },
      ],
    });
  });

  it('count at once: how long a new session lasts, what the sign-in page shows', async () => {
    await change(await versionNow(), { signIn: { notice: 'Hello', sessionHours: 3 } });
    const options = await fetch(`http://127.0.0.1:${platform.ports.api}/api/v1/auth/options`);
    expect(await options.json()).toEqual({ notice: 'Hello', oidc: null });
    const { session } = await begunByAdmin();
    const hours = (session.expiresAt.getTime() - session.createdAt.getTime()) / 3_600_000;
    expect(hours).toBeCloseTo(3, 3);
  });

  it('are a conflict when somebody else was faster than the file', async () => {
    const { users } = platform.access;
    const made = await ask('POST', '/api/v1/users', { login: 'contested', name: '', roles: ['viewer'] });
    expect(made.status).toBe(200);
    vi.spyOn(users, 'change').mockImplementationOnce(async (work, committed) => {
      const id = users.byLogin('contested')?.id ?? '';
      await users.change((query) => users.update(query, id, { roles: ['operator'] }));
      return users.change(work, committed);
    });
    const file = { configuration: { version: 1, users: [{ login: 'contested', roles: ['editor'] }] } };
    expect(await ask('POST', '/api/v1/configuration', file)).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'CONFLICT',
          message: expect.stringContaining('user contested; nothing was') as string,
        },
      },
    });
    expect(users.byLogin('contested')?.roles).toEqual(['operator']);
    expect(await ask('POST', '/api/v1/configuration', file)).toMatchObject({
      body: { changes: ['~ user contested: roles ["operator"] -> ["editor"]'] },
    });
  });

  it('keep secrets to themselves', async () => {
    const put = await ask('PUT', '/api/v1/secrets/oidc-client-secret', { value: SECRET });
    expect(put).toEqual({ status: 200, body: { done: true } });
    const states = (listed: unknown): readonly unknown[] => {
      const { secrets } = listed as {
        secrets: readonly { name: string; isSet: boolean; setBy: string | null }[];
      };
      return secrets.map(({ name, isSet, setBy }) => [name, isSet, setBy]);
    };
    const unset = SECRET_NAMES.map((name) => [name, false, null]);
    const listed = await ask('GET', '/api/v1/secrets');
    expect(states(listed.body)).toEqual([['oidc-client-secret', true, 'user:admin'], ...unset.slice(1)]);
    const audit = await ask('GET', '/api/v1/audit?action=secret.set');
    expect(audit.body).toMatchObject({ entries: [{ target: 'secret:oidc-client-secret' }] });
    const configuration = await ask('GET', '/api/v1/configuration');
    expect(JSON.stringify([listed, audit, configuration])).not.toContain('hunter2');
    expect((await ask('PUT', '/api/v1/secrets/another', { value: 'x' })).status).toBe(400);
    expect((await ask('DELETE', '/api/v1/secrets/oidc-client-secret')).body).toEqual({ done: true });
    expect(states((await ask('GET', '/api/v1/secrets')).body)).toEqual(unset);
  });

  it('give nobody a role that they may not give', async () => {
    const key = await keyFor('settings-only', ['settings:read', 'settings:write']);
    const version = await versionNow();
    const escalation = { oidc: { groupRoles: { everybody: ['admin'] } } };
    expect(await change(version, escalation, key)).toMatchObject({
      status: 403,
      body: { error: { code: 'FORBIDDEN' } },
    });
    expect((await change(version, { oidc: { issuer: 'https://mine.example' } }, key)).status).toBe(403);
    expect((await change(version, { signIn: { notice: 'mine' } }, key)).status).toBe(200);
    expect((await ask('GET', '/api/v1/configuration', undefined, key)).status).toBe(403);
    const file = { configuration: { version: 1, users: [{ login: 'me', roles: ['admin'] }] } };
    expect((await ask('POST', '/api/v1/configuration', file, key)).status).toBe(403);
    expect(platform.access.users.byLogin('me')).toBeUndefined();
    // Rolling back to a mapping is giving its roles, too.
    const mapped = await change(version + 1, { oidc: { groupRoles: { sre: ['admin'] } } });
    const cleared = await change(version + 2, { oidc: { groupRoles: {} } });
    expect([mapped.status, cleared.status]).toEqual([200, 200]);
    const back = { version: version + 2, expectedVersion: version + 3 };
    expect((await ask('POST', '/api/v1/settings/roll-back', back, key)).status).toBe(403);
  });

  it('that security depends on need more than the permission to change settings', async () => {
    const key = await keyFor('settings-plain', ['settings:read', 'settings:write']);
    const security = await keyFor('settings-security', [
      'settings:read',
      'settings:write',
      'settings:security',
    ]);
    const version = await versionNow();
    for (const changes of [
      { general: { publicUrl: 'https://mine.example' } },
      { outgoing: { allow: ['169.254.169.254'] } },
      { signIn: { sessionHours: 8_000 } },
      { signIn: { idleMinutes: null } },
      { signIn: { requireSecondFactor: 'everybody' } },
      { audit: { retentionDays: 30 } },
      { signIn: { notice: 'harmless' }, outgoing: { allow: ['10.0.0.1'] } },
    ]) {
      const refused = await change(version, changes, key);
      expect([changes, refused]).toEqual([
        changes,
        expect.objectContaining({
          status: 403,
          body: { error: expect.objectContaining({ code: 'FORBIDDEN' }) as unknown },
        }),
      ]);
      expect(JSON.stringify(refused.body)).toContain('settings:security');
    }
    expect((await ask('PUT', '/api/v1/secrets/oidc-client-secret', { value: 'x' }, key)).status).toBe(403);
    expect(await versionNow()).toBe(version);
    expect((await change(version, { outgoing: { allow: ['10.0.0.1'] } }, security)).status).toBe(200);
    // Rolling back over it, in either direction, is changing it; a guessed version to come does not help.
    const cleared = await change(version + 1, { outgoing: { allow: [] } });
    expect(cleared.status).toBe(200);
    const back = (expected: number) =>
      ask('POST', '/api/v1/settings/roll-back', { version: version + 1, expectedVersion: expected }, key);
    expect((await back(version + 2)).status).toBe(403);
    expect((await back(version + 3)).status).toBe(409);
    // What is as it was is not a change.
    const same = { outgoing: { allow: [] }, signIn: { notice: 'Be kind again' } };
    expect((await change(version + 2, same, key)).status).toBe(200);
    expect((await ask('GET', '/api/v1/settings')).body).toMatchObject({
      settings: { outgoing: { allow: [] }, signIn: { notice: 'Be kind again' } },
    });
  });

  it('are kept from who may not read or change them', async () => {
    const reader = await keyFor('settings-reader', ['settings:read']);
    const nothing = await keyFor('traces-only', ['traces:read']);
    const version = await versionNow();
    expect((await ask('GET', '/api/v1/settings', undefined, reader)).status).toBe(200);
    expect((await change(version, { signIn: { notice: 'x' } }, reader)).status).toBe(403);
    expect((await ask('GET', '/api/v1/settings', undefined, nothing)).status).toBe(403);
    expect((await ask('GET', '/api/v1/secrets', undefined, nothing)).status).toBe(403);
    expect(await versionNow()).toBe(version);
  });
});

describe('ophion over the API', () => {
  let key: string;
  let url: string;
  beforeAll(async () => {
    key = await keyWith('gitops', ['admin']);
    url = `http://127.0.0.1:${platform.ports.api}`;
  });

  const ophion = async (args: readonly string[], environment: Record<string, string> = {}) => {
    let [out, err] = ['', ''];
    const code = await runCli([...args, '--url', url], {
      environment: { OPHION_API_KEY: key, ...environment },
      write: (text) => (out += text),
      complain: (text) => (err += text),
      input: Readable.from([]),
    });
    return { code, out, err };
  };

  it('exports the whole audit log, oldest first, however many pages that takes', async () => {
    const { audit, database } = platform.access;
    const event = { actor: 'system', action: 'sign-in', outcome: 'done', address: '', detail: {} } as const;
    await database.transaction(async (query) => {
      for (let entry = 0; entry < 1_100; entry += 1) {
        await audit.append({ ...event, target: `=page ${entry}` }, query);
      }
    });
    const exported = await ophion(['audit', 'export']);
    expect(exported).toMatchObject({ code: 0, err: '' });
    const entries = exported.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const stored: unknown[] = [];
    for await (const { at, previous, hash, ...entry } of audit.entries()) {
      stored.push({ ...entry, at: at.toISOString(), previous: hex(previous), hash: hex(hash) });
    }
    expect(entries.length).toBeGreaterThan(1_100);
    expect(entries).toEqual(stored);
    const output = join(folder, 'audit.csv');
    const csv = await ophion(['audit', 'export', '--format', 'csv', '--output', output]);
    expect(csv).toEqual({ code: 0, out: '', err: '' });
    const lines = (await readFile(output, 'utf8')).trimEnd().split('\r\n');
    expect(lines).toHaveLength(entries.length + 1);
    expect(lines[0]).toBe('sequence,at,actor,action,target,outcome,address,detail,previous,hash');
    expect(lines.at(-1)).toContain(`,'=page 1099,`);
    const reader = await keyFor('no-audit', ['traces:read']);
    const refused = await ophion(['audit', 'export'], { OPHION_API_KEY: reader });
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toContain('403');
  });

  it('exports, compares and applies, with the platform running', async () => {
    const path = join(folder, 'configuration.yaml');
    const exported = await ophion(['config', 'export']);
    expect(exported).toMatchObject({ code: 0, err: '' });
    await writeFile(path, exported.out);
    expect(await ophion(['config', 'diff', path])).toEqual({ code: 0, out: '', err: '' });
    const file = {
      version: 1,
      settings: { signIn: { notice: 'From a file' } },
      secrets: { 'oidc-client-secret': { fromEnvironment: 'THE_SECRET' } },
      users: [{ login: 'grace', roles: ['viewer'] }],
    };
    await writeFile(path, stringify(file));
    const applied = await ophion(['config', 'apply', path], { THE_SECRET: SECRET });
    expect(applied).toMatchObject({ code: 0, err: '3 changes made\n' });
    expect(applied.out).toContain('+ user grace');
    expect(platform.access.users.byLogin('grace')?.roles).toEqual(['viewer']);
    const options = await fetch(`${url}/api/v1/auth/options`);
    expect(await options.json()).toMatchObject({ notice: 'From a file' });
    const verified = await ophion(['audit', 'verify']);
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toMatch(/^intact: \d+ entries\n$/);
    await writeFile(path, stringify({ version: 1, users: [{ login: 'admin', roles: ['viewer'] }] }));
    const refused = await ophion(['config', 'apply', path]);
    expect(refused).toMatchObject({ code: 3, out: '' });
    expect(refused.err).toContain('409');
    expect((await ophion(['config', 'export'], { OPHION_API_KEY: 'ophion_nope' })).err).toContain('401');
  });
});

describe('signing in at a provider, over HTTP', () => {
  const go = (path: string, cookie = ''): Promise<Response> =>
    fetch(`http://127.0.0.1:${platform.ports.api}${path}`, { redirect: 'manual', headers: { cookie } });
  const cookiesOf = (response: Response): string =>
    response.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; ');

  const begin = (body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${platform.ports.api}/api/v1/auth/oidc/start`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const locationOf = async (response: Response): Promise<string> =>
    ((await response.json()) as { readonly location: string }).location;

  it('is not offered until it is set', async () => {
    const response = await begin();
    expect([response.status, await locationOf(response)]).toEqual([200, '/sign-in?refused=off']);
  });

  it('leads to a session in cookies', async () => {
    await ask('PUT', '/api/v1/secrets/oidc-client-secret', { value: idp.clientSecret });
    const changed = await change(await versionNow(), {
      general: { publicUrl: PUBLIC_URL },
      oidc: {
        isEnabled: true,
        label: 'Company',
        issuer: idp.issuer,
        clientId: idp.clientId,
        groupRoles: { sre: ['operator'] },
      },
    });
    expect(changed.status).toBe(200);
    idp.account = { id: 'ada-1', claims: { preferred_username: 'ada', name: 'Ada', groups: ['sre'] } };
    const { access } = platform;
    const before = await begunByAdmin();
    const start = await begin({ returnTo: '/traces' }, { cookie: `ophion-refresh=${before.refreshToken}` });
    expect(start.status).toBe(200);
    const [ticketCookie = ''] = start.headers.getSetCookie();
    expect(ticketCookie).toMatch(/^ophion-oidc=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
    const back = await idp.visit(await locationOf(start));
    const stolen = await go(`${back.pathname}${back.search}`);
    expect(stolen.headers.get('location')).toBe('/sign-in?refused=not-begun');
    const done = await go(`${back.pathname}${back.search}`, cookiesOf(start));
    expect([done.status, done.headers.get('location')]).toEqual([303, '/traces']);
    expect(done.headers.getSetCookie().filter((line) => line.includes('SameSite=Strict'))).toHaveLength(2);
    const me = await go('/api/v1/me', cookiesOf(done));
    expect(await me.json()).toMatchObject({ login: 'ada', roles: ['operator'], hasPassword: false });
    // The session that the browser had is over with the new one.
    expect(access.sessions.isLive(before.session.id)).toBe(false);
    const again = await go(`${back.pathname}${back.search}`, cookiesOf(start));
    expect(again.headers.get('location')).toBe('/sign-in?refused=not-vouched-for');
  });

  it('is begun by nothing but the sign-in page: no link, no page of another origin', async () => {
    expect((await go('/api/v1/auth/oidc/start')).status).toBe(401);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://elsewhere.example' },
    ]) {
      const response = await begin({}, headers);
      expect([headers, response.status, response.headers.getSetCookie()]).toEqual([headers, 403, []]);
    }
    expect((await begin({}, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('shows a provider that cannot be reached on the sign-in page, and on record', async () => {
    await change(await versionNow(), { oidc: { issuer: 'https://127.0.0.2:9' } });
    expect(await locationOf(await begin())).toBe('/sign-in?refused=provider');
    await platform.access.refusals.flush();
    const { body } = await ask('GET', '/api/v1/audit?outcome=refused&text=not%20of%20the%20public');
    expect(JSON.stringify(body)).toContain('127.0.0.2');
  });
});
