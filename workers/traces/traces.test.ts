import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareTraces } from './compare-traces.ts';
import { explainTrace } from './explain-trace.ts';
import { TraceColumnsBuilder, type TraceColumns, type TraceSpan } from './trace-columns.ts';

function span(id: string, parent: string, start: number, end: number, name = id): TraceSpan {
  return {
    spanId: id,
    parentSpanId: parent,
    name,
    kind: 2,
    service: { id: '~~cart' },
    startTimeUnixNano: String(EPOCH + BigInt(start)),
    endTimeUnixNano: String(EPOCH + BigInt(end)),
  };
}

function columnsOf(spans: readonly TraceSpan[]): TraceColumns {
  const builder = new TraceColumnsBuilder(spans.length);
  for (const each of spans) builder.add(each);
  return builder.columns;
}

const EPOCH = 1_700_000_000_000_000_000n;

function criticalPath(spans: readonly TraceSpan[]): { spanId: string; start: number; end: number }[] {
  const begin = spans.reduce((least, each) => {
    const start = BigInt(each.startTimeUnixNano);
    return start < least ? start : least;
  }, 2n ** 63n);
  const { sectionRows, sectionsFromUnixNano, sectionsToUnixNano } = explainTrace(columnsOf(spans));
  return Array.from(sectionRows, (row, i) => ({
    spanId: spans[row]?.spanId ?? '',
    start: Number((sectionsFromUnixNano[i] ?? 0n) - begin),
    end: Number((sectionsToUnixNano[i] ?? 0n) - begin),
  }));
}

/** Any tree, also with spans that begin before and end after their parents. */
const anyTrace = fc
  .array(
    fc.record({ parent: fc.nat({ max: 40 }), start: fc.nat({ max: 100 }), length: fc.nat({ max: 100 }) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  )
  .map((items) =>
    items.map(({ parent, start, length }, i) =>
      i === 0
        ? span('0', '', 0, 100)
        : span(String(i), String(parent % i), start, start + length, `op ${i % 3}`),
    ),
  );

describe('the critical path', () => {
  it('goes back from the end into the child that finished last', () => {
    // A: 0-100; B 10-40 and C 20-60 overlap; D 70-90, in it E 75-80.
    const spans = [
      span('A', '', 0, 100),
      span('B', 'A', 10, 40),
      span('C', 'A', 20, 60),
      span('D', 'A', 70, 90),
      span('E', 'D', 75, 80),
    ];
    expect(criticalPath(spans)).toEqual([
      { spanId: 'A', start: 90, end: 100 },
      { spanId: 'D', start: 80, end: 90 },
      { spanId: 'E', start: 75, end: 80 },
      { spanId: 'D', start: 70, end: 75 },
      { spanId: 'A', start: 60, end: 70 },
      { spanId: 'C', start: 20, end: 60 },
      { spanId: 'A', start: 0, end: 20 },
    ]);
  });

  it('cuts children to the time of their parent', () => {
    const spans = [
      span('A', '', 10, 50),
      span('B', 'A', 0, 20),
      span('C', 'A', 40, 90),
      span('D', 'C', 60, 80),
    ];
    // The trace begins with B, at 0; D lies behind the end of A.
    expect(criticalPath(spans)).toEqual([
      { spanId: 'C', start: 40, end: 50 },
      { spanId: 'A', start: 20, end: 40 },
      { spanId: 'B', start: 10, end: 20 },
    ]);
  });

  it('has sections that touch and are as long as the root, each within its span', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const sections = criticalPath(spans);
        const root = sections[0];
        expect(root).toBeDefined();
        for (const [i, section] of sections.entries()) {
          expect(section.end).toBeGreaterThan(section.start);
          if (i > 0) expect(section.end).toBe(sections[i - 1]?.start);
        }
        const begin = spans.reduce(
          (least, s) => (s.startTimeUnixNano < least ? s.startTimeUnixNano : least),
          '9'.repeat(19),
        );
        const since = (nanos: string): number => Number(BigInt(nanos) - BigInt(begin));
        for (const { spanId, start, end } of sections) {
          const owner = spans.find((each) => each.spanId === spanId);
          expect(start).toBeGreaterThanOrEqual(since(owner?.startTimeUnixNano ?? '0'));
          expect(end).toBeLessThanOrEqual(since(owner?.endTimeUnixNano ?? '0'));
        }
        const total = sections.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(total).toBeGreaterThanOrEqual(100);
      }),
    );
  });

  it('of nothing is nothing, and cycles and repeated ids do not matter', () => {
    expect(criticalPath([])).toEqual([]);
    const loop = [span('A', 'B', 0, 10), span('B', 'A', 0, 10), span('A', '', 0, 99)];
    expect(criticalPath(loop).reduce((sum, { start, end }) => sum + end - start, 0)).toBe(10);
  });

  it('of a chain of 50,000 spans takes no stack', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) =>
      span(i.toString(16), i === 0 ? '' : (i - 1).toString(16), i, 200_000 - i),
    );
    expect(criticalPath(chain)).toHaveLength(99_999);
  });
});

