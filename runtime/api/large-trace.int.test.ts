import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spanBatches } from '../../actors/fixtures/index.ts';
import type { ApiAnswers } from '../../proto/api/index.ts';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { startDomain, type Domain } from '../domain.ts';
import type { HttpRequest } from '../http/index.ts';
import { Ledger } from '../ingest/index.ts';
import { createLog } from '../log.ts';
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
  engine = await startEmbeddedClickHouse({ dataDir: home });
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

async function read<Path extends keyof ApiAnswers>(
  path: Path,
  query = '',
): Promise<{ readonly answer: ApiAnswers[Path]; readonly turns: number; readonly chunks: number }> {
  const request: HttpRequest = {
    method: 'GET',
    path: path.replace(':traceId', TRACE),
    query,
    header: () => undefined,
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
  const loop = new LoopTurns();
  loop.watch();
  const chunks: Uint8Array[] = [];
  const response = await answerApi(api, request);
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
