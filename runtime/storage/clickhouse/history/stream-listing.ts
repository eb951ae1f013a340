import type { TimeRange } from '../../../../actors/ports/index.ts';
import { HOURS_A_DAY, readingOfRange, wholeHours } from '../../../../workers/hours/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { conditionsOf, rolledHours, type RolledHours } from './rolled-hours.ts';

type Read<Row> = (
  table: 'metric_days' | 'metric_hours' | 'metric_points',
  where: Conditions,
) => Promise<readonly Row[]>;

/**
 * What streams with points in a range are found by: rows of days that lie whole in it, rows of hours beside these, and points
 * beside those. A stream may be found in each. `oldestWhole`: see `rolledHours`.
 */
export async function listed<Row>(
  reader: Reader,
  range: TimeRange,
  through: number,
  oldestWhole: number,
  read: Read<Row>,
): Promise<Row[]> {
  const rolled = await rolledHours(reader, readingOfRange(range), through, oldestWhole);
  const { days, hours } = daysOf(rolled, range);
  const { ofPoints } = conditionsOf(reader, rolled, through);
  const { ofHours } = conditionsOf(reader, { ...rolled, hours }, through);
  const ofDays = new Conditions(reader.run, through).add('day IN {days:Array(Date)}', {
    days: days.map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10)),
  });
  const { run } = reader;
  const pieces = await Promise.all([
    days.length === 0 ? [] : run.timed('cold rollup 1d', () => read('metric_days', ofDays)),
    hours.length === 0 ? [] : run.timed('cold rollup 1h', () => read('metric_hours', ofHours)),
    rolled.points.length === 0 ? [] : run.timed('cold points', () => read('metric_points', ofPoints)),
  ]);
  return pieces.flat();
}

/** Days that lie whole in the range stand for those of their hours that were counted in them. */
function daysOf(
  { hours, inDays }: RolledHours,
  range: TimeRange,
): { readonly days: readonly number[]; readonly hours: readonly number[] } {
  const dayOf = (hour: number): number => Math.floor(hour / HOURS_A_DAY);
  const days = new Set(hours.filter((hour) => inDays.has(hour)).map(dayOf));
  for (const day of days) {
    const [first, last] = [day * HOURS_A_DAY, (day + 1) * HOURS_A_DAY - 1];
    if (wholeHours(readingOfRange(range), [first, last]).length < 2) days.delete(day);
  }
  return {
    days: [...days],
    hours: hours.filter((hour) => !inDays.has(hour) || !days.has(dayOf(hour))),
  };
}
