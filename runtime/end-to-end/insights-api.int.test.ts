import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiAnswers, InsightJson } from '../../proto/api/index.ts';
import { madeInsight, madeService } from '../insights/fixtures/index.ts';
import type { Platform } from '../platform/index.ts';
import { makeUser, tokenOf } from './access-people.ts';
import { startTestPlatform } from './test-platform.ts';

const T = Date.now() - 600_000;
const WIDE = `from=${T - 3_600_000}&to=now`;

let folder: string;
let platform: Platform;
const tokens: Record<'viewer' | 'editor' | 'second', string> = { viewer: '', editor: '', second: '' };

const made = (id: number, changes: Partial<InsightJson> = {}): InsightJson =>
  madeInsight(id, { startedUnixMs: T + id * 1_000, ...changes });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-insights-'));
  platform = await startTestPlatform(folder, { OPHION_QUERY_RATE: '0' });
  for (const [login, role] of [
    ['viewer', 'viewer'],
    ['editor', 'editor'],
    ['second', 'editor'],
  ] as const) {
    tokens[login] = await tokenOf(platform, await makeUser(platform, login, [role]));
  }
  await platform.insights.save([
    made(1, { state: 'over', endedUnixMs: T + 60_000, severity: 'critical' }),
    made(2, { kind: 'forecast', severity: 'info' }),
    made(3, { service: madeService('payment'), services: [madeService('payment'), madeService('cart')] }),
    made(4, { evidence: [] }),
    made(5),
  ]);
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly body: never;
}

interface Asked {
  readonly token?: string;
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(path: string, init: Asked = {}): Promise<Response> {
  const { token = tokens.viewer, headers, ...rest } = init;
  return fetch(`http://127.0.0.1:${platform.ports.api}/api/v1/insights${path}`, {
    ...rest,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  });
}

async function list(query: string, init = {}): Promise<ApiAnswers['/api/v1/insights']> {
  const response = await ask(`?${WIDE}${query}`, init);
  expect(response.status).toBe(200);
  return (await response.json()) as ApiAnswers['/api/v1/insights'];
}

async function judge(id: number, verdict: unknown, token = tokens.editor): Promise<Said> {
  const body = JSON.stringify({ verdict });
  const response = await ask(`/${made(id).id}/feedback`, { method: 'PUT', body, token });
  return { status: response.status, headers: response.headers, body: (await response.json()) as never };
}

const idsOf = ({ insights }: ApiAnswers['/api/v1/insights']): number[] =>
  insights.map(({ id }) => Number(id.slice(-3)));

describe('insights over the API', () => {
  it('are listed newest first, by what is asked for', async () => {
    expect(idsOf(await list(''))).toEqual([5, 4, 3, 2, 1]);
    expect(idsOf(await list('&state=over'))).toEqual([1]);
    expect(idsOf(await list('&kind=forecast'))).toEqual([2]);
    expect(idsOf(await list('&severity=critical'))).toEqual([1]);
    expect(idsOf(await list('&service=production~shop~payment'))).toEqual([3]);
    expect((await list('&kind=forecast')).insights).toEqual([
      {
        ...made(2, { kind: 'forecast', severity: 'info' }),
        feedback: { useful: 0, notUseful: 0, mine: null },
      },
    ]);
    const past = await ask(`?from=${T - 7_200_000}&to=${T - 3_600_000}`);
    expect(await past.json()).toEqual({
      ...{ insights: [], nextCursor: null, precision: { useful: 0, notUseful: 0 } },
    });
  });

  it('come in pages, whatever is found meanwhile', async () => {
    const first = await list('&limit=2');
    expect(idsOf(first)).toEqual([5, 4]);
    await platform.insights.save([made(6)]);
    const second = await list(`&limit=2&cursor=${first.nextCursor ?? ''}`);
    expect(idsOf(second)).toEqual([3, 2]);
    const last = await list(`&limit=2&cursor=${second.nextCursor ?? ''}`);
    expect(idsOf(last)).toEqual([1]);
    expect(last.nextCursor).toBeNull();
    const foreign = await ask(`?${WIDE}&kind=tip&cursor=${first.nextCursor ?? ''}`);
    expect([foreign.status, await foreign.text()]).toEqual([400, expect.stringContaining('another search')]);
    const garbage = await ask(`?${WIDE}&cursor=abc`);
    expect([garbage.status, await garbage.text()]).toEqual([400, expect.stringContaining('cursor')]);
  });

  it('cost what their text is', async () => {
    const response = await ask(`?${WIDE}&kind=forecast`);
    const { cold, ms } = JSON.parse(response.headers.get('x-ophion-stats') ?? '') as {
      readonly cold: { readonly rows: number; readonly bytes: number };
      readonly ms: Readonly<Record<string, number>>;
    };
    expect(cold.rows).toBe(1);
    expect(cold.bytes).toBe(JSON.stringify(made(2, { kind: 'forecast', severity: 'info' })).length);
    expect(ms).toHaveProperty('insights');
  });

  it.each([
    ['?kind=wonder', 'kind'],
    ['?service=cart', 'environment~namespace~name'],
    ['?from=now&to=now-1h', 'from'],
    ['?limit=1001', 'limit'],
    ['/not-an-id', 'insightId'],
  ])('refuse %s, and say why', async (path, reason) => {
    const response = await ask(path);
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(reason)]);
  });

