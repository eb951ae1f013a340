import type { TimeRange } from '../../../../actors/ports/index.ts';
import {
  hourBounds,
  SLOTS_AN_HOUR,
  wholeHours,
  wholeSlots,
  withoutHours,
  withoutSlots,
  type PointReading,
} from '../../../../workers/hours/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';

/** Where the archive reads metrics for a question: some hours and slots as they are rolled up, the rest from points. */
export interface RolledHours {
  /** In order; so are slots. */
  readonly hours: readonly number[];
  readonly slots: readonly number[];
  /** The segment that the rows of hours and of their slots have in `metric_hours` and `metric_slots`. */
  readonly segments: ReadonlyMap<number, number>;
  readonly points: readonly TimeRange[];
  /** Those of the hours whose streams are in `metric_days`. */
  readonly inDays: ReadonlySet<number>;
}

/**
 * Which hours of a reading hold just what the points of segments up to `through` hold: those that no later segment
 * touched than the one they were rolled up through. Points of hours before `oldestWhole` may be dropped already, and what
 * came too late for those is in no rollup.
 */
export async function rolledHours(
  reader: Reader,
  reading: PointReading,
  through: number,
  oldestWhole: number,
): Promise<RolledHours> {
  const { first, last } = hourBounds(reading);
  const hasNone = last - first <= 2 && wholeHours(reading, [first, first + 1, last]).length === 0;
  if (hasNone && !reading.cutSlots) return { ...NO_HOURS, points: reading.ranges };
  const rows = await reader.records<{ hour: number; rolled: string; slots: number; days: number }>(
    `SELECT hour, rolled, days, slots AND hour >= {oldestWhole:UInt32} AS slots
     FROM (
       SELECT hour, max(segment) AS rolled, argMax(hasSlots, segment) AS slots, argMax(inDays, segment) AS days
       FROM rolled_hours
       WHERE segment <= {through:UInt64} AND hour >= {first:UInt32} AND hour <= {last:UInt32} GROUP BY hour
     ) AS rolls
     LEFT JOIN (
       SELECT hour, max(segment) AS touched FROM touched_hours
       WHERE hour >= {first:UInt32} AND hour <= {last:UInt32} GROUP BY hour
     ) AS touches USING (hour)
     WHERE touched <= rolled OR hour < {oldestWhole:UInt32}`,
    { through, first, last, oldestWhole },
  );
  const segments = new Map(rows.map(({ hour, rolled }) => [hour, Number(rolled)]));
  const hours = wholeHours(reading, segments.keys());
  const beside = withoutHours(reading.ranges, hours);
  const taken = new Set(hours);
  const slots = wholeSlots(
    reading,
    rows.flatMap((row) => (row.slots === 1 && !taken.has(row.hour) ? [row.hour] : [])).sort((x, y) => x - y),
  );
  const inDays = new Set(rows.filter(({ days }) => days === 1).map(({ hour }) => hour));
  return { hours, slots, segments, points: withoutSlots(beside, slots), inDays };
}

const NO_HOURS = {
  hours: [],
  slots: [],
  segments: new Map<number, number>(),
  inDays: new Set<number>(),
};

/** Conditions of rows of `metric_hours` and `metric_slots` that are read, and of the points beside them. */
export function conditionsOf(
  reader: Reader,
  { hours, slots, segments, points }: Omit<RolledHours, 'inDays'>,
  through: number,
): { readonly ofHours: Conditions; readonly ofSlots: Conditions; readonly ofPoints: Conditions } {
  const of = (column: 'hour' | 'slot', periods: readonly number[], hourOf: (period: number) => number) =>
    new Conditions(reader.run, through).add(
      `${column} >= {first:UInt32} AND ${column} <= {last:UInt32}
       AND segment = transform(${column}, {periods:Array(UInt32)}, {segments:Array(UInt64)}, toUInt64(0))`,
      {
        ...{ first: periods[0] ?? 0, last: periods.at(-1) ?? 0, periods },
        segments: periods.map((period) => segments.get(hourOf(period)) ?? 0),
      },
    );
  return {
    ofHours: of('hour', hours, (hour) => hour),
    ofSlots: of('slot', slots, (slot) => Math.floor(slot / SLOTS_AN_HOUR)),
    ofPoints: new Conditions(reader.run, through).withinAny('timeUnixNano', points, { hours, slots }),
  };
}
