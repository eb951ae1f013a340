import type { Batch, ServiceKey } from '../../proto/columns/index.ts';
import type { LogFilter, LogPosition, Page, TimeRange } from '../../proto/query/index.ts';
import { logJson } from '../../workers/json/index.ts';
import { isWithin, logPredicate, logTime } from '../../workers/scan/index.ts';
import type { LogHit, QueryRun } from '../ports/index.ts';
import { partsByBatch } from './arrivals.ts';
import { forEachBatch } from './for-each-batch.ts';
import type { HotTier } from './hot-tier.ts';

interface RowHit extends LogPosition {
  readonly service: ServiceKey;
  readonly batch: Batch<'logs'>;
  readonly row: number;
}

/** Newest first, and of one moment the last that came first. */
export function compareLogs(a: LogPosition, b: LogPosition): number {
  if (a.timeUnixNano !== b.timeUnixNano) return a.timeUnixNano > b.timeUnixNano ? -1 : 1;
  return b.segment - a.segment || b.ordinal - a.ordinal;
}

/** The first `limit` behind the page's position that match. Rows become JSON only once they are chosen. */
export async function findHotLogs(
  tier: HotTier<'logs'>,
  filter: LogFilter,
  range: TimeRange,
  { limit, after }: Page<LogPosition>,
  run: QueryRun,
): Promise<LogHit[]> {
  const parts = partsByBatch(tier.windows);
  const hits: RowHit[] = [];
  await forEachBatch(tier, range, run, (service, batch) => {
    const matches = logPredicate(filter, batch);
    const { segment = 0, firstOrdinal = 0 } = parts.get(batch) ?? {};
    for (let row = 0; row < batch.rowCount; row += 1) {
      const timeUnixNano = logTime(batch, row);
      if (!isWithin(timeUnixNano, range) || !matches(row)) continue;
      const hit = { timeUnixNano, segment, ordinal: firstOrdinal + row, service, batch, row };
      if (after === undefined || compareLogs(hit, after) > 0) hits.push(hit);
    }
  });
  return hits
    .sort(compareLogs)
    .slice(0, limit)
    .map(({ service, batch, row, timeUnixNano, segment, ordinal }) => ({
      log: logJson(service, batch, row),
      timeUnixNano,
      segment,
      ordinal,
    }));
}

/** The first `limit` of both tiers. */
export function mergeLogs(hot: readonly LogHit[], cold: readonly LogHit[], limit: number): LogHit[] {
  return [...hot, ...cold].sort(compareLogs).slice(0, limit);
}
