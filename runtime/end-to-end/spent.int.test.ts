import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Platform } from '../platform/index.ts';
import { adminCredentials, adminToken } from './signed-in.ts';
import { startTestPlatform } from './test-platform.ts';

let folder: string;
let platform: Platform;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-spent-'));
  platform = await startTestPlatform(folder, {
    OPHION_QUERY_RATE: '2',
    OPHION_INGEST_RATE: '2',
    OPHION_TRUSTED_PROXIES: '127.0.0.1',
  });
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

const rateOf = (headers: Headers): Readonly<Record<string, string | null>> =>
  Object.fromEntries(
    ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'].map((name) => [name, headers.get(name)]),
  );

describe('what a sender has left', () => {
  it('is said with every answer, good or bad', async () => {
    const token = await adminToken(platform.ports.api);
    const ask = (path: string, credential = token): Promise<Response> =>
      fetch(`http://127.0.0.1:${platform.ports.api}${path}`, {
        headers: { authorization: `Bearer ${credential}`, 'x-forwarded-for': '203.0.113.7' },
      });
    for (const [path, status, credential] of [
      ['/api/v1/services', 200, token],
      ['/api/v1/services?limit=x&nonsense=1', 400, token],
      ['/api/v1/insights/00000000-0000-4000-8000-000000000000', 404, token],
      ['/api/v1/services', 401, 'nobody'],
      ['/prometheus/api/v1/query?query=up', 200, token],
      ['/prometheus/api/v1/query?query=up(', 400, token],
    ] as const) {
      const { headers, status: got } = await ask(path, credential);
      expect([path, got, rateOf(headers)]).toEqual([
        path,
        status,
        {
          'ratelimit-limit': '20',
          'ratelimit-remaining': expect.stringMatching(/^\d+$/) as string,
          'ratelimit-reset': expect.stringMatching(/^\d+$/) as string,
        },
      ]);
    }
    let refused: Response;
    let asked = 0;
    do {
      refused = await ask('/api/v1/services');
      asked += 1;
    } while (refused.status !== 429 && asked < 2_000);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(rateOf(refused.headers)).toMatchObject({ 'ratelimit-remaining': '0' });
  });

  it('is said when telemetry comes too fast, which has a budget of its own', async () => {
    const send = (): Promise<Response> =>
      fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      });
    let refused: Response;
    let sent = 0;
    do {
      refused = await send();
      sent += 1;
    } while (refused.status !== 429 && sent < 2_000);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(rateOf(refused.headers)).toMatchObject({ 'ratelimit-limit': '20', 'ratelimit-remaining': '0' });
    expect((await fetch(`http://127.0.0.1:${platform.ports.api}/healthz`)).status).toBe(200);
  });
});

describe('a proxy that speaks TLS for us', () => {
  const signIn = async (): Promise<Response> =>
    fetch(`http://127.0.0.1:${platform.ports.api}/api/v1/session`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-ophion-client': '1',
        'x-forwarded-for': '203.0.113.9',
        'x-forwarded-proto': 'https',
      },
      body: JSON.stringify({ ...(await adminCredentials()), deliver: 'cookies' }),
    });
  const addressOnRecord = async (): Promise<unknown> => {
    const [row] = await platform.access.database.query<{ readonly address: string }>(
      "SELECT address FROM audit_log WHERE action = 'sign-in' ORDER BY sequence DESC LIMIT 1",
      [],
    );
    return row?.address;
  };

  it('is believed: who asked is on record, and cookies are for TLS alone', async () => {
    const { status, headers } = await signIn();
    expect(status).toBe(200);
    expect(headers.get('strict-transport-security')).toContain('max-age=');
    const cookies = headers.getSetCookie();
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) expect(cookie).toMatch(/^__(Host|Secure)-.*; Secure/);
    expect(await addressOnRecord()).toBe('203.0.113.9');
  });
});
