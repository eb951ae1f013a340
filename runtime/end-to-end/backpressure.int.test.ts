import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StatusJson } from '../../proto/api/index.ts';
import {
  killPlatformProcesses,
  leftProcessesOf,
  processesOf,
  startPlatformProcess,
  type PlatformProcess,
} from './platform-process.ts';
import { startRetryingLoad, type RunningLoad } from './run-retrying-load.ts';
import { balanceOf, readStoredRequests } from './stored-requests.ts';
import { untilArchived } from './until-archived.ts';
import { fetchApi } from './signed-in.ts';

const ITEMS_PER_REQUEST = 200;
const QUIET = { OPHION_TELEMETRY_SECONDS: '3600', OPHION_ARCHIVE_MAX_AGE_SECONDS: '1' };

let dataDir: string;
let load: RunningLoad | undefined;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ophion-backpressure-'));
});
afterEach(async () => {
  load?.kill();
  killPlatformProcesses();
  await leftProcessesOf(dataDir);
  await rm(dataDir, { recursive: true, force: true });
});

async function startLoad({ ports }: PlatformProcess, pauseMs = 0): Promise<RunningLoad> {
  load = startRetryingLoad({
    httpPort: ports.otlpHttp,
    grpcPort: ports.otlpGrpc,
    itemsPerRequest: ITEMS_PER_REQUEST,
    senders: [
      { transport: 'http', count: 4, pauseMs, backOff: 200 },
      { transport: 'grpc', count: 4, pauseMs, backOff: 200 },
    ],
  });
  await load.started;
  return load;
}

async function statusOf({ ports }: PlatformProcess): Promise<StatusJson> {
  const response = await fetchApi(ports.api, '/api/v1/status');
  return (await response.json()) as StatusJson;
}

async function stop(platform: PlatformProcess): Promise<void> {
  platform.kill('SIGTERM');
  expect((await platform.ended).code).toBe(0);
  await leftProcessesOf(dataDir);
}

describe('while ClickHouse does not answer', () => {
  it('the journal fills, senders wait, windows stay within their budget, and all is archived after', async () => {
    const platform = await startPlatformProcess(dataDir, {
      ...QUIET,
      OPHION_WINDOW_MAX_BYTES: '2MiB',
      OPHION_JOURNAL_MAX_BYTES: '12MiB',
      OPHION_ARCHIVE_MAX_ITEMS: '5000',
    });
    const running = await startLoad(platform);
    await sleep(1_500);
    const engines = await processesOf(dataDir, 'engine-child');
    expect(engines).toHaveLength(1);
    for (const engine of engines) process.kill(engine, 'SIGSTOP');
    await sleep(6_000);
    const full = await statusOf(platform);
    // The archive holds one segment beside, at most.
    expect(full.windowBytes).toBeLessThan(4 * 2 ** 20);
    expect(full.waitingItems).toBeGreaterThan(10_000);
    for (const engine of engines) process.kill(engine, 'SIGCONT');
    const report = await running.end('drain');
    expect(report.wrong).toEqual([]);
    expect(report.attempts.refused).toBeGreaterThan(0);
    expect(report.retryAfterMs.least).toBeGreaterThanOrEqual(1_000);
    expect(report.retryAfterMs.most).toBeLessThanOrEqual(60_000);
    await sleep(2_000);
    await untilArchived(platform.ports.api);
    await stop(platform);
    const balance = balanceOf(report, await readStoredRequests(dataDir), ITEMS_PER_REQUEST);
    expect(balance).toMatchObject({ lost: 0, doubled: 0, strange: 0, stored: balance.acknowledged });
  }, 120_000);

  it('a start with more in the journal than the windows take archives the rest from there', async () => {
    const settings = { ...QUIET, OPHION_ARCHIVE_MAX_ITEMS: '5000' };
    const first = await startPlatformProcess(dataDir, settings);
    const running = await startLoad(first);
    for (const engine of await processesOf(dataDir, 'engine-child')) process.kill(engine, 'SIGSTOP');
    await sleep(2_000);
    first.kill('SIGKILL');
    for (const engine of await processesOf(dataDir, 'engine-child')) process.kill(engine, 'SIGKILL');
    const report = await running.end('stop');
    await first.ended;
    await leftProcessesOf(dataDir);
    const second = await startPlatformProcess(dataDir, { ...settings, OPHION_WINDOW_MAX_BYTES: '2MiB' });
    expect((await statusOf(second)).windowBytes).toBeLessThan(4 * 2 ** 20);
    await untilArchived(second.ports.api);
    await stop(second);
    const balance = balanceOf(report, await readStoredRequests(dataDir), ITEMS_PER_REQUEST);
    expect(balance).toMatchObject({ lost: 0, doubled: 0, strange: 0 });
    expect(balance.acknowledged).toBeGreaterThan(20_000);
  }, 120_000);
});

describe('with the journal off', () => {
  it('a kill loses only what was not archived, and nothing that comes after it', async () => {
    const settings = { ...QUIET, OPHION_JOURNAL_MODE: 'off', OPHION_ARCHIVE_MAX_ITEMS: '2000' };
    for (let round = 0; round < 2; round += 1) {
      const killed = await startPlatformProcess(dataDir, settings);
      const running = await startLoad(killed, 40);
      await sleep(1_000);
      killed.kill('SIGKILL');
      await running.end('stop');
      await killed.ended;
      await leftProcessesOf(dataDir);
    }
    const before = await readStoredRequests(dataDir);
    const platform = await startPlatformProcess(dataDir, settings);
    const running = await startLoad(platform, 40);
    await sleep(1_000);
    const report = await running.end('drain');
    await sleep(2_000);
    await untilArchived(platform.ports.api);
    await stop(platform);
    const stored = await readStoredRequests(dataDir);
    const rows = (all: typeof stored, number: number): number =>
      (['traces', 'metrics', 'logs'] as const).reduce(
        (sum, signal) => sum + (all[signal].get(number)?.rows ?? 0),
        0,
      );
    // Every round counts its requests from 1, and a new process knows nothing of what came before.
    const lacking = (['traces', 'metrics', 'logs'] as const).flatMap((signal) =>
      report.signals[signal].acknowledged.filter(
        (number) => rows(stored, number) - rows(before, number) !== ITEMS_PER_REQUEST,
      ),
    );
    expect(lacking).toEqual([]);
    expect(report.attempts.acknowledged).toBeGreaterThan(20);
  }, 120_000);
});
