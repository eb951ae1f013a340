import type { LogJson } from '../../proto/api/index.ts';
import type { Batch } from '../../proto/columns/index.ts';
import type { SearchExpression, TimeRange } from '../../proto/query/index.ts';
import { logJson } from '../../workers/json/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { partsWithin, runOptions, type Threads } from './hot-scan.ts';
import type { HotTier } from './hot-tier.ts';

/** The newest `limit` that are meant, newest first. Rows become JSON only once they are chosen. */
export async function findHotLogs(
  threads: Threads,
  tier: HotTier<'logs'>,
  search: SearchExpression,
  range: TimeRange,
  limit: number,
  run: QueryRun,
): Promise<LogJson[]> {
  const parts = partsWithin(tier, range, run);
  const answers = await threads.scan('find-logs', parts, { search, range, limit }, runOptions(run));
  return answers
    .flatMap(({ places, rows, timesUnixNano }) =>
      Array.from(rows, (row, index) => ({
        row,
        part: parts[places[index] ?? 0],
        time: timesUnixNano[index] ?? 0n,
      })),
    )
    .sort((a, b) => Number(b.time > a.time) - Number(b.time < a.time))
    .slice(0, limit)
    .flatMap(({ part, row }) => (part ? [logJson(part.service, part.batch as Batch<'logs'>, row)] : []));
}

/** The newest `limit` of both tiers, newest first. */
export function mergeLogs(hot: readonly LogJson[], cold: readonly LogJson[], limit: number): LogJson[] {
  return [...hot, ...cold]
    .map((log) => ({ log, time: timeOf(log) }))
    .sort((a, b) => Number(b.time > a.time) - Number(b.time < a.time))
    .slice(0, limit)
    .map(({ log }) => log);
}

function timeOf(log: LogJson): bigint {
  const time = BigInt(log.timeUnixNano);
  return time === 0n ? BigInt(log.observedTimeUnixNano) : time;
}
