import type { Batch } from '../../proto/columns/index.ts';
import type { LogPosition, Page, SearchExpression, TimeRange } from '../../proto/query/index.ts';
import { logJson } from '../../workers/json/index.ts';
import type { FindLogsInput } from '../../workers/search/index.ts';
import type { LogHit, QueryRun } from '../ports/index.ts';
import { partsWithin, runOptions, type HotPart, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';

/** Newest first, and of one moment the last that came first. */
export function compareLogs(a: LogPosition, b: LogPosition): number {
  if (a.timeUnixNano !== b.timeUnixNano) return a.timeUnixNano > b.timeUnixNano ? -1 : 1;
  return b.segment - a.segment || b.ordinal - a.ordinal;
}

/** The first `limit` behind the page's position that are meant. Rows become JSON only once they are chosen. */
export async function findHotLogs(
  threads: Threads,
  tier: HotTier<'logs'>,
  search: SearchExpression,
  range: TimeRange,
  { limit, after }: Page<LogPosition>,
  run: QueryRun,
): Promise<LogHit[]> {
  const parts = partsWithin(tier, range, run);
  return hitsIn(threads, parts, { search, range, limit, ...(after && { after }) }, run);
}

/** What the task finds in these parts, in the order of answers or, where it is asked so, the other way round. */
export async function hitsIn(
  threads: Threads,
  parts: readonly HotPart[],
  wanted: Omit<FindLogsInput, 'segments' | 'firstOrdinals'>,
  run: QueryRun,
): Promise<LogHit[]> {
  const input = {
    ...wanted,
    segments: Float64Array.from(parts, ({ segment }) => segment),
    firstOrdinals: Float64Array.from(parts, ({ firstOrdinal }) => firstOrdinal),
  };
  const answers = await threads.scan('find-logs', parts, input, runOptions(run));
  const direction = wanted.isOldestFirst === true ? -1 : 1;
  return answers
    .flatMap(({ places, rows, timesUnixNano }) =>
      Array.from(rows).flatMap((row, index) => {
        const part = parts[places[index] ?? 0];
        if (!part) return [];
        const { segment, firstOrdinal } = part;
        return [
          { part, row, segment, ordinal: firstOrdinal + row, timeUnixNano: timesUnixNano[index] ?? 0n },
        ];
      }),
    )
    .sort((a, b) => direction * compareLogs(a, b))
    .slice(0, wanted.limit)
    .map(({ part, row, ...position }) => ({
      ...position,
      log: logJson(part.service, part.batch as Batch<'logs'>, row),
    }));
}

/** The first `limit` of both tiers. */
export function mergeLogs(hot: readonly LogHit[], cold: readonly LogHit[], limit: number): LogHit[] {
  return [...hot, ...cold].sort(compareLogs).slice(0, limit);
}
