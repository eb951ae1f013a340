import { MOST_MINUTES_BACK } from '../../../proto/api/index.ts';
import { boundsOf, USUAL_RANGE, type TimeRange } from '../../app/time-range.ts';

/** The range that is shown, where all of it can be asked about; otherwise the last quarter of an hour. */
export function askedSpan(shown: TimeRange, nowMs: number): TimeRange {
  const { fromMs, toMs } = boundsOf(shown, nowMs);
  const isHeld = fromMs >= nowMs - 60_000 * MOST_MINUTES_BACK && fromMs < Math.min(toMs, nowMs);
  return isHeld ? shown : USUAL_RANGE;
}
