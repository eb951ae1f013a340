import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, getCiphers, type ConnectionOptions } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS, type ErrorBody } from '../../proto/api/index.ts';
import type { User } from '../auth/index.ts';
import type { Platform } from '../platform/index.ts';
import { makeUser, tokenOf } from './access-people.ts';
import { startTestPlatform } from './test-platform.ts';

const PASSWORD = 'seven brave otters hum';
const STRONG = /^ecdhe-(?:rsa|ecdsa)-.*(?:gcm-sha|chacha20)/;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-hardening-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('over HTTP', () => {
  let platform: Platform;
  let base: string;
  let token: string;
  beforeAll(async () => {
    platform = await startTestPlatform(join(folder, 'http'));
    base = `http://127.0.0.1:${platform.ports.api}`;
    token = await tokenOf(platform, userNamed('admin').id);
  });
  afterAll(() => platform.stop());

  function userNamed(login: string): User {
    return platform.access.users.byLogin(login) ?? expect.unreachable();
  }

  function ask(method: string, path: string, body?: string): Promise<Response> {
    return fetch(`${base}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
    });
  }

  const statusOf = async (method: string, path: string, body?: string): Promise<number> => {
    const response = await ask(method, path, body);
    await response.arrayBuffer();
    return response.status;
  };

  async function signIn(login: string, more: object = {}): Promise<string> {
    const body = JSON.stringify({ login, password: PASSWORD, ...more });
    const response = await fetch(`${base}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const answer = (await response.json()) as Partial<ErrorBody>;
    return answer.error?.code ?? 'signed in';
  }

  it('what the API answers says what it is, and is kept nowhere', async () => {
    const examples = ENDPOINTS.filter(({ method, needs }) => method === 'GET' && needs !== 'nothing');
    expect(examples.length).toBeGreaterThan(20);
    for (const { example } of examples) {
      const response = await ask('GET', example);
      await response.arrayBuffer();
      const told = [example, response.headers.get('content-type'), response.headers.get('cache-control')];
      expect(told).toEqual([
        example,
        expect.stringMatching(/^(?:application\/|text\/.+charset=)/),
        'no-store',
      ]);
    }
  });

  it('pages, files and what is none of them say what they are, and in which characters', async () => {
    const { api, dashboard } = platform.ports;
    const index = await (await fetch(`http://127.0.0.1:${dashboard}/`)).text();
    const files = [...index.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(files.length).toBeGreaterThan(1);
    const asked = [
      ...['/', '/traces', '/assets/', '/assets/none.js', ...files].map(
        (path) => ['GET', dashboard, path] as const,
      ),
      ...['/', '/traces', '/api/v1/users', '/api/none'].flatMap((path) => [
        ['POST', dashboard, path] as const,
        ['POST', api, path] as const,
      ]),
      ...['/healthz', '/api/none', '/api/docs', '/prometheus/none', '/live'].map(
        (path) => ['GET', api, path] as const,
      ),
    ];
    for (const [method, port, path] of asked) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      const body = await response.arrayBuffer();
      if (body.byteLength === 0) continue;
      const type = response.headers.get('content-type') ?? 'none';
      const isText = !/^(?:application\/json|font\/|image\/(?:png|x-icon))/.test(type);
      expect([method, path, type]).toEqual([
        method,
        path,
        isText ? expect.stringMatching(/^[\w/+.-]+; charset=utf-8$/) : type,
      ]);
    }
  });

  it('TRACE gives nothing back, and no folder is listed', async () => {
    const { api, dashboard, otlpHttp } = platform.ports;
    for (const port of [api, dashboard, otlpHttp]) {
      const answer = await rawAnswer(
        port,
        'TRACE / HTTP/1.1\r\nhost: x\r\nx-secret: echo-me\r\nconnection: close\r\n\r\n',
      );
      expect([port, answer]).toEqual([port, expect.not.stringContaining('echo-me')]);
      expect(answer).not.toMatch(/^HTTP\/1\.1 200/);
    }
    const page = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${dashboard}${path}`);
    expect((await page('/assets/')).status).toBe(404);
    expect(await (await page('/assets')).text()).toBe(await (await page('/')).text());
  });

  it('a change takes the fields it is for, and no others', async () => {
    const id = await makeUser(platform, 'field', ['viewer']);
    const before = userNamed('field');
    for (const fields of [
      '{"passwordHash":"x"}',
      '{"mustChangePassword":false}',
      '{"login":"other"}',
      '{"kind":"service"}',
      '{"__proto__":{"isDisabled":true},"grants":["users:write"]}',
    ]) {
      expect([fields, await statusOf('PATCH', `/api/v1/users/${id}`, fields)]).toEqual([fields, 400]);
    }
    const made = '{"login":"mine","roles":[],"passwordHash":"x"}';
    expect(await statusOf('POST', '/api/v1/users', made)).toBe(400);
    expect(userNamed('field')).toEqual(before);
    expect(Object.hasOwn(Object.prototype, 'isDisabled')).toBe(false);
  });

  it('nothing of how a password or second factor is kept is in an answer', async () => {
    const { passwords, secondFactor, users } = platform.access;
    const id = await makeUser(platform, 'kept', ['viewer']);
    const link = await passwords.createLink(userNamed('kept'), { actor: 'system', address: '' });
    await passwords.reset(link, PASSWORD, '');
    const { secret } = await secondFactor.propose(userNamed('kept'), '');
    const hash = users.get(id)?.passwordHash ?? '';
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    for (const path of ['/api/v1/users', `/api/v1/users/${id}`, '/api/v1/audit', '/api/v1/configuration']) {
      const response = await ask('GET', path);
      expect([path, response.status]).toEqual([path, 200]);
      const text = await response.text();
      for (const hidden of [hash, 'argon2', secret, link]) {
        expect([path, text]).toEqual([path, expect.not.stringContaining(hidden)]);
      }
    }
  });

  it('what comes twice counts once, and what belongs into the body does not count in the address', async () => {
    const entries = async (query: string): Promise<number> => {
      const answer = (await (await ask('GET', `/api/v1/audit?${query}`)).json()) as { entries: unknown[] };
      return answer.entries.length;
    };
    expect(await entries('limit=3&limit=1')).toBe(1);
    const role = '{"permissions":[],"services":null}';
    expect(await statusOf('POST', '/api/v1/roles?name=planted', role)).toBe(400);
    expect(platform.access.users.role('planted')).toBeUndefined();
  });

  it('a forgotten password is set anew without a way around the second factor', async () => {
    const { passwords, secondFactor } = platform.access;
    await makeUser(platform, 'forgetful', ['viewer']);
    const user = (): User => userNamed('forgetful');
    const totp = new TOTP({ secret: Secret.fromBase32((await secondFactor.propose(user(), '')).secret) });
    const before = totp.generate({ timestamp: Date.now() - 30_000 });
    expect(await secondFactor.confirm(user(), before, '')).toBe(true);
    const link = await passwords.createLink(user(), { actor: 'system', address: '' });
    expect(await passwords.reset(link, PASSWORD, '')).toEqual({ type: 'changed' });
    expect(await signIn('forgetful')).toBe('CODE_NEEDED');
    expect(await signIn('forgetful', { code: totp.generate() })).toBe('signed in');
  });

  it('a second factor is confirmed after it was begun, not before', async () => {
    token = await tokenOf(platform, await makeUser(platform, 'hasty', ['viewer']));
    expect(await statusOf('PUT', '/api/v1/me/second-factor', '{"code":"000000"}')).toBe(409);
  });
});

describe('over TLS', () => {
  const file = (name: string): string => fileURLToPath(new URL(`tls/${name}`, import.meta.url));
  const files = {
    OPHION_TLS_CERT_FILE: file('test-only.cert.pem'),
    OPHION_TLS_KEY_FILE: file('test-only.key.pem'),
  };
  let platform: Platform;
  let ca: string;
  beforeAll(async () => {
    ca = await readFile(files.OPHION_TLS_CERT_FILE, 'utf8');
    platform = await startTestPlatform(join(folder, 'tls'), files);
  });
  afterAll(() => platform.stop());

  /** The version that both agree on, or that they do not. */
  function agreed(port: number, options: ConnectionOptions): Promise<string | null> {
    return new Promise((resolve) => {
      const socket = connect({ port, host: 'localhost', ca, ALPNProtocols: ['h2', 'http/1.1'], ...options });
      socket.on('secureConnect', () => {
        resolve(socket.getProtocol());
        socket.destroy();
      });
      socket.on('error', () => {
        resolve('none');
      });
    });
  }

  it('of the ciphers of 1.2 every port takes those alone that hide the past and notice changes', async () => {
    const { api, dashboard, otlpHttp, otlpGrpc } = platform.ports;
    const weak = getCiphers().filter(
      (name) => /^(?:ecdhe|dhe|aes|camellia|aria)/.test(name) && !STRONG.test(name),
    );
    expect(weak.length).toBeGreaterThan(10);
    for (const port of [api, dashboard, otlpHttp, otlpGrpc]) {
      for (const ciphers of ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-CHACHA20-POLY1305']) {
        expect(await agreed(port, { maxVersion: 'TLSv1.2', ciphers })).toBe('TLSv1.2');
      }
      const ciphers = `${weak.map((name) => name.toUpperCase()).join(':')}:@SECLEVEL=0`;
      expect(await agreed(port, { maxVersion: 'TLSv1.2', ciphers })).toBe('none');
    }
  });

  it('every port takes 1.2 and 1.3, the newer if it may, and nothing older', async () => {
    const { api, dashboard, otlpHttp, otlpGrpc } = platform.ports;
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    for (const port of [api, dashboard, otlpHttp, otlpGrpc]) {
      expect(await agreed(port, {})).toBe('TLSv1.3');
      expect(await agreed(port, { maxVersion: 'TLSv1.2' })).toBe('TLSv1.2');
      expect(await agreed(port, old)).toBe('none');
    }
  });
});

function rawAnswer(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectPlain(port, '127.0.0.1', () => socket.write(request));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => {
      resolve(Buffer.concat(chunks).toString('latin1'));
    });
    socket.on('error', reject);
  });
}
