import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SIGNALS } from '../../proto/columns/index.ts';
import type { LedgerEntryJson, LedgerJson } from '../../proto/api/index.ts';
import {
  balanceOf,
  leftProcessesOf,
  processesOf,
  readStoredItems,
  readStoredRequests,
  fetchApi,
  startPlatformProcess,
  startRetryingLoad,
  startSdkLoad,
  type RunningSdkLoad,
  type SdkLoadReport,
  untilArchived,
} from '../../runtime/end-to-end/index.ts';
import { median } from '../median.ts';
import { number, optionalNumber, OptionError, readOptions } from '../read-options.ts';
import { plainUnderLoad, type PlainFigures } from './plain-under-load.ts';
import { peakMb } from './peak-memory.ts';

const PLAIN_MOST_SECONDS = 30;
const WINDOW_MB = 256;
const BESIDE_WINDOWS_MB = 512;
const CAP_MB = WINDOW_MB + BESIDE_WINDOWS_MB;
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

/** Applications with the stock SDK, whose exporters retry as they like, in the middle of it. */
const SDK_SERVICES = ['sdk-1', 'sdk-2'] as const;

/** How one round goes. */
interface Round {
  readonly itemsPerRequest: number;
  readonly seconds: number;
  readonly outageSeconds: number;
}

type Figures = Awaited<ReturnType<typeof overload>>;

/**
 * Ten times more than the server can take, of all signals, for a while; in its middle ClickHouse stops answering until
 * the journal is full, for `--outage` seconds. How much memory the server takes, and whether the items sent are those
 * archived, refused, and recognised as sent before: every attempt of a sender counts as sent. Of what the exporters of
 * the OpenTelemetry SDK were told, everything acknowledged must be there, once. The baseline, by turns with it, is a plain receiver under as many
 * senders of as large requests, of spans alone, whose ClickHouse stops answering for half of the time; it is ended when it passes the cap.
 * Memory is the most of any round, books are of all rounds together, and what else is said the median.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    seconds: number(60, 'length of the load'),
    outage: optionalNumber('seconds in its middle that ClickHouse is away; without it half of the load'),
    items: number(1_000, 'items a request'),
    rounds: number(5, 'rounds of each side, by turns'),
  });
  const { items: itemsPerRequest, seconds, outage: outageSeconds = seconds / 2 } = values;
  if (!(seconds > outageSeconds)) throw new OptionError('--seconds must be more than --outage');
  const ours: Figures[] = [];
  const plain: PlainFigures[] = [];
  for (let round = 1; round <= values.rounds; round += 1) {
    process.stderr.write(`round ${round} of ${values.rounds}\n`);
    ours.push(await overload({ itemsPerRequest, seconds, outageSeconds }));
    plain.push(
      await plainUnderLoad({
        itemsPerRequest,
        // It reads no JSON.
        senders: SENDERS.map((senders) => ({
          ...senders,
          transport: senders.transport === 'grpc' ? 'grpc' : 'http',
        })),
        mostMs: Math.min(seconds, PLAIN_MOST_SECONDS) * 1_000,
        capMb: CAP_MB,
      }),
    );
  }
  return {
    maxRssMb: Math.max(...ours.map(({ maxRssMb }) => maxRssMb)),
    medianRssMb: median(ours.map(({ maxRssMb }) => maxRssMb)),
    capMb: CAP_MB,
    engineMaxRssMb: Math.max(...ours.map(({ engineMaxRssMb }) => engineMaxRssMb)),
    ...sumOf(ours.map(({ books }) => books)),
    ledger: sumOf(ours.map(({ ledger }) => ledger)),
    sdk: sumOf(ours.map(({ sdk }) => sdk)),
    retryAfterMs: ours.map(({ retryAfterMs }) => retryAfterMs),
    plain: {
      rounds: plain.length,
      passedCap: plain.filter(({ passedCapAfterSeconds }) => passedCapAfterSeconds !== undefined).length,
      maxRssMb: median(plain.map(({ maxRssMb }) => maxRssMb)),
      seconds: median(plain.map((figures) => figures.seconds)),
      acknowledged: median(plain.map(({ acknowledged }) => acknowledged)),
      unanswered: median(plain.map(({ unanswered }) => unanswered)),
    },
    wrong: ours.flatMap(({ wrong }) => wrong).slice(0, 3),
  };
}

/** One round of the platform, with a data directory of its own. */
async function overload({ itemsPerRequest, seconds, outageSeconds }: Round) {
  const partMs = ((seconds - outageSeconds) * 1_000) / 2;
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
  const applications: RunningSdkLoad[] = [];
  try {
    for (const service of SDK_SERVICES) {
      applications.push(await startSdkLoad({ httpPort: platform.ports.otlpHttp, service }));
    }
    await load.started;
    await sleep(partMs);
    process.kill(engine, 'SIGSTOP');
    await sleep(outageSeconds * 1_000);
    process.kill(engine, 'SIGCONT');
    await sleep(partMs);
    const sdkReports = await Promise.all(applications.map((application) => application.end()));
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
    const sdk = sdkBalance(sdkReports, await readStoredItems(dataDir, SDK_SERVICES));
    const items = (attempts: number): number => attempts * itemsPerRequest;
    const sent = items(report.attempts.sent);
    const refused = items(report.attempts.refused);
    // Sent again with the same bytes: what was kept of it stands among the archived, once.
    const repeated = items(report.attempts.unanswered);
    const rejected = items(report.wrong.length);
    const unreported = sent - (archived + rejected + refused + repeated);
    return {
      maxRssMb,
      engineMaxRssMb,
      ledger,
      books: { unreported, sent, archived, rejected, refused, repeated, ...balance },
      sdk,
      retryAfterMs: report.retryAfterMs,
      wrong: report.wrong,
    };
  } finally {
    load.kill();
    for (const application of applications) application.kill();
    platform.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Field by field, without signs: too many in one round and too few in another are not right together. */
function sumOf<Field extends string>(
  rounds: readonly Readonly<Record<Field, number>>[],
): Record<Field, number> {
  const sums = new Map<string, number>();
  for (const round of rounds) {
    for (const [field, count] of Object.entries<number>(round)) {
      sums.set(field, (sums.get(field) ?? 0) + Math.abs(count));
    }
  }
  return Object.fromEntries(sums) as Record<Field, number>;
}

/** In items, of all applications and signals. */
function sdkBalance(
  reports: readonly SdkLoadReport[],
  stored: Awaited<ReturnType<typeof readStoredItems>>,
): Record<'acknowledged' | 'failed' | 'stored' | 'lost' | 'doubled', number> {
  const balance = { acknowledged: 0, failed: 0, stored: 0, lost: 0, doubled: 0 };
  for (const [i, report] of reports.entries()) {
    for (const signal of SIGNALS) {
      const { acknowledged, failed } = report[signal];
      const { rows = 0, distinct = 0 } = stored[i]?.[signal] ?? {};
      balance.acknowledged += acknowledged;
      balance.failed += failed;
      balance.stored += rows;
      // What an exporter gave up may be there all the same, when only its answer came too late.
      balance.lost += Math.max(0, acknowledged - distinct);
      balance.doubled += rows - distinct;
    }
  }
  return balance;
}

/** The server's own books, of all signals together. */
async function readLedger(apiPort: number): Promise<Record<string, number>> {
  const response = await fetchApi(apiPort, '/api/v1/ledger');
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