  it('are read one by one, and one that is not there is not found', async () => {
    expect(await (await ask(`/${made(5).id}`)).json()).toMatchObject(made(5));
    expect((await ask(`/${made(99).id}`)).status).toBe(404);
  });

  it.each(['text/csv', 'application/x-ndjson', 'application/vnd.apache.arrow.stream'])(
    'come as %s',
    async (accept) => {
      const response = await ask(`?${WIDE}&limit=2`, { headers: { accept } });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-ophion-next-cursor')).toMatch(/./);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const ids = accept.includes('arrow')
        ? (tableFromIPC(bytes).getChild('id').toArray() as string[])
        : [...new Set(new TextDecoder().decode(bytes).match(/0192f0c5-[-0-9a-f]+/g))];
      expect(ids).toEqual([made(6).id, made(5).id]);
    },
  );

  it('are judged by who may, once each, and that is on record', async () => {
    expect((await judge(3, 'useful', tokens.viewer)).status).toBe(403);
    expect((await judge(3, 'great')).status).toBe(400);
    expect((await judge(99, 'useful')).status).toBe(404);
    expect((await judge(3, 'useful')).body).toEqual({ useful: 1, notUseful: 0, mine: 'useful' });
    expect((await judge(3, 'not-useful', tokens.second)).body).toEqual({
      ...{ useful: 1, notUseful: 1, mine: 'not-useful' },
    });
    expect((await judge(3, 'not-useful')).body).toEqual({ useful: 0, notUseful: 2, mine: 'not-useful' });
    expect((await list('')).precision).toEqual({ useful: 0, notUseful: 2 });
    expect((await list('&kind=forecast')).precision).toEqual({ useful: 0, notUseful: 0 });
    expect((await list('&service=production~shop~payment')).insights[0]?.feedback).toEqual({
      ...{ useful: 0, notUseful: 2, mine: null },
    });
    expect((await judge(3, null)).body).toEqual({ useful: 0, notUseful: 1, mine: null });
    const entries = await platform.access.audit.list({ action: 'insight.judge' }, 10);
    expect(entries.map(({ actor, target, detail }) => [actor, target, detail])).toEqual([
      ['user:editor', `insight:${made(3).id}`, { before: 'not-useful', after: null }],
      ['user:editor', `insight:${made(3).id}`, { before: 'useful', after: 'not-useful' }],
      ['user:second', `insight:${made(3).id}`, { before: null, after: 'not-useful' }],
      ['user:editor', `insight:${made(3).id}`, { before: null, after: 'useful' }],
    ]);
  });
});
