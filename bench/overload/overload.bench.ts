import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LedgerEntryJson, LedgerJson } from '../../proto/api/index.ts';
import {
  balanceOf,
  leftProcessesOf,
  processesOf,
  readStoredRequests,
  startPlatformProcess,
  startRetryingLoad,
  untilArchived,
} from '../../runtime/end-to-end/index.ts';

const WINDOW_MB = 256;
const BESIDE_WINDOWS_MB = 512;
const SETTINGS = {
  OPHION_WINDOW_MAX_BYTES: `${WINDOW_MB}MiB`,
  // Full within seconds once ClickHouse is away.
  OPHION_JOURNAL_MAX_BYTES: '96MiB',
  OPHION_ARCHIVE_MAX_ITEMS: '100000',
  OPHION_ARCHIVE_MAX_AGE_SECONDS: '5',
  OPHION_TELEMETRY_SECONDS: '3600',
};
/** Eight connections are as much as the server can take; this is ten times that, and some do not wait when told to. */
const SENDERS = [
  { transport: 'http', count: 32, pauseMs: 0, backOff: 'as-told' },
  { transport: 'http-json', count: 4, pauseMs: 0, backOff: 'as-told' },
  { transport: 'grpc', count: 32, pauseMs: 0, backOff: 'as-told' },
  { transport: 'http', count: 8, pauseMs: 0, backOff: 0 },
  { transport: 'grpc', count: 8, pauseMs: 0, backOff: 0 },
] as const;

/**
 * Ten times more than the server can take, of all signals, for a while; in its middle ClickHouse stops answering until
 * the journal is full. How much memory the server takes, and whether the items sent are those archived, refused, and
 * recognised as sent before: every attempt of a sender counts as sent.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '60' }, items: { type: 'string', default: '1000' } },
  });
  const itemsPerRequest = Number(values.items);
  const partMs = (Number(values.seconds) * 1_000) / 4;
  const folder = await mkdtemp(join(tmpdir(), 'ophion-overload-'));
  const dataDir = join(folder, 'data');
  const platform = await startPlatformProcess(dataDir, SETTINGS);
  const [engine = 0] = await processesOf(dataDir, 'engine-child');
  const load = startRetryingLoad({
    httpPort: platform.ports.otlpHttp,
    grpcPort: platform.ports.otlpGrpc,
    itemsPerRequest,
    senders: SENDERS,
  });
  try {
    await load.started;
    await sleep(partMs);
    process.kill(engine, 'SIGSTOP');
    await sleep(2 * partMs);
    process.kill(engine, 'SIGCONT');
    await sleep(partMs);
    const report = await load.end('drain');
    // The open segment is sealed by then.
    await sleep(7_000);
    await untilArchived(platform.ports.api);
    const ledger = await readLedger(platform.ports.api);
    const [maxRssMb, engineMaxRssMb] = [await peakMb(platform.pid), await peakMb(engine)];
    platform.kill('SIGTERM');
    await platform.ended;
    await leftProcessesOf(dataDir);
    const { stored: archived, ...balance } = balanceOf(
      report,
      await readStoredRequests(dataDir),
      itemsPerRequest,
    );
    const items = (attempts: number): number => attempts * itemsPerRequest;
    const sent = items(report.attempts.sent);
    const refused = items(report.attempts.refused);
    // Sent again with the same bytes: what was kept of it stands among the archived, once.
    const repeated = items(report.attempts.unanswered);
    const rejected = items(report.wrong.length);
    return {
      maxRssMb,
      capMb: WINDOW_MB + BESIDE_WINDOWS_MB,
      engineMaxRssMb,
      unreported: sent - (archived + rejected + refused + repeated),
      ledger,
      sent,
      archived,
      rejected,
      refused,
      repeated,
      ...balance,
      retryAfterMs: report.retryAfterMs,
      wrong: report.wrong.slice(0, 3),
    };
  } finally {
    load.kill();
    platform.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The server's own books, of all signals together. */
async function readLedger(apiPort: number): Promise<Record<string, number>> {
  const response = await fetch(`http://127.0.0.1:${apiPort}/api/v1/ledger`);
  const { signals } = (await response.json()) as LedgerJson;
  const total = (pick: (entry: LedgerEntryJson) => number): number =>
    Object.values(signals).reduce((sum, entry) => sum + pick(entry), 0);
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((items, count) => items + count, 0);
  return {
    sent: total(({ sent }) => sent),
    archived: total(({ archived }) => archived),
    waiting: total(({ waiting }) => waiting),
    rejected: total(({ rejected }) => sum(rejected)),
    refused: total(({ refused }) => sum(refused)),
    repeated: total(({ repeated }) => repeated),
    unexplained: total(({ unexplained }) => unexplained),
  };
}

/** The most that was ever resident of a process; Linux only. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
}
