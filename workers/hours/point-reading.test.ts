import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimeRange } from '../../proto/query/index.ts';
import { hourOf, MS_PER_HOUR, MS_PER_SLOT, rangeOfHour, rangeOfSlot, SLOTS_AN_HOUR } from './hour.ts';
import {
  hourBounds,
  readingOf,
  readingOfRange,
  wholeHours,
  wholeSlots,
  withoutHours,
  withoutSlots,
  type PointReading,
} from './point-reading.ts';

const BASE_MS = 1_000 * MS_PER_HOUR;
/** All that lie whole in what is read. */
function hoursOf(reading: PointReading): number[] {
  const { first, last } = hourBounds(reading);
  return wholeHours(
    reading,
    Array.from({ length: last - first + 3 }, (_, at) => first + at - 1),
  );
}
const ms = (nanos: bigint): number => Number(nanos / 1_000_000n);

describe('what is read for ranges', () => {
  const grids = fc.record({
    firstEndMs: fc.oneof(
      fc.integer({ min: 0, max: 20 }).map((hours) => BASE_MS + hours * MS_PER_HOUR),
      fc.integer({ min: BASE_MS, max: BASE_MS + 20 * MS_PER_HOUR }),
    ),
    stepMs: fc.constantFrom(0, 60_000, 600_000, MS_PER_HOUR, 2 * MS_PER_HOUR, 5_000_000),
    count: fc.integer({ min: 1, max: 12 }),
    rangeMs: fc.constantFrom(300_000, 3_500_000, MS_PER_HOUR, 3 * MS_PER_HOUR, 7_777_777),
  });

  it('holds every sample of every range, and no range cuts a whole hour', () => {
    fc.assert(
      fc.property(grids, (grid) => {
        const reading = readingOf(grid);
        const { ranges } = reading;
        const hours = hoursOf(reading);
        for (let step = 0; step < grid.count; step += 1) {
          const endMs = grid.firstEndMs + step * grid.stepMs;
          const startMs = endMs - grid.rangeMs;
          const holds = (time: number): boolean =>
            ranges.some(({ fromUnixNano, toUnixNano }) => ms(fromUnixNano) <= time && time < ms(toUnixNano));
          expect(holds(startMs + 1) && holds(endMs)).toBe(true);
          for (const hour of hours) {
            const [after, until] = [hour * MS_PER_HOUR, (hour + 1) * MS_PER_HOUR];
            const isWithin = after >= startMs && until <= endMs;
            const isBeside = until <= startMs || after >= endMs;
            expect(isWithin || isBeside).toBe(true);
          }
        }
        for (const [at, range] of ranges.entries()) {
          expect(range.fromUnixNano >= (ranges[at - 1]?.toUnixNano ?? 0n)).toBe(true);
        }
      }),
    );
  });

  it('without hours has all the rest and nothing of them', () => {
    fc.assert(
      fc.property(grids, fc.infiniteStream(fc.boolean()), (grid, takes) => {
        const reading = readingOf(grid);
        const { ranges } = reading;
        const hours = hoursOf(reading);
        const taken = hours.filter(() => takes.next().value);
        const rest = withoutHours(ranges, taken);
        const lengthOf = (list: typeof ranges): bigint =>
          list.reduce((sum, { fromUnixNano, toUnixNano }) => sum + toUnixNano - fromUnixNano, 0n);
        expect(lengthOf(rest)).toBe(lengthOf(ranges) - lengthOf(taken.map(rangeOfHour)));
        for (const hour of taken) {
          const { fromUnixNano, toUnixNano } = rangeOfHour(hour);
          expect(
            rest.every((range) => range.toUnixNano <= fromUnixNano || range.fromUnixNano >= toUnixNano),
          ).toBe(true);
        }
      }),
    );
  });

  it('has slots that no range cuts, of hours of which they are most', () => {
    let found = 0;
    fc.assert(
      fc.property(grids, (grid) => {
        const reading = readingOf(grid);
        const { first, last } = hourBounds(reading);
        const hours = Array.from({ length: last - first + 1 }, (_, at) => first + at);
        const slots = wholeSlots(reading, hours);
        found += slots.length;
        for (const slot of slots) {
          const [after, until] = [slot * MS_PER_SLOT, (slot + 1) * MS_PER_SLOT];
          for (let step = 0; step < grid.count; step += 1) {
            const endMs = grid.firstEndMs + step * grid.stepMs;
            const startMs = endMs - grid.rangeMs;
            expect((after >= startMs && until <= endMs) || until <= startMs || after >= endMs).toBe(true);
          }
        }
        expect(slots).toEqual([...new Set(slots)].sort((a, b) => a - b));
        const rest = withoutSlots(reading.ranges, slots);
        const lengthOf = (list: readonly TimeRange[]): bigint =>
          list.reduce((sum, { fromUnixNano, toUnixNano }) => sum + toUnixNano - fromUnixNano, 0n);
        expect(lengthOf(reading.ranges) - lengthOf(rest)).toBe(lengthOf(slots.map(rangeOfSlot)));
        const pointwise = new Set(hours.slice(0, 2));
        const fewer = wholeSlots({ ...reading, pointwise }, hours);
        expect(fewer).toEqual(slots.filter((slot) => !pointwise.has(Math.floor(slot / SLOTS_AN_HOUR))));
      }),
    );
    expect(found).toBeGreaterThan(100);
  });

  it('has no slots of an hour that would be read in pieces beside them', () => {
    const grid = { firstEndMs: BASE_MS, stepMs: 600_000, count: 30 };
    const hours = Array.from({ length: 8 }, (_, at) => 998 + at);
    expect(wholeSlots(readingOf({ ...grid, rangeMs: 615_000 }), hours)).toEqual([]);
    expect(wholeSlots(readingOf({ ...grid, rangeMs: 600_000 }), hours).length).toBeGreaterThan(50);
  });

  it('of many steps cuts every hour that one of them begins or ends in', () => {
    for (const stepMs of [60_000, MS_PER_HOUR / 2]) {
      const grid = { firstEndMs: BASE_MS + 7, stepMs, count: 12_000, rangeMs: 300_000 };
      const { cut } = readingOf(grid);
      for (let step = 0; step < grid.count; step += 1) {
        const endMs = grid.firstEndMs + step * stepMs;
        for (const border of [endMs, endMs - grid.rangeMs]) {
          if (!cut.has(Math.floor(border / MS_PER_HOUR))) expect.fail(`${border} cuts nothing`);
        }
      }
      expect(cut.size).toBeLessThan((grid.count * stepMs) / MS_PER_HOUR + 3);
    }
  });

  it('of a subquery of any number of steps is known at once', () => {
    const years = 290 * 365 * 24 * MS_PER_HOUR;
    const { cut, ranges } = readingOf({
      firstEndMs: BASE_MS - years,
      stepMs: 1,
      count: years,
      rangeMs: 60_000,
    });
    expect(ranges).toEqual([{ fromUnixNano: 0n, toUnixNano: BigInt(BASE_MS) * 1_000_000n }]);
    expect(cut.size).toBe(1_000);
  });

  it('lies within what nanoseconds of 64 bits reach', () => {
    const { ranges } = readingOf({ firstEndMs: 8e15, stepMs: 0, count: 1, rangeMs: 9e15 });
    expect(ranges).toEqual([{ fromUnixNano: 0n, toUnixNano: 2n ** 64n - 1n }]);
  });

  it('an hour holds its end, and not its beginning', () => {
    expect([0, 1, MS_PER_HOUR, MS_PER_HOUR + 1].map(hourOf)).toEqual([-1, 0, 0, 1]);
    const { fromUnixNano, toUnixNano } = rangeOfHour(7);
    const within = (range: TimeRange): number[] => wholeHours(readingOfRange(range), [9, 7, 8, 6, 0]);
    expect(within({ fromUnixNano, toUnixNano })).toEqual([7]);
    expect(within({ fromUnixNano: fromUnixNano + 1n, toUnixNano })).toEqual([]);
    expect(within({ fromUnixNano, toUnixNano: toUnixNano - 1n })).toEqual([]);
    expect(within({ fromUnixNano: 0n, toUnixNano })).toEqual([6, 7]);
    expect(hourBounds(readingOfRange({ fromUnixNano: 0n, toUnixNano: 2n ** 63n })).first).toBe(0);
  });
});
