import type { Batch } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';

/** Whether any row of the batch can be within the range. */
export function overlaps(batch: Batch, range: TimeRange): boolean {
  return batch.maxTimeUnixNano >= range.fromUnixNano && batch.minTimeUnixNano < range.toUnixNano;
}

export function isWithin(timeUnixNano: bigint, range: TimeRange): boolean {
  return timeUnixNano >= range.fromUnixNano && timeUnixNano < range.toUnixNano;
}

/** The time by which a log record is found: its own, or when it was observed where it has none. */
export function logTime(batch: Batch<'logs'>, row: number): bigint {
  const time = batch.columns.timeUnixNano[row] ?? 0n;
  return time === 0n ? (batch.columns.observedTimeUnixNano[row] ?? 0n) : time;
}
