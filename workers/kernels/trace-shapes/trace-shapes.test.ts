import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TraceShapes, type ShapeSpan, type ShapeTrace, type TraceShapesOptions } from './index.ts';

let ids = 0;
interface Call {
  readonly name: string;
  readonly service?: string;
  readonly ms?: number;
  readonly isError?: boolean;
  readonly calls?: readonly Call[];
}

/** A call and all below it, each beginning a millisecond after the one before. */
function spansOf(call: Call, parent = '', start = 0): ShapeSpan[] {
  ids += 1;
  const id = `s${ids}`;
  const { name, service = 'shop', ms = 100, isError = false, calls = [] } = call;
  const below = calls.flatMap((each, at) => spansOf(each, id, start + 1 + at));
  return [{ id, parent, service, operation: name, start, duration: ms, isError }, ...below];
}

function traceOf(call: Call, traceId = `t${ids}`): ShapeTrace {
  return { traceId, spans: spansOf(call) };
}

function shapesOf(traces: readonly ShapeTrace[], options?: TraceShapesOptions) {
  const shapes = new TraceShapes(options);
  for (const trace of traces) shapes.add(trace);
  return shapes;
}

const LEAF = { name: 'SELECT', service: 'db' };

describe('shapes of traces', () => {
  it('are the same whatever the order and number of equal calls, and tell share, latency and failures', () => {
    const calls = [LEAF, { name: 'charge', service: 'pay', calls: [LEAF, LEAF] }, LEAF, LEAF];
    const traces = Array.from({ length: 20 }, (_, at) =>
      traceOf(
        { name: 'GET /cart', ms: at + 1, isError: at < 3, calls: at % 2 ? calls : calls.slice(0, 2) },
        `t${at}`,
      ),
    );
    const others = [traceOf({ name: 'GET /' }, 'other')];
    const found = shapesOf([...traces, ...others]);
    expect(found.traces).toBe(21);
    expect(found.shapes()).toMatchObject([
      {
        ...{ traces: 20, failed: 3, spans: 6, variants: 1, stepsLeftOut: 0 },
        ...{ exampleTraceId: 't0', failedTraceId: 't0' },
        p50Ms: expect.closeTo(10, 0) as number,
        p95Ms: expect.closeTo(19, 0) as number,
        steps: [
          { depth: 0, service: 'shop', operation: 'GET /cart', repeats: 1 },
          { depth: 1, service: 'db', operation: 'SELECT', repeats: 1 },
          { depth: 1, service: 'pay', operation: 'charge', repeats: 1 },
          { depth: 2, service: 'db', operation: 'SELECT', repeats: 2 },
        ],
      },
      { traces: 1, exampleTraceId: 'other', failedTraceId: '' },
    ]);
  });

  it('that differ in one of many calls count together, those of another top or with few calls do not', () => {
    const many = Array.from({ length: 9 }, (_, at) => ({ name: `step ${at}` }));
    const traces = [
      ...[1, 2, 3].map(() => traceOf({ name: 'a', calls: many })),
      traceOf({ name: 'a', calls: [...many, { name: 'once more' }] }),
      traceOf({ name: 'b', calls: many }),
      ...[1, 2].map(() => traceOf({ name: 'few', calls: [{ name: 'hit' }] })),
      traceOf({ name: 'few', calls: [{ name: 'hit' }, { name: 'miss' }] }),
    ];
    expect(
      shapesOf(traces)
        .shapes()
        .map(({ traces: count, variants }) => [count, variants]),
    ).toEqual([
      ...[
        [4, 2],
        [2, 1],
      ],
      ...[
        [1, 1],
        [1, 1],
      ],
    ]);
    expect(shapesOf(traces, { nearness: 2 }).shapes()).toHaveLength(5);
  });

  it('of a trace in pieces are of all its pieces, from the first start to the last end', () => {
    const piece = (start: number): ShapeSpan => ({
      ...{ id: `p${start}`, parent: 'lost', service: 'pay', operation: 'charge', start, duration: 10 },
      isError: false,
    });
    const [shape] = shapesOf([{ traceId: 't', spans: [piece(0), piece(90)] }]).shapes();
    expect(shape).toMatchObject({ spans: 2, steps: [{ operation: 'charge', repeats: 2 }] });
    expect(Math.abs((shape?.p50Ms ?? 0) - 100)).toBeLessThan(1);
  });

  it('keep within their bound, and count what they let go', () => {
    const rare = Array.from({ length: 500 }, (_, at) => traceOf({ name: `rare ${at}` }));
    const usual = Array.from({ length: 500 }, () => traceOf({ name: 'usual' }));
    const found = shapesOf(
      rare.flatMap((each, at) => [each, usual[at] ?? each]),
      { mostShapes: 20 },
    );
    const shapes = found.shapes();
    expect(shapes.length).toBeLessThanOrEqual(40);
    expect(shapes[0]).toMatchObject({ traces: 500, steps: [{ operation: 'usual' }] });
    expect(shapes.reduce((sum, { traces }) => sum + traces, 0) + found.others).toBe(1_000);
  });

  it('have few steps to show, however large a trace is, and stand the deepest', () => {
    const wide = { name: 'top', calls: Array.from({ length: 200 }, (_, at) => ({ name: `${at}` })) };
    expect(shapesOf([traceOf(wide)]).shapes()[0]).toMatchObject({ stepsLeftOut: 137 });
    const deep = Array.from({ length: 50_000 }, (_, at) => ({
      ...{ id: `${at}`, parent: at === 0 ? '' : `${at - 1}`, service: 's', operation: 'o' },
      ...{ start: at, duration: 1, isError: false },
    }));
    expect(shapesOf([{ traceId: 'deep', spans: deep }]).shapes()[0]?.spans).toBe(50_000);
  });
});

