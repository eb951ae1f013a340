import type { TimeRange } from '../../../../actors/ports/index.ts';
import { hourBounds, wholeHours, withoutHours, type PointReading } from '../../../../workers/hours/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';

/** Where the archive reads metrics for a question: some hours as they are rolled up, the rest from points. */
export interface RolledHours {
  /** In order. */
  readonly hours: readonly number[];
  /** The segment that the rows of each have in `metric_hours`. */
  readonly segments: readonly number[];
  readonly points: readonly TimeRange[];
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
  if (hasNone) return { hours: [], segments: [], points: reading.ranges };
  const rows = await reader.records<{ hour: number; rolled: string }>(
    `SELECT hour, rolled
     FROM (
       SELECT hour, max(segment) AS rolled FROM rolled_hours
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
  return {
    hours,
    segments: hours.map((hour) => segments.get(hour) ?? 0),
    points: withoutHours(reading.ranges, hours),
  };
}

/** Conditions of rows of `metric_hours` that are read, and of the points beside them. */
export function conditionsOf(
  reader: Reader,
  { hours, segments, points }: RolledHours,
  through: number,
): { readonly ofHours: Conditions; readonly ofPoints: Conditions } {
  const ofHours = new Conditions(reader.run, through).add(
    `hour >= {firstHour:UInt32} AND hour <= {lastHour:UInt32}
     AND segment = transform(hour, {hours:Array(UInt32)}, {segments:Array(UInt64)}, toUInt64(0))`,
    { firstHour: hours[0] ?? 0, lastHour: hours.at(-1) ?? 0, hours, segments },
  );
  return { ofHours, ofPoints: new Conditions(reader.run, through).withinAny('timeUnixNano', points, hours) };
}
