import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceActivityJson } from '../../proto/api/index.ts';
import { NUMBERED } from './numbered-requests.ts';
import {
  leftProcessesOf,
  processesOf,
  startPlatformProcess,
  type PlatformProcess,
} from './platform-process.ts';
import { startRetryingLoad } from './run-retrying-load.ts';
import { balanceOf, readStoredRequests, type Balance } from './stored-requests.ts';
import { untilArchived } from './until-archived.ts';
import { fetchApi } from './signed-in.ts';

export interface CrashTrialOptions {
  readonly dataDir: string;
  readonly kills: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly onKill?: (count: number, moment: string) => void;
}

export interface CrashReport extends Balance {
  readonly kills: number;
  /** Attempts that ended without a reply, and were made again with the same bytes. */
  readonly unanswered: number;
  /** Items that the API counts in the end. */
  readonly counted: number;
  readonly wrong: readonly string[];
}

const ITEMS_PER_REQUEST = 200;
const LONGEST_LIFE_MS = 4_000;
const SETTINGS = {
  // Many segments, so that a kill meets every step of one.
  OPHION_ARCHIVE_MAX_AGE_SECONDS: '1',
  OPHION_TELEMETRY_SECONDS: '3600',
};

/**
 * Kills the platform again and again under load, at random moments of its start and its work, sometimes with its
 * ClickHouse engine, and counts in the end what ClickHouse has. Senders repeat the same bytes until they are
 * acknowledged.
 */
export async function runCrashTrial(options: CrashTrialOptions): Promise<CrashReport> {
  const { dataDir, kills, onKill } = options;
  const [httpPort = 0, grpcPort = 0] = await freePorts(2);
  const settings = {
    ...SETTINGS,
    OPHION_OTLP_HTTP_PORT: String(httpPort),
    OPHION_OTLP_GRPC_PORT: String(grpcPort),
    ...options.settings,
  };
  const load = startRetryingLoad({
    httpPort,
    grpcPort,
    itemsPerRequest: ITEMS_PER_REQUEST,
    senders: [
      { transport: 'http', count: 3, pauseMs: 20, backOff: 50, lostReplies: 0.05 },
      { transport: 'http-json', count: 1, pauseMs: 20, backOff: 50 },
      { transport: 'grpc', count: 4, pauseMs: 20, backOff: 50 },
    ],
  });
  try {
    await load.started;
    for (let kill = 1; kill <= kills; kill += 1) {
      // Every fifth ends while it starts.
      const moment =
        kill % 5 === 0 ? await killStarting(dataDir, settings) : await killWorking(dataDir, settings);
      onKill?.(kill, moment);
    }
    const last = await startPlatformProcess(dataDir, settings);
    await sleep(500);
    const report = await load.end('drain');
    // Whatever was open is sealed by then.
    await sleep(2_500);
    await untilArchived(last.ports.api);
    const counted = await countedBy(last);
    last.kill('SIGTERM');
    await last.ended;
    await leftProcessesOf(dataDir);
    const balance = balanceOf(report, await readStoredRequests(dataDir), ITEMS_PER_REQUEST);
    return { ...balance, kills, counted, unanswered: report.attempts.unanswered, wrong: report.wrong };
  } finally {
    load.kill();
  }
}

type PlatformSettings = Readonly<Record<string, string>>;

async function killWorking(dataDir: string, settings: PlatformSettings): Promise<string> {
  const platform = await startPlatformProcess(dataDir, settings);
  const afterMs = Math.round(Math.random() * LONGEST_LIFE_MS);
  await sleep(afterMs);
  const engines = Math.random() < 0.5 ? await processesOf(dataDir, 'engine-child') : [];
  platform.kill('SIGKILL');
  for (const engine of engines) process.kill(engine, 'SIGKILL');
  await platform.ended;
  return `${afterMs} ms after it was ready${engines.length > 0 ? ', with its engine' : ''}`;
}

async function killStarting(dataDir: string, settings: PlatformSettings): Promise<string> {
  const afterMs = Math.round(300 + Math.random() * LONGEST_LIFE_MS);
  const starting = startPlatformProcess(dataDir, settings);
  const started = starting.then(
    (platform) => {
      platform.kill('SIGKILL');
    },
    () => undefined,
  );
  await sleep(afterMs);
  for (const id of await processesOf(dataDir)) if (isAlive(id)) process.kill(id, 'SIGKILL');
  await started;
  await leftProcessesOf(dataDir);
  return `${afterMs} ms after its start`;
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

async function countedBy({ ports }: PlatformProcess): Promise<number> {
  const from = '2023-11-14T00:00:00Z';
  const response = await fetchApi(ports.api, `/api/v1/services?from=${from}`);
  if (!response.ok) throw new Error(`the overview answered ${response.status}: ${await response.text()}`);
  const { services } = (await response.json()) as { services: ServiceActivityJson[] };
  const found = services.find(({ name }) => name === NUMBERED.service);
  return found ? found.spans + found.logs + found.points : 0;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