describe('shapes of hostile traces', () => {
  const plain: ShapeSpan = {
    ...{ id: 'a', parent: '', service: 's', operation: 'o', start: 0, duration: 1, isError: false },
  };
  const top = { ...plain, id: 'top' };
  const children = (count: number, operationAt: (at: number) => string): ShapeSpan[] =>
    Array.from({ length: count }, (_, at) => ({
      ...{ ...plain, id: `c${at}`, parent: 'top', operation: operationAt(at) },
      start: -at,
    }));

  it.each<[string, readonly ShapeSpan[]]>([
    ['no span', []],
    ['no sound time', [NaN, Infinity, -Infinity].map((start) => ({ ...plain, id: `${start}`, start }))],
    ['no sound duration', [NaN, Infinity, -1].map((duration) => ({ ...plain, id: `${duration}`, duration }))],
    [
      'a cycle alone',
      [
        { ...plain, id: 'a', parent: 'b' },
        { ...plain, id: 'b', parent: 'a' },
      ],
    ],
  ])('none of %s', (_, spans) => {
    expect(shapesOf([{ traceId: 't', spans }])).toMatchObject({ traces: 0, others: 0 });
  });

  it.each<[string, readonly ShapeSpan[], number, number]>([
    ['one span', [plain], 1, 1],
    ['a span that is its own parent', [{ ...plain, parent: 'a' }], 1, 1],
    ['a span that was sent a hundred times', Array.from({ length: 100 }, () => plain), 1, 1],
    ['a parent that is missing', [{ ...plain, parent: 'lost' }], 1, 1],
    ['the longest times', [{ ...plain, start: 1e300, duration: 1e300 }], 1, 1],
    ['5,000 siblings that are the same, turned', [top, ...children(5_000, () => 'x')], 5_001, 2],
    ['5,000 different siblings', [top, ...children(5_000, String)], 5_001, 64],
    ['halves of surrogate pairs and NULs', [{ ...plain, service: '\ud800', operation: '\0' }], 1, 1],
  ])('one of %s', (_, spans, count, steps) => {
    const [shape, ...others] = shapesOf([{ traceId: 't', spans }]).shapes();
    expect(others).toEqual([]);
    expect(shape).toMatchObject({ traces: 1, spans: count });
    expect(shape?.steps).toHaveLength(steps);
    expect([shape?.p50Ms, shape?.p95Ms].every(Number.isFinite)).toBe(true);
  });
});

/** The plain way: a text of each tree, its children's sorted and each once. */
function naiveShape({ spans }: ShapeTrace): string | undefined {
  const sound = spans.filter(
    ({ start, duration }) => Number.isFinite(start) && duration >= 0 && duration < Infinity,
  );
  const unique = sound.filter((span, at) => sound.findIndex(({ id }) => id === span.id) === at);
  const has = (id: string): boolean => unique.some((span) => span.id === id);
  const textOf = (span: ShapeSpan): string => {
    const children = unique.filter(({ id, parent }) => parent === span.id && id !== span.id);
    return JSON.stringify([span.service, span.operation, [...new Set(children.map(textOf))].sort()]);
  };
  const tops = unique.filter(({ id, parent }) => parent === id || !has(parent));
  return tops.length === 0 ? undefined : JSON.stringify([...new Set(tops.map(textOf))].sort());
}

describe('shapes of any traces', () => {
  const number = fc.constantFrom(0, 1, 5, 1e300, -3, Number.NaN, Number.POSITIVE_INFINITY);
  const span = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    parent: fc.constantFrom('', 'a', 'b', 'c', 'd', 'x'),
    service: fc.constantFrom('p', 'q'),
    operation: fc.constantFrom('', 'one', 'two'),
    ...{ start: fc.constantFrom(0, 1, 2), duration: number, isError: fc.boolean() },
  });
  const traces = fc
    .array(fc.array(span, { maxLength: 7 }), { maxLength: 12 })
    .map((lists) => lists.map((spans, at): ShapeTrace => ({ traceId: `t${at}`, spans })));

  it('are those of the plain way, trace by trace', () => {
    fc.assert(
      fc.property(traces, (all) => {
        const naive = new Map<string, number>();
        for (const trace of all) {
          const shape = naiveShape(trace);
          if (shape !== undefined) naive.set(shape, (naive.get(shape) ?? 0) + 1);
        }
        const found = shapesOf(all, { nearness: 2 }).shapes();
        expect(found.map((shape) => shape.traces)).toEqual([...naive.values()].sort((a, b) => b - a));
      }),
      { numRuns: 2_000 },
    );
  });

  it('do not depend on the order of spans, and lose no trace when near ones are merged', () => {
    fc.assert(
      fc.property(traces, fc.nat(), (all, seed) => {
        const turned = all.map(({ traceId, spans }) => {
          const unique = spans.filter(({ id }, at) => spans.findIndex((other) => other.id === id) === at);
          return [
            unique,
            unique.toSorted((a, b) => ((a.id.charCodeAt(0) * seed) % 7) - ((b.id.charCodeAt(0) * seed) % 7)),
          ].map((list) => ({ traceId, spans: list }));
        });
        const [one, other] = [0, 1].map((at) =>
          shapesOf(turned.map((both) => both[at] ?? { traceId: '', spans: [] })),
        );
        expect(other?.shapes()).toEqual(one?.shapes());
        const shapes = one?.shapes() ?? [];
        expect(shapes.reduce((sum, shape) => sum + shape.traces, 0)).toBe(one?.traces);
        for (const { p50Ms, p95Ms, failed, traces: count } of shapes) {
          expect(p50Ms).toBeLessThanOrEqual(p95Ms);
          expect(failed).toBeLessThanOrEqual(count);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
