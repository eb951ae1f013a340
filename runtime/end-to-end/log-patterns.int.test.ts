import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiAnswers } from '../../proto/api/index.ts';
import type { Platform } from '../platform/index.ts';
import { makeUser, tokenOf } from './access-people.ts';
import { startTestPlatform } from './test-platform.ts';
import { warmPatterns } from './warm-patterns.ts';

type Patterns = ApiAnswers['/api/v1/logs/patterns'];

const nowMs = Date.now();
const CART = '~~cart';
const OF_CART = `/api/v1/logs/patterns?service=${CART}`;
const BODIES = [
  ...[17, 18, 19].map((id) => ({ text: `order ${id} (of "ann") accepted: 3*4`, severityNumber: 9 })),
  { text: 'order 17 was accepted', severityNumber: 9 },
  { text: 'Error: gone\n    at close (/srv/a.js:1:2)\n    at send (/srv/b.js:3:4)', severityNumber: 17 },
];

let folder: string;
let platform: Platform;
let token: string;

const start = (): Promise<Platform> => startTestPlatform(folder, { OPHION_QUERY_RATE: '0' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-patterns-'));
  platform = await start();
  token = await tokenOf(platform, await makeUser(platform, 'viewer', ['viewer']));
  await warmPatterns(platform, 'warm');
  const logRecords = BODIES.map(({ text, severityNumber }, at) => ({
    ...{ timeUnixNano: `${nowMs - 5_000 + at}000000`, severityNumber, body: { stringValue: text } },
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: 'cart' } }];
  const response = await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }),
  });
  expect(await response.json()).toEqual({});
  await known();
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Records are read every two seconds. */
async function known(): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await list(`service=${CART}`)).count).toBe(3);
    },
    { timeout: 15_000, interval: 200 },
  );
}

const ask = (path: string, accept = 'application/json'): Promise<Response> =>
  fetch(`http://127.0.0.1:${platform.ports.api}${path}`, {
    headers: { authorization: `Bearer ${token}`, accept },
  });

async function list(query = ''): Promise<Patterns> {
  const response = await ask(`/api/v1/logs/patterns?${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Patterns;
}

describe('log patterns over the API', () => {
  it('are those of the records, each with a search that finds its own', async () => {
    const { patterns } = await list(`service=${CART}`);
    expect(patterns.map(({ count }) => count).sort()).toEqual([1, 1, 3]);
    for (const { query, count, service } of patterns) {
      const search = new URLSearchParams({ q: query, service: service.id });
      const found = (await (
        await ask(`/api/v1/logs?${search.toString()}`)
      ).json()) as ApiAnswers['/api/v1/logs'];
      expect([query, found.logs.length]).toEqual([query, count]);
    }
    const stack = patterns.find((each) => each.stack !== null);
    expect(stack).toMatchObject({ isError: true, stack: { frames: ['a.js:close', 'b.js:send'] } });
  });

  it('come in the format that is accepted', async () => {
    const csv = await ask(OF_CART, 'text/csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect((await csv.text()).split('\n')[0]).toContain('template');
    const rows = (await (await ask(OF_CART, 'application/x-ndjson')).text()).trim().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as Patterns['patterns'][number]).service.name)).toEqual([
      ...['cart', 'cart', 'cart'],
    ]);
    const arrow = await ask(OF_CART, 'application/vnd.apache.arrow.stream');
    const table = tableFromIPC(new Uint8Array(await arrow.arrayBuffer()));
    expect(table.numRows).toBe(3);
    expect(table.names).toContain('template');
    expect((await ask(OF_CART, 'image/png')).status).toBe(406);
  });

  it('are narrowed and bounded as is asked, and nothing else is understood', async () => {
    expect((await list('severity=error')).count).toBe(1);
    expect((await list('text=ANN')).count).toBe(1);
    expect((await list('trend=gone')).patterns).toEqual([]);
    expect((await list('service=a~b~c')).count).toBe(0);
    expect(await list('limit=1')).toMatchObject({ count: 4, more: true });
    for (const wrong of [
      'limit=0',
      'limit=1001',
      'trend=x',
      'severity=x',
      'service=x',
      'from=now',
      'timeout=x',
    ]) {
      expect([wrong, (await ask(`/api/v1/logs/patterns?${wrong}`)).status]).toEqual([wrong, 400]);
    }
  });

  it('are the same after a restart, known since then', async () => {
    const before = await list();
    await platform.stop();
    platform = await start();
    token = await tokenOf(platform, await makeUser(platform, 'viewer-2', ['viewer']));
    await known();
    const after = await list();
    const facts = ({ patterns }: Patterns): unknown =>
      patterns.map(({ id, template, firstSeenUnixMs }) => [id, template, firstSeenUnixMs]).sort();
    expect(facts(after)).toEqual(facts(before));
    expect(after.sinceUnixMs).toBe(before.sinceUnixMs);
  });
});
