import type { TimeRange } from '../../../../actors/ports/index.ts';
import { NO_NUMBERS, type SeenResource } from '../../../../workers/otlp-series/index.ts';
import type { Reader } from '../reader.ts';
import { Conditions } from './conditions.ts';
import { lookUp } from './entry-lookup.ts';
import { listed } from './stream-listing.ts';
import { TIME_MS } from './stream-columns.ts';
import { idAt, numbersAt, texts } from './streams.ts';

/** How finely it is told when a resource sent something. */
const SEEN_STEP_NANOS = 15_000_000_000;

export async function seenResources(
  reader: Reader,
  range: TimeRange,
  through: number,
): Promise<SeenResource[]> {
  const where = new Conditions(reader.run, through).within('timeUnixNano', range);
  const blocks = await reader.columns(
    `SELECT resource, groupArray(lastMs) AS times FROM (
       SELECT resource, max(${TIME_MS}) AS lastMs FROM metric_points WHERE ${where.sql}
       GROUP BY resource, intDiv(timeUnixNano, {seenStep:UInt64})
     ) GROUP BY resource`,
    { ...where.parameters, seenStep: SEEN_STEP_NANOS },
  );
  const rows = blocks.flatMap((block) =>
    Array.from({ length: block.rowCount }, (_, row) => ({
      resource: idAt(block, 'resource', row),
      timesMs: numbersAt(block, 'times', row).sort(),
    })),
  );
  const resources = await lookUp(
    reader,
    'resources',
    rows.map(({ resource }) => resource),
  );
  return rows.map(({ resource, timesMs }) => ({
    resource: texts(resources.get(resource).attributes),
    timesMs,
  }));
}

/** `oldestWhole`: see `rolledHours`. */
export async function listResources(
  reader: Reader,
  range: TimeRange,
  through: number,
  oldestWhole: number,
): Promise<SeenResource[]> {
  const rows = await listed(reader, range, through, oldestWhole, (table, where) =>
    reader.records<{ resource: string }>(
      `SELECT DISTINCT resource FROM ${table} WHERE ${where.sql}`,
      where.parameters,
    ),
  );
  const ids = [...new Set(rows.map(({ resource }) => resource))];
  const resources = await lookUp(reader, 'resources', ids);
  return ids.map((id) => ({ resource: texts(resources.get(id).attributes), timesMs: NO_NUMBERS }));
}
