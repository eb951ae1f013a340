import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SpanHit, TimeRange } from '../../../../actors/ports/index.ts';
import { findNewestTraces } from './newest-traces.ts';

function compare(a: SpanHit, b: SpanHit): number {
  if (a.startTimeUnixNano !== b.startTimeUnixNano) return a.startTimeUnixNano > b.startTimeUnixNano ? -1 : 1;
  return a.traceId < b.traceId ? -1 : Number(a.traceId > b.traceId);
}

/** As the archive's statement finds them. */
function findIn(
  spans: readonly SpanHit[],
  { fromUnixNano, toUnixNano }: TimeRange,
  after?: SpanHit,
): SpanHit[] {
  const newest = new Map<string, SpanHit>();
  for (const span of spans) {
    if (span.startTimeUnixNano < fromUnixNano || span.startTimeUnixNano >= toUnixNano) continue;
    const known = newest.get(span.traceId);
    if (!known || known.startTimeUnixNano < span.startTimeUnixNano) newest.set(span.traceId, span);
  }
  return [...newest.values()].filter((hit) => !after || compare(hit, after) > 0).sort(compare);
}

const anySpan = fc.record({
  traceId: fc.nat({ max: 30 }).map(String),
  startTimeUnixNano: fc.bigInt({ min: 0n, max: 2_000n }),
});

async function search(
  spans: readonly SpanHit[],
  range: TimeRange,
  page: { readonly limit: number; readonly after?: SpanHit },
): Promise<{ readonly found: SpanHit[]; readonly asked: TimeRange[] }> {
  const asked: TimeRange[] = [];
  const found = await findNewestTraces(
    (slice, limit) => {
      asked.push(slice);
      return Promise.resolve(findIn(spans, slice, page.after).slice(0, limit));
    },
    range,
    page,
  );
  return { found, asked };
}

describe('a page of traces', () => {
  it('is what one search through the whole range finds, on every page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anySpan, { maxLength: 200 }),
        fc.bigInt({ min: 0n, max: 2_000n }),
        fc.bigInt({ min: 0n, max: 2_000n }),
        fc.integer({ min: 1, max: 12 }),
        async (spans, fromUnixNano, lengthNanos, limit) => {
          const range = { fromUnixNano, toUnixNano: fromUnixNano + lengthNanos };
          let after: SpanHit | undefined;
          for (let pages = 0; pages < 40; pages += 1) {
            const place = after && { after };
            const { found, asked } = await search(spans, range, { limit, ...place });
            expect(found).toEqual(findIn(spans, range, after).slice(0, limit));
            expect(asked.length).toBeLessThanOrEqual(12);
            if (found.length === 0) break;
            after = found.at(-1);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('is not searched for behind its last trace', async () => {
    const spans = Array.from({ length: 100_000 }, (_, i) => ({
      traceId: String(i),
      startTimeUnixNano: BigInt(i),
    }));
    const range = { fromUnixNano: 0n, toUnixNano: 100_000n };
    const first = await search(spans, range, { limit: 50 });
    expect(first.asked).toEqual([{ fromUnixNano: 96_875n, toUnixNano: 100_000n }]);
    const sparse = spans.filter((_, i) => i % 1_000 === 0);
    const { asked, found } = await search(sparse, range, { limit: 10 });
    expect(found).toHaveLength(10);
    // As far as twenty should take.
    expect(asked).toEqual([
      { fromUnixNano: 96_875n, toUnixNano: 100_000n },
      { fromUnixNano: 79_167n, toUnixNano: 96_875n },
    ]);
  });

  it('takes two searches to find that there is nothing', async () => {
    const { asked, found } = await search([], { fromUnixNano: 0n, toUnixNano: 6_400n }, { limit: 5 });
    expect(found).toEqual([]);
    expect(asked).toEqual([
      { fromUnixNano: 6_200n, toUnixNano: 6_400n },
      { fromUnixNano: 0n, toUnixNano: 6_200n },
    ]);
  });
});
