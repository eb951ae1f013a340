import type { Arrival, Page, SpanFilter, SpanHit, TimeRange } from '../../proto/query/index.ts';
import type { QueryRun, TelemetryHistory } from '../ports/index.ts';
import { compareText } from './activity.ts';
import { arrivedBy } from './arrivals.ts';
import type { HotTier } from './hot-tier.ts';
import { findHotTraces } from './traces.ts';

export interface TracePage {
  readonly hits: readonly SpanHit[];
  readonly more: boolean;
  readonly asOf: Arrival;
}

interface Search {
  readonly filter: SpanFilter;
  readonly range: TimeRange;
  readonly page: Page<SpanHit>;
  readonly run: QueryRun;
}

/** Newest first, then by trace id. */
export function compareHits(a: SpanHit, b: SpanHit): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) return a.startTimeUnixNano > b.startTimeUnixNano ? -1 : 1;
  return compareText(a.traceId, b.traceId);
}

/**
 * A page of traces, each in the place of its newest span that matches, whichever tier has that. A trace that has spans
 * in both is on one page only: cold ones that the windows put further in front, and hot ones that the archive does,
 * were shown before.
 */
export async function findTracePage(
  tier: HotTier<'traces'>,
  history: TelemetryHistory,
  { filter, range, page, run }: Search,
): Promise<TracePage> {
  const asOf = page.asOf ?? tier.asOf;
  const wanted = page.limit + 1;
  const isBehind = (hit: SpanHit): boolean => page.after === undefined || compareHits(hit, page.after) > 0;
  const hot = await run.timed('hot', () => findHotTraces(arrivedBy(tier, asOf), filter, range, run));
  const found = new Map<string, SpanHit>();

  let after = page.after;
  for (;;) {
    const cold = await run.timed('cold', () =>
      history.findTraces(filter, range, { limit: wanted, asOf, ...(after && { after }) }, tier.through, run),
    );
    for (const hit of cold) {
      const newest = newer(hit, hot.get(hit.traceId));
      if (isBehind(newest)) found.set(hit.traceId, newest);
    }
    if (cold.length < wanted || found.size >= wanted) break;
    after = cold.at(-1);
  }

  const candidates = [...hot.values()]
    .filter((hit) => isBehind(hit) && !found.has(hit.traceId))
    .sort(compareHits);
  for (let from = 0, added = 0; from < candidates.length && added < wanted; from += wanted) {
    const some = candidates.slice(from, from + wanted);
    const shown = page.after === undefined ? new Set() : await inFront(some, page.after);
    for (const hit of some) {
      if (shown.has(hit.traceId)) continue;
      found.set(hit.traceId, hit);
      added += 1;
    }
  }

  async function inFront(hits: readonly SpanHit[], position: SpanHit): Promise<Set<string>> {
    const among = hits.map(({ traceId }) => traceId);
    const cold = await run.timed('cold', () =>
      history.findTraces({ ...filter, among }, range, { limit: among.length, asOf }, tier.through, run),
    );
    return new Set(cold.filter((hit) => compareHits(hit, position) <= 0).map(({ traceId }) => traceId));
  }

  const hits = [...found.values()].sort(compareHits);
  return { hits: hits.slice(0, page.limit), more: hits.length > page.limit, asOf };
}

function newer(a: SpanHit, b: SpanHit | undefined): SpanHit {
  return b && b.startTimeUnixNano > a.startTimeUnixNano ? b : a;
}
