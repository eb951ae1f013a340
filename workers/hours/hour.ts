import type { Batch } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';

export const MS_PER_HOUR = 3_600_000;
export const HOURS_A_DAY = 24;
export const MS_PER_SLOT = 300_000;
export const SLOTS_AN_HOUR = MS_PER_HOUR / MS_PER_SLOT;
const NANOS_PER_MS = 1_000_000n;

/**
 * The hour of a moment, counted from 1970. Hours hold their end and not their beginning, to the millisecond, as
 * ranges of PromQL do: hour h is (h · 3,600,000 ms, (h + 1) · 3,600,000 ms].
 */
export function hourOf(ms: number): number {
  return Math.ceil(ms / MS_PER_HOUR) - 1;
}

/** Times of points of an hour: what is within a millisecond belongs to it. */
export function rangeOfHour(hour: number): TimeRange {
  return rangeOfMs(hour * MS_PER_HOUR, (hour + 1) * MS_PER_HOUR);
}

/** The same of a slot: five minutes, counted from 1970, that hold their end and not their beginning. */
export function rangeOfSlot(slot: number): TimeRange {
  return rangeOfMs(slot * MS_PER_SLOT, (slot + 1) * MS_PER_SLOT);
}

const MOST_UINT64 = 2n ** 64n - 1n;

/**
 * Times of points after one whole millisecond and up to another. No point lies before 1970, or beyond what nanoseconds
 * of 64 bits reach (2554): queries may ask there, with milliseconds for seconds or with offsets.
 */
export function rangeOfMs(afterMs: number, untilMs: number): TimeRange {
  const nanos = (ms: number): bigint => {
    const found = BigInt(Math.max(0, Math.floor(ms) + 1)) * NANOS_PER_MS;
    return found > MOST_UINT64 ? MOST_UINT64 : found;
  };
  return { fromUnixNano: nanos(afterMs), toUnixNano: nanos(untilMs) };
}

/** The hours that points of these batches belong to. Those before 1970 and in the first hour of it are none. */
export function hoursOfPoints(batches: Iterable<Batch<'metrics'>>): Set<number> {
  const hours = new Set<number>();
  for (const { columns, rowCount, minTimeUnixNano, maxTimeUnixNano } of batches) {
    const first = hourOf(Number(minTimeUnixNano / NANOS_PER_MS));
    if (first > 0) hours.add(first);
    if (maxTimeUnixNano < rangeOfHour(first).toUnixNano) continue;
    const { timeUnixNano } = columns;
    let known: TimeRange = { fromUnixNano: 0n, toUnixNano: rangeOfHour(0).toUnixNano };
    for (let row = 0; row < rowCount; row += 1) {
      const time = timeUnixNano[row] ?? 0n;
      if (time >= known.fromUnixNano && time < known.toUnixNano) continue;
      const hour = hourOf(Number(time / NANOS_PER_MS));
      if (hour <= 0) continue;
      hours.add(hour);
      known = rangeOfHour(hour);
    }
  }
  return hours;
}