describe('self times', () => {
  it('are what no child covers, nanosecond by nanosecond', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const { selfTimes } = explainTrace(columnsOf(spans));
        for (const [row, each] of spans.entries()) {
          const [start, end] = [
            Number(each.startTimeUnixNano.slice(-6)),
            Number(each.endTimeUnixNano.slice(-6)),
          ];
          let alone = 0;
          for (let at = start; at < end; at += 1) {
            const isCovered = spans.some(
              (child) =>
                child.parentSpanId === each.spanId &&
                Number(child.startTimeUnixNano.slice(-6)) <= at &&
                Number(child.endTimeUnixNano.slice(-6)) > at,
            );
            if (!isCovered) alone += 1;
          }
          expect(selfTimes[row]).toBe(alone);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('what a trace is explained by', () => {
  it('has every row once, longest on the critical path first, and one time for one id', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const twice = [...spans, ...spans.slice(0, 3)];
        const { order, selfTimes, criticalTimes, sectionRows } = explainTrace(columnsOf(twice));
        expect([...order].sort((a, b) => a - b)).toEqual([...twice.keys()]);
        const critical = Array.from(order, (row) => criticalTimes[row] ?? 0);
        expect(critical).toEqual([...critical].sort((a, b) => b - a));
        for (const [row, { spanId }] of spans.slice(0, 3).entries()) {
          expect(twice[spans.length + row]?.spanId).toBe(spanId);
          expect(selfTimes[spans.length + row]).toBe(selfTimes[row]);
          expect(criticalTimes[spans.length + row]).toBe(criticalTimes[row]);
        }
        expect(sectionRows.every((row) => row < spans.length)).toBe(true);
      }),
    );
  });
});

interface Figures {
  readonly spans: number;
  readonly duration: number;
  readonly self: number;
}

/** The paths written out, each with its figures in both traces. */
function compared(
  before: readonly TraceSpan[],
  after: readonly TraceSpan[],
): { path: string[]; before: Figures | undefined; after: Figures | undefined }[] {
  const paths = compareTraces({ before: columnsOf(before), after: columnsOf(after) });
  const pathTo = (path: number): string[] => {
    if (path < 0) return [];
    const [was, is] = [before[paths.before.rows[path] ?? -1], after[paths.after.rows[path] ?? -1]];
    return [...pathTo(paths.parents[path] ?? -1), (was ?? is)?.name ?? ''];
  };
  const figures = (of: typeof paths.before, path: number): Figures | undefined => {
    const spans = of.spans[path] ?? 0;
    if (spans === 0) return undefined;
    return { spans, duration: of.durations[path] ?? 0, self: of.selfTimes[path] ?? 0 };
  };
  return Array.from(paths.parents, (_, path) => ({
    path: pathTo(path),
    before: figures(paths.before, path),
    after: figures(paths.after, path),
  }));
}

describe('two traces', () => {
  it('are compared path by path', () => {
    const before = [
      span('1', '', 0, 100, 'root'),
      span('2', '1', 10, 20, 'query'),
      span('3', '1', 30, 40, 'query'),
    ];
    const after = [
      span('a', '', 0, 150, 'root'),
      span('b', 'a', 10, 90, 'query'),
      span('c', 'b', 20, 30, 'retry'),
    ];
    expect(compared(before, after)).toEqual([
      {
        path: ['root'],
        before: { spans: 1, duration: 100, self: 80 },
        after: { spans: 1, duration: 150, self: 70 },
      },
      {
        path: ['root', 'query'],
        before: { spans: 2, duration: 20, self: 20 },
        after: { spans: 1, duration: 80, self: 70 },
      },
      { path: ['root', 'query', 'retry'], before: undefined, after: { spans: 1, duration: 10, self: 10 } },
    ]);
  });

  it('that are the same differ in nothing, and every span counts once', () => {
    fc.assert(
      fc.property(anyTrace, (spans) => {
        const paths = compared(spans, spans);
        for (const { before, after } of paths) expect(before).toEqual(after);
        expect(paths.reduce((sum, { before }) => sum + (before?.spans ?? 0), 0)).toBe(spans.length);
      }),
    );
  });

  it('of a chain of 50,000 spans are a path each, none of them written out', () => {
    const chain = columnsOf(
      Array.from({ length: 50_000 }, (_, i) =>
        span(i.toString(16), i === 0 ? '' : (i - 1).toString(16), i, 200_000 - i),
      ),
    );
    const { parents, before, after } = compareTraces({ before: chain, after: chain });
    expect(parents).toEqual(Int32Array.from({ length: 50_000 }, (_, i) => i - 1));
    expect(before).toEqual(after);
  });
});
