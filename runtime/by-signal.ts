import type { Signal } from '../proto/columns/index.ts';
import type { Ingest } from './ingest/index.ts';

/** One figure of each signal's counter. */
export function bySignal(
  { counters }: Ingest,
  pick: (counter: Ingest['counters'][Signal]) => number,
): Record<Signal, number> {
  return { traces: pick(counters.traces), metrics: pick(counters.metrics), logs: pick(counters.logs) };
}
