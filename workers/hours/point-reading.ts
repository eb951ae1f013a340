import type { TimeRange } from '../../proto/query/index.ts';
import {
  hourOf,
  MS_PER_HOUR,
  MS_PER_SLOT,
  rangeOfHour,
  rangeOfMs,
  rangeOfSlot,
  SLOTS_AN_HOUR,
} from './hour.ts';

/** Ranges of one length that end at the steps of a query. */
export interface RangeGrid {
  readonly firstEndMs: number;
  readonly stepMs: number;
  readonly count: number;
  readonly rangeMs: number;
}

/** What must be read so that a function of ranges can be evaluated. */
export interface PointReading {
  /** Apart from each other, oldest first: where points are needed. */
  readonly ranges: readonly TimeRange[];
  /** Hours that must be read point by point, or by the slot, though they lie within those ranges. */
  readonly cut: ReadonlySet<number>;
  /** Slots that must be, of hours that are; without it all of them. */
  readonly cutSlots?: ReadonlySet<number>;
  /** Hours of which neither they nor their slots will do. */
  readonly pointwise?: ReadonlySet<number>;
}

/** Ranges that are told apart; beyond, gaps between them are read, too. */
const MAX_RANGES = 500;
/** Steps that are looked at one by one. */
const MAX_STEPS = 10_000;
const NO_HOURS: ReadonlySet<number> = new Set();

export const readingOfRange = (range: TimeRange): PointReading => ({ ranges: [range], cut: NO_HOURS });

/** Where the ranges of a grid need points; cut are the hours and slots that one of them begins or ends in. */
export function readingOf(grid: RangeGrid): PointReading {
  const ranges = spansOf(grid).map(({ afterMs, untilMs }) => rangeOfMs(afterMs, untilMs));
  return {
    ranges,
    cut:
      grid.count > MAX_STEPS && grid.stepMs <= MS_PER_HOUR / 2
        ? allHours(grid)
        : periodsCut(grid, MS_PER_HOUR),
    ...(grid.count <= MAX_STEPS && { cutSlots: periodsCut(grid, MS_PER_SLOT) }),
  };
}

function periodsCut(grid: RangeGrid, periodMs: number): ReadonlySet<number> {
  const cut = new Set<number>();
  for (let step = 0; step < grid.count; step += 1) {
    const endMs = grid.firstEndMs + step * grid.stepMs;
    for (const border of [Math.floor(endMs), Math.floor(endMs - grid.rangeMs)]) {
      if (border % periodMs !== 0) cut.add(Math.floor(border / periodMs));
    }
  }
  return cut;
}

/** Where two ranges or more begin and end in each hour; not step by step, as a subquery may have any number of them. */
function allHours({ firstEndMs, stepMs, count, rangeMs }: RangeGrid): ReadonlySet<number> {
  const cut = new Set<number>();
  const lastEndMs = firstEndMs + (count - 1) * stepMs;
  for (const back of [0, rangeMs]) {
    const last = Math.floor((lastEndMs - back) / MS_PER_HOUR);
    // Hours before 1970 have no points.
    const first = Math.max(0, Math.floor((firstEndMs - back) / MS_PER_HOUR));
    for (let hour = first; hour <= last; hour += 1) cut.add(hour);
  }
  return cut;
}

interface Span {
  readonly afterMs: number;
  readonly untilMs: number;
}

function spansOf({ firstEndMs, stepMs, count, rangeMs }: RangeGrid): Span[] {
  const spanAt = (step: number, last: number): Span => ({
    afterMs: Math.floor(firstEndMs + step * stepMs - rangeMs),
    untilMs: Math.floor(firstEndMs + last * stepMs),
  });
  if (count === 0) return [];
  if (rangeMs >= stepMs || count > MAX_RANGES) return [spanAt(0, count - 1)];
  return Array.from({ length: count }, (_, step) => spanAt(step, step));
}

/** The first and the last hour that may lie whole within a reading. */
export function hourBounds({ ranges }: PointReading): { readonly first: number; readonly last: number } {
  const [first, last] = [ranges[0]?.fromUnixNano ?? 0n, ranges.at(-1)?.toUnixNano ?? 0n];
  const hours = (nanos: bigint): number => Math.max(0, hourOf(Number(nanos / 1_000_000n)));
  return { first: hours(first), last: hours(last) };
}

