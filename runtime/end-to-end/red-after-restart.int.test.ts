import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ServiceRed } from '../../actors/service/index.ts';
import type { ServicesMessage } from '../../actors/services/index.ts';
import type { Platform } from '../platform/index.ts';
import { startTestPlatform } from './test-platform.ts';

let folder: string;
let platform: Platform;

const start = (): Promise<Platform> =>
  startTestPlatform(folder, { OPHION_ARCHIVE_MAX_AGE_SECONDS: '1', OPHION_TELEMETRY_SECONDS: '3600' });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ophion-red-'));
  platform = await start();
});
afterAll(async () => {
  await platform.stop();
  await rm(folder, { recursive: true, force: true });
});

const endSeconds = Math.floor(Date.now() / 1_000) - 600;
let sent = 0;

/** Requests of every kind of duration and outcome, over nine minutes; some of them cross a second, or end on its border. */
async function send(count: number): Promise<void> {
  const spans = Array.from({ length: count }, () => {
    sent += 1;
    const durationNano =
      [1n, 80_000_000n, 499_999_999n, 500_000_000n, 1_900_000_000n, 7_000_000_000n][sent % 6] ?? 0n;
    const end =
      BigInt(endSeconds + ((sent * 37) % 540)) * 1_000_000_000n + (sent % 4 === 0 ? 0n : 123_456_789n);
    return {
      ...{ traceId: sent.toString(16).padStart(32, '1'), spanId: sent.toString(16).padStart(16, '1') },
      ...{ name: `GET /${sent % 5}`, kind: 1 + (sent % 5), status: { code: sent % 7 === 0 ? 2 : 0 } },
      ...(sent % 3 === 0 && { parentSpanId: '2'.repeat(16) }),
      ...{ startTimeUnixNano: String(end - durationNano), endTimeUnixNano: String(end) },
    };
  });
  const service = { key: 'service.name', value: { stringValue: `shop-${sent % 2}` } };
  const response = await fetch(`http://127.0.0.1:${platform.ports.otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceSpans: [{ resource: { attributes: [service] }, scopeSpans: [{ spans }] }],
    }),
  });
  expect(response.status).toBe(200);
}

/** What the rings show of requests, by service, operation and second. */
async function figures(): Promise<Record<string, unknown>> {
  const { system, services } = platform.domain;
  // What no frame has shown is not read.
  await system.ask<ServicesMessage, unknown>(services, (reply) => ({
    ...{ type: 'take-red-changes', sequence: 1, reply },
  }));
  const answers = await system.ask<ServicesMessage, readonly ServiceRed[]>(services, (reply) => ({
    ...{ type: 'read-red', afterSequence: 0, reply },
  }));
  const rows = answers.flatMap(({ id, rows: ofService }) =>
    ofService.map(({ operation, figures: { second, requests, errors, satisfied, tolerated, durations } }) => {
      const quantiles = [0.5, 0.95, 0.99].map((q) => durations.quantileNanos(q));
      return [`${id} ${operation} ${second}`, { requests, errors, satisfied, tolerated, quantiles }] as const;
    }),
  );
  return Object.fromEntries(rows.filter(([, { requests }]) => requests > 0));
}

describe('the figures of the last minutes after a restart', () => {
  it('are what they were, of segments in the archive and of those in the journal, and nothing is there twice', async () => {
    for (let request = 0; request < 10; request += 1) await send(101);
    await vi.waitFor(
      () => {
        expect(platform.domain.progress.through).toBeGreaterThan(0);
      },
      { timeout: 20_000, interval: 100 },
    );
    const inArchive = platform.domain.progress.through;
    await send(55);
    const before = await figures();
    expect(Object.keys(before).length).toBeGreaterThan(1_000);
    await platform.stop();
    platform = await start();
    // The last request is replayed, the others are not.
    expect(platform.domain.budget.holds(inArchive + 1)).toBe(true);
    expect(platform.domain.budget.holds(inArchive)).toBe(false);
    await vi.waitFor(
      async () => {
        expect(await figures()).toEqual(before);
      },
      { timeout: 30_000, interval: 200 },
    );
  });
});
