import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spanBatches } from '../../actors/fixtures/index.ts';
import type { ApiAnswers } from '../../proto/api/index.ts';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { startDomain, type Domain } from '../domain/index.ts';
import type { HttpRequest, HttpResponse } from '../http/index.ts';
import { Ledger } from '../ingest/index.ts';
import { createLog } from '../log/index.ts';
import {
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from '../storage/clickhouse/index.ts';
import { NO_CHANGES, NO_CONTROL_PLANE, NO_INSIGHTS, NO_SETTINGS, openDoor } from './fixtures/index.ts';
import { answerApi } from './index.ts';

const SPANS = 50_000;
const TRACE = 'ab'.repeat(16);

/** A trace of ten services, in ten requests. */
const largeTrace = (): ServiceBatch[] =>
  Array.from({ length: 10 }, (_, service) =>
    spanBatches(
      Array.from({ length: SPANS / 10 }, (__, i) => {
        const n = i * 10 + service;
        return {
          service: `service-${service}`,
          traceId: TRACE,
          spanId: (n + 1).toString(16).padStart(16, '0'),
          parentSpanId: n === 0 ? '' : (Math.floor((n - 1) / 3) + 1).toString(16).padStart(16, '0'),
          name: `operation ${n % 50}`,
          startMs: n / 100,
          durationMs: 5,
          attributes: Object.fromEntries(
            Array.from({ length: 10 }, (___, a) => [`key.${a}`, `value ${(n * (a + 1)) % 1_000}`]),
          ),
        };
      }),
    ),
  ).flat();

const MOST = 100_000;
const TOO_LARGE = 'cd'.repeat(16);

const IN_A_REQUEST = 5_000;

/** Spans of it, the earliest last; two more than are answered are sent in all. */
const tooLargeTrace = (from: number, to: number): ServiceBatch[] =>
  Array.from({ length: Math.ceil((to - from) / IN_A_REQUEST) }, (_, request) => {
    const last = to - request * IN_A_REQUEST;
    return spanBatches(
      Array.from({ length: Math.min(IN_A_REQUEST, last - from) }, (__, i) => ({
        ...{ service: 'large', traceId: TOO_LARGE, name: 'step', durationMs: 1, parentSpanId: '' },
        ...{ spanId: (last - i).toString(16).padStart(16, '0'), startMs: (last - i) / 100, attributes: {} },
      })),
    );
  }).flat();

/** How often the event loop has its turn: whoever holds it lets nobody else work. */
class LoopTurns {
  count = 0;
  private going = true;

  watch(): void {
    const turn = (): void => {
      this.count += 1;
      if (this.going) setImmediate(turn);
    };
    setImmediate(turn);
  }

  stop(): number {
    this.going = false;
    return this.count;
  }
}

let home: string;
let engine: EmbeddedClickHouse;
let store: ClickHouseStore;
let domain: Domain;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-trace-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, template: 'dist/templates/clickhouse' });
  store = await openClickHouse({ target: engine });
  domain = startDomain({
    archive: store.archive,
    history: store.history,
    source: { read: () => Readable.from([]), has: () => false },
    archivedThrough: 0,
    onArchived: () => undefined,
    publish: () => undefined,
    windowMaxBytes: 2 ** 29,
    windowMaxAgeMs: 60_000_000,
    log: createLog('silent'),
  });
});
afterAll(async () => {
  await domain.stop();
  await store.close();
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

async function ask(path: string, query = '', accept?: string): Promise<HttpResponse> {
  const request: HttpRequest = {
    method: 'GET',
    path,
    query,
    header: (name) => (name === 'accept' ? accept : undefined),
    remoteAddress: '',
    body: new Uint8Array(0),
    reserve: () => true,
    signal: new AbortController().signal,
  };
  const api = {
    version: 'test',
    limits: { deadlineMs: 60_000, maxRowsRead: 1e9, maxBytesRead: 1e12 },
    query: domain.query,
    prometheus: domain.prometheus,
    outlook: domain.outlook,
    capacity: domain.capacity,
    listPatterns: domain.listPatterns,
    readExpected: domain.readExpected,
    findCauses: domain.findCauses,
    door: openDoor(),
    access: NO_CONTROL_PLANE,
    settings: NO_SETTINGS,
    insights: NO_INSIGHTS,
    changes: NO_CHANGES,
    sql: store.sql,
    rights: { granted: new Set<never>(), noteRefusal: () => undefined },
    status: () => {
      throw new Error('not asked');
    },
    ledger: () => new Ledger(1).toJson(),
    nowUnixNano: () => BigInt(Date.now()) * 1_000_000n,
    waitingItems: () => 0,
    isReady: () => true,
  };
  return answerApi(api, request);
}

async function read<Path extends keyof ApiAnswers>(
  path: Path,
  query = '',
): Promise<{ readonly answer: ApiAnswers[Path]; readonly turns: number; readonly chunks: number }> {
  const loop = new LoopTurns();
  loop.watch();
  const chunks: Uint8Array[] = [];
  const response = await ask(path.replace(':traceId', TRACE), query);
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const turns = loop.stop();
  return {
    answer: JSON.parse(Buffer.concat(chunks).toString()) as ApiAnswers[Path],
    turns,
    chunks: chunks.length,
  };
}

describe('a trace of 50,000 spans', () => {
  it.each(['windows', 'archive'])('comes whole, in order and in chunks from the %s', async (tier) => {
    if (tier === 'windows') domain.deliver(1, largeTrace());
    else {
      domain.system.tell(domain.archive, { type: 'sealed', segment: 1, items: SPANS });
      await expect.poll(() => domain.progress.through, { timeout: 60_000 }).toBe(1);
    }
    const { answer, turns, chunks } = await read('/api/v1/traces/:traceId');
    const spanIds = answer.spans.map(({ spanId }) => spanId);
    expect(spanIds).toHaveLength(SPANS);
    expect(spanIds).toEqual([...spanIds].sort());
    // A few hundred spans are worked on at a time.
    expect(turns).toBeGreaterThan(SPANS / 1_000);
    expect(chunks).toBeGreaterThan(SPANS / 1_000);
  });

  it('is explained and compared on a thread, and its answers are made in turns', async () => {
    const explained = await read('/api/v1/traces/:traceId/critical-path');
    const { sections, spans } = explained.answer;
    expect(spans).toHaveLength(SPANS);
    expect(sections.at(-1)?.fromUnixNano).toBe('0');
    // Children begin after their parents have ended, but for the first few.
    const total = sections.reduce(
      (sum, { fromUnixNano, toUnixNano }) => sum + Number(toUnixNano) - Number(fromUnixNano),
      0,
    );
    expect(total).toBe(5_000_000);
    expect(explained.turns).toBeGreaterThan(SPANS / 500);
    const compared = await read('/api/v1/traces/:traceId/compare', `with=${TRACE}`);
    const { paths } = compared.answer;
    expect(paths.every(({ change }) => change === 'same')).toBe(true);
    expect(paths.reduce((sum, { before }) => sum + (before?.spans ?? 0), 0)).toBe(SPANS);
    expect(compared.turns).toBeGreaterThan(SPANS / 500);
    expect(domain.threads.tasks.get('explain-trace')).toMatchObject({ completed: 1, failed: 0 });
    expect(domain.threads.tasks.get('compare-traces')).toMatchObject({ completed: 1, failed: 0 });
  });
});

describe('a trace of more spans than are answered', () => {
  const path = `/api/v1/traces/${TOO_LARGE}`;

  it.each(['windows', 'both tiers', 'archive'])(
    'comes with its first spans, and says so, from the %s',
    async (tiers) => {
      if (tiers === 'windows') {
        domain.deliver(2, tooLargeTrace(0, 60_000));
        domain.deliver(3, tooLargeTrace(60_000, MOST + 2));
      } else {
        const segment = tiers === 'both tiers' ? 2 : 3;
        const items = segment === 2 ? 60_000 : MOST + 2 - 60_000;
        domain.system.tell(domain.archive, { type: 'sealed', segment, items });
        await expect.poll(() => domain.progress.through, { timeout: 60_000 }).toBe(segment);
      }
      const response = await ask(path);
      expect(response.headers?.['x-ophion-more']).toBe('true');
      const { spans, more } = (await jsonOf(response)) as ApiAnswers['/api/v1/traces/:traceId'];
      expect(more).toBe(true);
      expect(spans).toHaveLength(MOST);
      expect(spans.findIndex(({ spanId }, at) => Number.parseInt(spanId, 16) !== at + 1)).toBe(-1);
      if (tiers !== 'archive') return;
      for (const accept of ['application/x-ndjson', 'text/csv', 'application/vnd.apache.arrow.stream']) {
        const { status, headers } = await ask(path, '', accept);
        expect([status, headers?.['x-ophion-more']]).toEqual([200, 'true']);
      }
      for (const analysis of ['critical-path', `compare`]) {
        const refused = await ask(`${path}/${analysis}`, analysis === 'compare' ? `with=${TRACE}` : '');
        expect(refused.status).toBe(422);
        expect(await jsonOf(refused)).toMatchObject({
          error: {
            code: 'QUERY_TOO_LARGE',
            message: expect.stringContaining('more than 100000 spans') as string,
          },
        });
      }
    },
    120_000,
  );

  it('is said to be whole when it has fewer', async () => {
    const { more } = (await read('/api/v1/traces/:traceId')).answer;
    expect(more).toBe(false);
    expect((await ask(`/api/v1/traces/${TRACE}`)).headers).not.toHaveProperty('x-ophion-more');
  });
});

async function jsonOf({ body }: HttpResponse): Promise<unknown> {
  if (typeof body === 'string') return JSON.parse(body);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}