/** Those of some hours that lie whole within one of the ranges and need not be read otherwise; in order. */
export function wholeHours({ ranges, cut, pointwise }: PointReading, hours: Iterable<number>): number[] {
  return whole(
    ranges,
    [...hours].filter((hour) => !cut.has(hour) && pointwise?.has(hour) !== true),
    rangeOfHour,
  );
}

/**
 * So much of what is read of an hour must be in slots: where less is, points are read in pieces, which takes longer than to read
 * them all (decision 6 of ClickHouse's).
 */
const LEAST_IN_SLOTS = 0.75;

/**
 * Of the slots of some hours, in order, those that lie whole within one of the ranges and need not be read point by point, of hours
 * in which these are most of what is read; in order.
 */
export function wholeSlots(
  { ranges, cutSlots, pointwise }: PointReading,
  hours: readonly number[],
): number[] {
  if (!cutSlots) return [];
  let next = 0;
  return hours.flatMap((hour) => {
    if (pointwise?.has(hour) === true) return [];
    const { fromUnixNano, toUnixNano } = rangeOfHour(hour);
    while (next < ranges.length && (ranges[next]?.toUnixNano ?? 0n) <= fromUnixNano) next += 1;
    const within: TimeRange[] = [];
    for (let at = next; at < ranges.length; at += 1) {
      const range = ranges[at];
      if (!range || range.fromUnixNano >= toUnixNano) break;
      within.push(range);
    }
    const slots = Array.from({ length: SLOTS_AN_HOUR }, (_, at) => hour * SLOTS_AN_HOUR + at);
    const found = whole(
      within,
      slots.filter((slot) => !cutSlots.has(slot)),
      rangeOfSlot,
    );
    const readMs = within.reduce((sum, range) => sum + overlapMs(range, { fromUnixNano, toUnixNano }), 0);
    return found.length * MS_PER_SLOT >= LEAST_IN_SLOTS * readMs ? found : [];
  });
}

function overlapMs(one: TimeRange, other: TimeRange): number {
  const from = one.fromUnixNano > other.fromUnixNano ? one.fromUnixNano : other.fromUnixNano;
  const to = one.toUnixNano < other.toUnixNano ? one.toUnixNano : other.toUnixNano;
  return Math.max(0, Number((to - from) / 1_000_000n));
}

function whole(
  ranges: readonly TimeRange[],
  periods: readonly number[],
  rangeOf: (period: number) => TimeRange,
): number[] {
  const sorted = periods.filter((period) => period > 0).sort((a, b) => a - b);
  let next = 0;
  return sorted.filter((period) => {
    const { fromUnixNano, toUnixNano } = rangeOf(period);
    while (next < ranges.length && (ranges[next]?.toUnixNano ?? 0n) < toUnixNano) next += 1;
    const range = ranges[next];
    return range !== undefined && range.fromUnixNano <= fromUnixNano;
  });
}

/** What remains of ranges, each apart from the others and oldest first, when whole hours of them (in order) are taken out. */
export function withoutHours(ranges: readonly TimeRange[], hours: readonly number[]): TimeRange[] {
  return without(ranges, hours.map(rangeOfHour));
}

/** The same of slots. */
export function withoutSlots(ranges: readonly TimeRange[], slots: readonly number[]): TimeRange[] {
  return without(ranges, slots.map(rangeOfSlot));
}

function without(ranges: readonly TimeRange[], taken: readonly TimeRange[]): TimeRange[] {
  const rest: TimeRange[] = [];
  let next = 0;
  for (const { fromUnixNano, toUnixNano } of ranges) {
    let from = fromUnixNano;
    for (let one = taken[next]; one && one.toUnixNano <= toUnixNano; one = taken[(next += 1)]) {
      if (one.fromUnixNano > from) rest.push({ fromUnixNano: from, toUnixNano: one.fromUnixNano });
      from = one.toUnixNano;
    }
    if (from < toUnixNano) rest.push({ fromUnixNano: from, toUnixNano });
  }
  return rest;
}
