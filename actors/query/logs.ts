import type { LogJson } from '../../proto/api/index.ts';
import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import type { LogFilter, TimeRange } from '../../proto/query/index.ts';
import { logJson } from '../../workers/json/index.ts';
import { isWithin, logPredicate, logTime } from '../../workers/scan/index.ts';
import type { QueryRun } from '../ports/index.ts';
import { forEachBatch } from './for-each-batch.ts';
import type { HotTier } from './hot-tier.ts';

interface Hit {
  readonly time: bigint;
  readonly service: ServiceKey;
  readonly batch: Batch<'logs'>;
  readonly row: number;
}

/** The newest `limit` that match, newest first. Rows become JSON only once they are chosen. */
export async function findHotLogs(
  tier: HotTier<'logs'>,
  filter: LogFilter,
  range: TimeRange,
  limit: number,
  run: QueryRun,
): Promise<LogJson[]> {
  const hits: Hit[] = [];
  await forEachBatch(tier, range, run, (service, batch) => {
    const matches = logPredicate(filter, batch);
    for (let row = 0; row < batch.rowCount; row += 1) {
      const time = logTime(batch, row);
      if (isWithin(time, range) && matches(row)) hits.push({ time, service, batch, row });
    }
  });
  return hits
    .sort((a, b) => Number(b.time > a.time) - Number(b.time < a.time))
    .slice(0, limit)
    .map(({ service, batch, row }) => logJson(service, batch, row));
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
