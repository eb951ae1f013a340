import { describe, expect, it, vi } from 'vitest';
import type { EndedRequests, RedHistory, TimeRange } from '../../actors/ports/index.ts';
import { spawnServicesActor, WindowBudget, type ServicesMessage } from '../../actors/services/index.ts';
import type { ServiceRed } from '../../actors/service/index.ts';
import { startActorSystem } from '../../actors/system/index.ts';
import { refillRed } from './refill-red.ts';

const LIMITS = { deadlineMs: 10_000, maxRowsRead: 1e9, maxBytesRead: 1e9 };
const nowSecond = Math.floor(Date.now() / 1_000);

/** Of each start within the ring a request that took a second; fails as long as it is told to. */
class Archive implements RedHistory {
  isAway = false;
  readonly asked: TimeRange[] = [];

  endedRequests(started: TimeRange, fromSecond: number): Promise<readonly EndedRequests[]> {
    if (this.isAway) return Promise.reject(new Error('the archive is away'));
    this.asked.push(started);
    const [from, to] = [started.fromUnixNano, started.toUnixNano].map((nano) =>
      Number(nano / 1_000_000_000n),
    );
    const ended: EndedRequests[] = [];
    for (let second = Math.max(from ?? 0, fromSecond); second < Math.min(to ?? 0, nowSecond); second += 1) {
      ended.push({
        ...{ service: { namespace: '', name: 'shop', environment: '' }, operation: 'GET /', second },
        ...{ requests: 3, errors: 1, satisfied: 1, tolerated: 1, buckets: [5, 700], counts: [1, 2] },
      });
    }
    return Promise.resolve(ended);
  }
}

function setUp(isAway: boolean, through = 5) {
  const system = startActorSystem(({ error }) => {
    throw error;
  });
  const budget = new WindowBudget({ maxBytes: 1e9, maxAgeMs: 60_000 });
  const services = spawnServicesActor(system, { budget, now: Date.now });
  const archive = new Archive();
  archive.isAway = isAway;
  const progress = { through: 4 };
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (_: unknown, text: string) => void warnings.push(text) };
  const stop = refillRed({
    ...{ history: archive, domain: { system, services, progress }, through, limits: LIMITS },
    ...{ log: log as unknown as Parameters<typeof refillRed>[0]['log'], retryMs: 20 },
  });
  const rows = async () => {
    await system.ask<ServicesMessage, unknown>(services, (reply) => ({
      ...{ type: 'take-red-changes', sequence: 1, reply },
    }));
    const [shop] = await system.ask<ServicesMessage, readonly ServiceRed[]>(services, (reply) => ({
      ...{ type: 'read-red', afterSequence: 0, reply },
    }));
    return shop?.rows ?? [];
  };
  return { system, archive, progress, warnings, stop, rows };
}

describe('rings that are filled from the archive', () => {
  it('wait for the segments that nobody was handed and for an archive that is away, and take each request once', async () => {
    const { system, archive, progress, warnings, stop, rows } = setUp(true);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([await rows(), warnings]).toEqual([[], []]);
    progress.through = 5;
    await vi.waitFor(() => {
      expect(warnings).toEqual(['the figures of the last minutes are not read yet; tried again']);
    });
    archive.isAway = false;
    await vi.waitFor(async () => {
      expect((await rows()).filter(({ operation }) => operation === '').length).toBeGreaterThan(890);
    });
    for (const { figures } of await rows()) {
      expect(figures).toMatchObject({ requests: 3, errors: 1, satisfied: 1, tolerated: 1 });
    }
    const starts = archive.asked.map(({ fromUnixNano }) => fromUnixNano);
    expect(new Set(starts).size).toBe(starts.length);
    await stop();
    system.stop();
  });

  it('are left as they are by a platform that stops meanwhile', async () => {
    const { system, archive, stop, rows } = setUp(false);
    await stop();
    expect([archive.asked, await rows()]).toEqual([[], []]);
    system.stop();
  });

  it('ask nothing of an archive that has nothing', async () => {
    const { system, archive, stop } = setUp(false, 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(archive.asked).toEqual([]);
    await stop();
    system.stop();
  });
});
