import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch, ServiceKey, Signal } from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import { overlaps } from '../../workers/scan/index.ts';
import type { QueryRun } from '../ports/index.ts';
import type { HotTier } from './hot-tier.ts';

/** Rows between two turns of the event loop; some milliseconds of scanning. */
const TURN_ROWS = 65_536;

/** Visits the batches that overlap the range, counts them as read, and stops when the run is aborted. */
export async function forEachBatch<S extends Signal>(
  tier: HotTier<S>,
  range: TimeRange,
  run: QueryRun,
  visit: (service: ServiceKey, batch: Batch<S>) => void,
): Promise<void> {
  let sinceTurn = 0;
  for (const { service, parts } of tier.windows) {
    for (const { batch, sizeBytes } of parts) {
      if (!overlaps(batch, range)) continue;
      run.signal.throwIfAborted();
      run.countRead('hot', batch.rowCount, sizeBytes);
      visit(service, batch);
      sinceTurn += batch.rowCount;
      if (sinceTurn < TURN_ROWS) continue;
      sinceTurn = 0;
      await nextTurn();
    }
  }
}
