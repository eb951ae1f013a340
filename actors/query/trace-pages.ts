import type { Page, SpanHit } from '../../proto/query/index.ts';
import { compareText } from './activity.ts';

/** One tier's spans that match, as of one moment; a trace stands where its newest one does. */
export interface TraceSource {
  /**
   * The first `limit` traces that have a span behind `after`, each by the newest of those, in the order of
   * `compareHits`. Traces that have one in front, too, may be left out.
   */
  behind(after: SpanHit | undefined, limit: number): Promise<readonly SpanHit[]>;
  /** The newest span of each of these traces that has one. */
  newestOf(traceIds: readonly string[]): Promise<readonly SpanHit[]>;
}

/** Newest first, then by trace id. */
export function compareHits(a: SpanHit, b: SpanHit): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) return a.startTimeUnixNano > b.startTimeUnixNano ? -1 : 1;
  return compareText(a.traceId, b.traceId);
}

/**
 * A page of traces, and one more when there are more. A trace with spans in several tiers stands where the newest of them
 * all does, and so on one page only: one that a tier has in front of the page was shown before.
 */
export async function findTracePage(
  sources: readonly TraceSource[],
  { limit, after: begin }: Page<SpanHit>,
): Promise<readonly SpanHit[]> {
  const wanted = limit + 1;
  const found = new Map<string, SpanHit>();
  let after = begin;
  for (;;) {
    const from = after;
    const answers = await Promise.all(sources.map((source) => source.behind(from, wanted)));
    // A source that gave all it was asked for may have more behind its last: nothing beyond is certain yet.
    const ends = answers.flatMap((hits) => (hits.length < wanted ? [] : hits.slice(-1))).sort(compareHits);
    const end = ends[0];
    const candidates = new Map<string, SpanHit>();
    for (const hit of answers.flat()) {
      if (end && compareHits(hit, end) > 0) continue;
      candidates.set(hit.traceId, newer(hit, candidates.get(hit.traceId)));
    }
    for (const hit of await notInFront(sources, begin, [...candidates.values()])) {
      if (!found.has(hit.traceId)) found.set(hit.traceId, hit);
    }
    if (!end || found.size >= wanted) break;
    after = end;
  }
  return [...found.values()].sort(compareHits).slice(0, wanted);
}

async function notInFront(
  sources: readonly TraceSource[],
  position: SpanHit | undefined,
  hits: readonly SpanHit[],
): Promise<readonly SpanHit[]> {
  if (!position || hits.length === 0) return hits;
  const traceIds = hits.map(({ traceId }) => traceId);
  const newest = (await Promise.all(sources.map((source) => source.newestOf(traceIds)))).flat();
  const inFront = new Set(
    newest.filter((hit) => compareHits(hit, position) <= 0).map(({ traceId }) => traceId),
  );
  return hits.filter(({ traceId }) => !inFront.has(traceId));
}

function newer(a: SpanHit, b: SpanHit | undefined): SpanHit {
  return b && b.startTimeUnixNano > a.startTimeUnixNano ? b : a;
}
