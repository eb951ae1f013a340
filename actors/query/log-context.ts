import type { Batch } from '../../proto/columns/index.ts';
import { serviceIdOf } from '../../proto/columns/index.ts';
import { EVERYTHING } from '../../proto/query/index.ts';
import { logJson } from '../../workers/json/index.ts';
import { logTime } from '../../workers/scan/index.ts';
import type {
  LogHit,
  LogPosition,
  LogSide,
  LogStream,
  QueryRun,
  StreamLog,
  TelemetryHistory,
  TimeRange,
} from '../ports/index.ts';
import { partsWithin, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';
import { compareLogs, hitsIn } from './logs.ts';

export interface LogContext {
  /** The record asked for and those beside it, oldest first; none when there is no such record. */
  readonly logs: readonly LogHit[];
  /** Of the record asked for in `logs`; −1 when there is no such record. */
  readonly at: number;
  /** There are older ones in the stream. */
  readonly moreBefore: boolean;
  readonly moreAfter: boolean;
}

interface ContextSource {
  readonly threads: Threads;
  readonly history: TelemetryHistory;
  readonly tier: HotTier<'logs'>;
}

const NOTHING: LogContext = { logs: [], at: -1, moreBefore: false, moreAfter: false };

/** What stands around a record in its stream, over both tiers. */
export async function logContext(
  source: ContextSource,
  place: LogPosition,
  wanted: { readonly before: number; readonly after: number },
  run: QueryRun,
): Promise<LogContext> {
  const found = await recordAt(source, place, run);
  if (!found) return NOTHING;
  const beside = (side: LogSide, limit: number): Promise<LogHit[]> =>
    besideOf(source, found.stream, place, side, limit + 1, run);
  const [older, newer] = await Promise.all([beside('older', wanted.before), beside('newer', wanted.after)]);
  const before = older.slice(0, wanted.before).reverse();
  return {
    logs: [...before, found.hit, ...newer.slice(0, wanted.after)],
    at: before.length,
    moreBefore: older.length > wanted.before,
    moreAfter: newer.length > wanted.after,
  };
}

async function recordAt(
  { history, tier }: ContextSource,
  place: LogPosition,
  run: QueryRun,
): Promise<StreamLog | undefined> {
  if (place.segment <= tier.through) {
    return run.timed('cold', () => history.logAt(place, tier.through, run));
  }
  for (const { service, parts } of tier.windows) {
    for (const { segment, firstOrdinal, batch } of parts) {
      const row = place.ordinal - firstOrdinal;
      if (segment !== place.segment || row < 0 || row >= batch.rowCount) continue;
      if (logTime(batch, row) !== place.timeUnixNano) return undefined;
      const resource = resourceEntry(batch, row);
      return { hit: { ...place, log: logJson(service, batch, row) }, stream: { service, resource } };
    }
  }
  return undefined;
}

function resourceEntry({ columns, dictionary }: Batch<'logs'>, row: number): Uint8Array {
  const { offsets, bytes } = dictionary.tables.resources;
  const code = columns.resource[row] ?? 0;
  return bytes.slice(offsets[code] ?? 0, offsets[code + 1] ?? 0);
}

async function besideOf(
  { threads, history, tier }: ContextSource,
  stream: LogStream,
  place: LogPosition,
  side: LogSide,
  limit: number,
  run: QueryRun,
): Promise<LogHit[]> {
  const range = rangeOf(place, side);
  const id = serviceIdOf(stream.service);
  const windows = tier.windows.filter(({ service }) => serviceIdOf(service) === id);
  const parts = partsWithin({ ...tier, windows }, range, run);
  const isOldestFirst = side === 'newer';
  const { resource } = stream;
  const input = { search: EVERYTHING, range, limit, after: place, isOldestFirst, resource };
  const [hot, cold] = await Promise.all([
    run.timed('hot', () => hitsIn(threads, isOldestFirst ? parts.toReversed() : parts, input, run)),
    run.timed('cold', () =>
      history.logsBeside(stream, place, side, { limit, asOf: tier.asOf }, tier.through, run),
    ),
  ]);
  const direction = isOldestFirst ? -1 : 1;
  return [...hot, ...cold].sort((a, b) => direction * compareLogs(a, b)).slice(0, limit);
}

function rangeOf({ timeUnixNano }: LogPosition, side: LogSide): TimeRange {
  return side === 'older'
    ? { fromUnixNano: 0n, toUnixNano: timeUnixNano + 1n }
    : { fromUnixNano: timeUnixNano, toUnixNano: 2n ** 64n };
}
