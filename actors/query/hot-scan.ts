import type { Signal } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import type { RunOptions, ScanPart, TaskRunner, Tasks } from '../../workers/pool/index.ts';
import { overlaps } from '../../workers/scan/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { HotTier } from './hot-tier.ts';

export type Threads = TaskRunner<Tasks>;

export interface HotPart extends ScanPart {
  /** Of the batch's first item, among those of its signal in the segment. */
  readonly firstOrdinal: number;
}

/** Parts of the hot tier that can hold rows of a range, a service's newest first or last; counted as read. */
export function partsWithin<S extends Signal>(
  tier: HotTier<S>,
  range: TimeRange | undefined,
  run: QueryRun,
  order: 'newest-first' | 'oldest-first' = 'newest-first',
): readonly HotPart[] {
  const found: HotPart[] = [];
  let rows = 0;
  let bytes = 0;
  for (const { service, parts } of tier.windows) {
    for (let index = 0; index < parts.length; index += 1) {
      const part = parts[order === 'oldest-first' ? index : parts.length - 1 - index];
      if (!part || (range && !overlaps(part.batch, range))) continue;
      const { segment, batch, firstOrdinal, sizeBytes } = part;
      rows += batch.rowCount;
      bytes += sizeBytes;
      found.push({ service, segment, batch, firstOrdinal });
    }
  }
  run.countRead('hot', rows, bytes);
  return found;
}

export function runOptions({ signal, limits }: QueryRun): RunOptions {
  return { signal, deadlineMs: limits.deadlineMs };
}
