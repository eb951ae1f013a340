import type { Page, SpanHit, TimeRange } from '../../../../actors/ports/index.ts';

/** The first `limit` traces with a span in the range, each by its newest one there; those behind the page's place. */
export type FindWithin = (range: TimeRange, limit: number) => Promise<readonly SpanHit[]>;

/** Of the range, what is looked through first: it mostly has a page, and adds little where it has not. */
const FIRST_SHARE = 32n;
/** So much more is looked through than should do, by what was found so far. */
const MARGIN = 2;

/**
 * A page of traces, found in slices of time, the newest first: what is older than the page is not read. The answer is
 * that of one search through the whole range.
 */
export async function findNewestTraces(
  find: FindWithin,
  range: TimeRange,
  { limit, after }: Pick<Page<SpanHit>, 'limit' | 'after'>,
): Promise<SpanHit[]> {
  const found: SpanHit[] = [];
  const end = endOf(range, after);
  const reach = end - range.fromUnixNano;
  for (let looked = 0n, width = reach / FIRST_SHARE; looked < reach; width = widthAfter(looked)) {
    const fromUnixNano = end - (width <= 0n || width > reach ? reach : width);
    // Behind a place all in front is looked through again: traces with a span there are no hits.
    const toUnixNano = after ? range.toUnixNano : end - looked;
    if (after) found.length = 0;
    const known = new Set(found.map(({ traceId }) => traceId));
    for (const hit of await find({ fromUnixNano, toUnixNano }, limit + known.size)) {
      if (!known.has(hit.traceId)) found.push(hit);
    }
    if (found.length >= limit) break;
    looked = end - fromUnixNano;
  }
  return found.slice(0, limit);

  function widthAfter(looked: bigint): bigint {
    if (found.length === 0) return reach;
    const width = (looked * BigInt(MARGIN * limit)) / BigInt(found.length);
    // What would remain is little: one search less.
    return 2n * width < reach ? width : reach;
  }
}

function endOf({ fromUnixNano, toUnixNano }: TimeRange, after: SpanHit | undefined): bigint {
  if (!after || after.startTimeUnixNano >= toUnixNano) return toUnixNano;
  return after.startTimeUnixNano < fromUnixNano ? fromUnixNano : after.startTimeUnixNano + 1n;
}
