import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, makeClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CLIENT_HEADER } from '../../proto/access/index.ts';
import type { Platform } from '../platform/index.ts';
import { adminCredentials } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';

const file = (name: string): string => fileURLToPath(new URL(`tls/${name}`, import.meta.url));
const TLS = {
  OPHION_TLS_CERT_FILE: file('test-only.cert.pem'),
  OPHION_TLS_KEY_FILE: file('test-only.key.pem'),
};

let folder: string;
let ca: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-tls-'));
  ca = await readFile(TLS.OPHION_TLS_CERT_FILE, 'utf8');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(
  port: number,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body ? 'POST' : 'GET';
    const request = httpsRequest({ host: 'localhost', port, path, ca, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

const JSON_BODY = { 'content-type': 'application/json', [CLIENT_HEADER]: '1' };

describe('with a certificate', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startTestPlatform(join(folder, 'data'), TLS);
  });
  afterAll(() => platform.stop());

  it('all ports speak TLS, and nothing else', async () => {
    const { api, dashboard, otlpHttp, otlpGrpc } = platform.ports;
    expect((await ask(api, '/healthz')).status).toBe(200);
    expect((await ask(dashboard, '/')).body).toContain('<div id="root">');
    expect((await ask(otlpHttp, '/v1/traces', {}, JSON_BODY)).status).toBe(200);
    expect(await exported(otlpGrpc)).toBeNull();
    for (const port of [api, dashboard, otlpHttp]) {
      await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow();
    }
  });

  it('browsers are told to stay with it, and cookies belong to this host over TLS alone', async () => {
    const { api } = platform.ports;
    const body = { ...(await adminCredentials()), deliver: 'cookies' };
    const { status, headers } = await ask(api, '/api/v1/session', body, JSON_BODY);
    expect(status).toBe(200);
    expect(headers['strict-transport-security']).toBe('max-age=31536000; includeSubDomains');
    const cookies = headers['set-cookie'] as string[];
    expect(
      cookies.map((cookie) => cookie.replace(/=[^;]+/, '=…').replace(/Max-Age=\d+/, 'Max-Age=…')),
    ).toEqual([
      '__Host-ophion-access=…; Path=/; Max-Age=…; HttpOnly; SameSite=Strict; Secure',
      '__Host-ophion-refresh=…; Path=/; Max-Age=…; HttpOnly; SameSite=Strict; Secure',
    ]);
    const [access = ''] = cookies[0]?.split(';') ?? [];
    expect((await ask(api, '/api/v1/me', undefined, { cookie: access })).status).toBe(200);
    // A neighbour could have set it over HTTP.
    const planted = access.replace('__Host-', '');
    expect((await ask(api, '/api/v1/me', undefined, { cookie: planted })).status).toBe(401);
    const socket = new WebSocket(`wss://localhost:${api}/live`, {
      ca,
      headers: { cookie: access, origin: `https://localhost:${api}` },
    });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.close();
  });
});

describe('a certificate that cannot be used', () => {
  it.each([
    ['a key alone', { OPHION_TLS_KEY_FILE: TLS.OPHION_TLS_KEY_FILE }, 'go together'],
    ['a file that is not there', { ...TLS, OPHION_TLS_CERT_FILE: '/nowhere/cert.pem' }, '/nowhere/cert.pem'],
    [
      'files in each other’s place',
      { OPHION_TLS_CERT_FILE: TLS.OPHION_TLS_KEY_FILE, OPHION_TLS_KEY_FILE: TLS.OPHION_TLS_CERT_FILE },
      'no certificate in PEM',
    ],
  ])('is named at the start: %s', async (_what, settings, named) => {
    await expect(startTestPlatform(join(folder, 'none'), settings)).rejects.toThrow(named);
  });

  it('nor one with the key of another', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const other = join(folder, 'other.key.pem');
    await writeFile(other, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await expect(
      startTestPlatform(join(folder, 'none'), { ...TLS, OPHION_TLS_KEY_FILE: other }),
    ).rejects.toThrow('is not that of the certificate');
  });
});

function exported(port: number): Promise<ServiceError | null> {
  const same = (bytes: Buffer): Buffer => bytes;
  const Raw = makeClientConstructor({}, 'raw');
  const client = new Raw(`localhost:${port}`, credentials.createSsl(Buffer.from(ca)));
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error) => {
      client.close();
      resolve(error);
    });
  });
}
