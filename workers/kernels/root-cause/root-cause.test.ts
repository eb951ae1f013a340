import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallEdge, RootCauseInput, SignalSeries, SpanEvidence } from './evidence-input.ts';
import { blamePaths } from './blame-paths.ts';
import { explainRootCauses } from './explain-root-cause.ts';
import { logChanges } from './log-change.ts';
import { passBlame } from './pass-blame.ts';
import { rankRootCauses } from './rank-root-causes.ts';
import { syntheticIncident } from './synthetic-incident.ts';
import { traceChanges } from './trace-change.ts';

const of = (...values: number[]): Float64Array => Float64Array.from(values);

function latency(service: string, normal: Float64Array, abnormal: Float64Array): SignalSeries {
  const stretch = (values: Float64Array, start: number): { times: Float64Array; values: Float64Array } => ({
    times: values.map((_, index) => start + 60 * index),
    values,
  });
  return {
    service,
    kind: 'latency',
    name: 'p50',
    normal: stretch(normal, 0),
    abnormal: stretch(abnormal, 6_000),
  };
}

const USUAL = of(10, 11, 9, 10, 12, 8, 10, 11, 9, 10, 10, 11, 9, 10, 10);
const symptom = { service: 'web', kind: 'latency' } as const;

it('blames the callee whose slowness explains its callers', () => {
  const causes = rankRootCauses({
    edges: [
      { caller: 'web', callee: 'cart' },
      { caller: 'cart', callee: 'store' },
      { caller: 'web', callee: 'search' },
    ],
    series: [
      latency('web', USUAL, of(10, 60, 61, 60)),
      latency('cart', USUAL, of(10, 60, 60, 60)),
      latency('store', USUAL, of(10, 59, 60, 60)),
      latency('search', USUAL, of(10, 14, 14, 14)),
    ],
    symptom,
  });
  expect(causes[0]?.service).toBe('store');
  expect(causes[0]?.signal).toBe('latency');
  expect(causes[0]?.evidence.map(({ type }) => type)).toEqual(['signal', 'explains']);
  expect(explainRootCauses(causes)).toContain('store is the likeliest cause');
  expect(explainRootCauses(causes)).toContain('It explains 100 % of what cart suffers.');
});

it('blames nobody when the symptom is as ever, whatever else moved', () => {
  const series = [latency('web', USUAL, of(10, 11, 10)), latency('cart', USUAL, of(90, 90, 90))];
  expect(rankRootCauses({ edges: [{ caller: 'web', callee: 'cart' }], series, symptom })).toEqual([]);
});

it('a level that shifted before the symptom is not its cause', () => {
  const causes = rankRootCauses({
    edges: [
      { caller: 'web', callee: 'old' },
      { caller: 'web', callee: 'new' },
    ],
    series: [
      latency('web', USUAL, of(10, 10, 60, 60)),
      latency('old', USUAL, of(80, 80, 80, 80)),
      latency('new', USUAL, of(10, 10, 60, 60)),
    ],
    symptom,
  });
  expect(causes.map(({ service }) => service)).toEqual(['new']);
});

it('finds a planted cause first in any graph of calls', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 25 }), fc.integer({ min: 1, max: 1_000_000 }), (services, seed) => {
      const { input, cause } = syntheticIncident({ services, points: 30, seed });
      expect(rankRootCauses(input)[0]?.service).toBe(cause);
    }),
    { numRuns: 60 },
  );
});

it('says the same whatever the order of its inputs', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (seed) => {
      const { input } = syntheticIncident({ services: 12, points: 20, seed });
      const turned = { ...input, edges: [...input.edges].reverse(), series: [...input.series].reverse() };
      expect(rankRootCauses(turned)).toEqual(rankRootCauses(input));
    }),
    { numRuns: 30 },
  );
});

it('cycles, strangers and hostile values end in an answer of finite scores', () => {
  const edges: CallEdge[] = [
    { caller: 'web', callee: 'a' },
    { caller: 'a', callee: 'b' },
    { caller: 'b', callee: 'a' },
    { caller: 'b', callee: 'b' },
    { caller: 'nobody', callee: 'nowhere' },
  ];
  const value = fc.constantFrom(NaN, Infinity, -Infinity, 1e300, -1e300, 0, 10, 60);
  const values = fc.array(value, { maxLength: 12 }).map((list) => Float64Array.from(list));
  fc.assert(
    fc.property(fc.tuple(values, values, values, values), ([normal, abnormal, other, another]) => {
      const causes = rankRootCauses({
        edges,
        series: [
          latency('web', USUAL, of(60, 60)),
          latency('a', normal, abnormal),
          latency('b', other, another),
        ],
        symptom,
      });
      expect(causes.every(({ score }) => score > 0 && score <= 1)).toBe(true);
    }),
  );
});

it('nothing known, nothing blamed', () => {
  expect(explainRootCauses([])).toBe('Nothing is abnormal enough to be blamed.');
  const empty: RootCauseInput = { edges: [], series: [] };
  expect(rankRootCauses(empty)).toEqual([]);
  expect(rankRootCauses({ ...empty, symptom })).toEqual([]);
  expect(rankRootCauses({ ...empty, series: [latency('web', of(), of(5))], symptom })).toEqual([]);
});

it('blame is neither made nor lost, not even in a cycle', () => {
  const { blame } = passBlame(of(1, 2, 3), [
    { caller: 0, callee: 1, explained: 1 },
    { caller: 1, callee: 0, explained: 1 },
    { caller: 0, callee: 2, explained: 0.5 },
  ]);
  expect(blame.reduce((sum, each) => sum + each, 0)).toBeCloseTo(6, 9);
});

const pathsOf = (input: RootCauseInput): Record<string, readonly string[]> =>
  Object.fromEntries(rankRootCauses(input).map(({ service, path }) => [service, path]));

it('says the way of the blame: at a branch the one that carried most, and none to what no blame reached', () => {
  const edges: CallEdge[] = [
    { caller: 'web', callee: 'cart' },
    { caller: 'web', callee: 'search' },
    { caller: 'cart', callee: 'store' },
    { caller: 'search', callee: 'store' },
  ];
  const series = [
    latency('web', USUAL, of(10, 60, 61, 60)),
    latency('cart', USUAL, of(10, 60, 60, 60)),
    latency('search', USUAL, of(10, 18, 18, 18)),
    latency('store', USUAL, of(10, 59, 60, 60)),
    latency('apart', USUAL, of(10, 60, 60, 60)),
  ];
  expect(pathsOf({ edges, series, symptom })).toEqual({
    store: ['web', 'cart', 'store'],
    apart: ['apart'],
  });
  const names: Record<string, string> = { cart: 'search', search: 'cart' };
  const swapped = series.map((each) => ({ ...each, service: names[each.service] ?? each.service }));
  expect(pathsOf({ edges, series: swapped, symptom })['store']).toEqual(['web', 'search', 'store']);
});

it('goes up for load: the way leads from the service that has more to do to who sends it', () => {
  const requests = (service: string, during: number): SignalSeries => ({
    ...latency(service, USUAL, of(10, during, during, during)),
    kind: 'requests',
  });
  const edges: CallEdge[] = [
    { caller: 'store', callee: 'cart' },
    { caller: 'cart', callee: 'web' },
  ];
  const series = [requests('web', 60), requests('cart', 60), requests('store', 60)];
  const load = { service: 'store', kind: 'requests' } as const;
  expect(pathsOf({ edges, series, symptom: load })['web']).toEqual(['store', 'cart', 'web']);
});

it('a way never loops in a cycle, starts at the symptom and takes calls only', () => {
  const edge = (caller: number, callee: number, carried: number) => ({
    ...{ caller, callee, explained: 1, carried },
  });
  expect(
    blamePaths(5, [edge(0, 1, 3), edge(1, 2, 9), edge(2, 1, 9), edge(2, 0, 9), edge(3, 4, 9)], 0),
  ).toEqual([[0], [0, 1], [0, 1, 2], [3], [4]]);
  expect(blamePaths(2, [edge(0, 1, 3)], -1)).toEqual([[0], [1]]);
  expect(blamePaths(2, [edge(0, 1, 0)], 0)).toEqual([[0], [1]]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (seed) => {
      const { input } = syntheticIncident({ services: 12, points: 20, seed });
      const back = input.edges.map(({ caller, callee }) => ({ caller: callee, callee: caller }));
      const calls = [...input.edges, ...back];
      const known = new Set(calls.map(({ caller, callee }) => `${caller} ${callee}`));
      for (const { service, path } of rankRootCauses({ ...input, edges: calls })) {
        expect(path.at(-1)).toBe(service);
        expect(new Set(path).size).toBe(path.length);
        expect(path.length === 1 || path[0] === input.symptom?.service).toBe(true);
        for (const [at, callee] of path.slice(1).entries()) {
          expect(known.has(`${path[at] ?? ''} ${callee}`)).toBe(true);
        }
      }
    }),
    { numRuns: 30 },
  );
});

it('a way is no longer than can be read', () => {
  const chain = Array.from({ length: 99 }, (_, at) => ({
    ...{ caller: at, callee: at + 1, explained: 1, carried: 1 },
  }));
  const lengths = blamePaths(100, chain, 0).map(({ length }) => length);
  expect(Math.max(...lengths)).toBe(32);
  expect(lengths[40]).toBe(1);
});

it('self time: what children do not cover; the service that grew is named', () => {
  const trace = (storeTime: number): SpanEvidence[] => {
    const span = { isError: false, operation: 'get' };
    return [
      { ...span, id: 'r', parent: '', service: 'web', start: 0, duration: 20 + storeTime },
      { ...span, id: 'c', parent: 'r', service: 'web', start: 5, duration: 10 + storeTime },
      { ...span, id: 's', parent: 'c', service: 'store', start: 10, duration: storeTime },
    ];
  };
  const changes = traceChanges(trace(10), trace(110));
  // 100 more in the store, over its span and the half gap before it.
  expect(changes.get('store')).toMatchObject({ addedPerSpan: 50, operation: 'get' });
  expect(changes.get('web')?.slowness).toBe(0);
});

describe('time on the critical path', () => {
  type Span = readonly [id: string, parent: string, service: string, start: number, end: number];
  const spansOf = (spans: readonly Span[]): SpanEvidence[] =>
    spans.map(([id, parent, service, start, end]) => ({
      ...{ id, parent, service, operation: 'do', start, duration: end - start, isError: false },
    }));
  const added = (normal: readonly Span[], abnormal: readonly Span[], symptom?: string) =>
    Object.fromEntries(
      [...traceChanges(spansOf(normal), spansOf(abnormal), symptom)].map(([service, change]) => [
        service,
        change.slowness,
      ]),
    );

  it('is of the child that was waited for, not of one beside it that became slower within its time', () => {
    const trace = (cart: number, stock: number): readonly Span[] => [
      ['r', '', 'web', 0, 200],
      ['c', 'r', 'cart', 10, 10 + cart],
      ['s', 'r', 'stock', 10, 10 + stock],
    ];
    expect(added(trace(20, 180), trace(150, 180))).toMatchObject({ cart: 0, stock: 0, web: 0 });
    const slower = added([...trace(20, 80)], [...trace(20, 180)]);
    expect(slower['stock']).toBeGreaterThan(0);
    expect(slower['cart']).toBe(0);
  });

  it('is not of what was handed over, which has a path of its own, for whoever suffers there', () => {
    const trace = (mail: number): readonly Span[] => [
      ['r', '', 'web', 0, 100],
      ['q', 'r', 'queue', 80, 90],
      ['m', 'q', 'mail', 85, 85 + mail],
      ['t', 'm', 'smtp', 90, 80 + mail],
    ];
    const [before, after] = [trace(200), trace(2_000)];
    expect(added(before, after, 'web')).toEqual({ web: 0, queue: 0 });
    expect(added(before, after, 'mail')).toEqual({ mail: 0, smtp: expect.closeTo(0.9, 1) as number });
    // Nothing is known of this one: all may have to do with it.
    expect(added(before, after, 'elsewhere')['smtp']).toBeGreaterThan(0.5);
  });

  it('of a whole trace is as long as its root, whatever hangs below it', () => {
    const anySpan = fc.record({
      parent: fc.nat({ max: 40 }),
      start: fc.nat({ max: 100 }),
      length: fc.nat({ max: 100 }),
    });
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 30 }), (items) => {
        const spans: Span[] = [['0', '', 'web', 0, 100]];
        for (const [i, { parent, start, length }] of items.entries()) {
          const above = spans[parent % (i + 1)];
          const [from = 0, to = 0] = above === undefined ? [] : [above[3], above[4]];
          // Within its parent.
          const begin = from + Math.min(start, to - from);
          spans.push([String(i + 1), above?.[0] ?? '', `s${i % 4}`, begin, Math.min(to, begin + length)]);
        }
        const empty = spans.map(([id, parent, service]): Span => [id, parent, service, 0, 0]);
        const changes = [...traceChanges(spansOf(empty), spansOf(spans)).values()];
        const slowness = changes.reduce((sum, each) => sum + each.slowness, 0);
        expect(slowness).toBeCloseTo(1, 9);
      }),
    );
  });

  it('stays sane where spans are not: cycles, repeated ids, no times, no end', () => {
    const many = Array.from({ length: 5_000 }, (_, i): Span => [`m${i}`, 'r', 'many', i % 90, (i % 90) + 5]);
    const chain = Array.from({ length: 20_000 }, (_, i): Span => [
      `c${i + 1}`,
      i === 0 ? 'r' : `c${i}`,
      'chain',
      0,
      100,
    ]);
    const hostile: readonly Span[] = [
      ['r', '', 'web', 0, 100],
      ['r', 'r', 'web', 0, 1e300],
      ['a', 'b', 'loop', 0, 50],
      ['b', 'a', 'loop', 0, 50],
      ['self', 'self', 'loop', 0, 50],
      ['n', 'r', 'nan', Number.NaN, 5],
      ['i', 'r', 'nan', 0, Number.POSITIVE_INFINITY],
      ['back', 'r', 'back', 90, 10],
      ...many,
      ...chain,
    ];
    const changes = traceChanges(spansOf(hostile), spansOf(hostile));
    for (const { slowness, addedPerSpan, ownErrors } of changes.values()) {
      expect([slowness, addedPerSpan, ownErrors]).toEqual([0, 0, 0]);
    }
    expect([...changes.keys()].sort()).toEqual(['back', 'chain', 'many', 'web']);
  });
});

it('log patterns: less traffic is no change, a silent path is', () => {
  const count = { service: 'cart', isError: false };
  const changes = logChanges([
    { ...count, pattern: 'in', normal: 100, abnormal: 50 },
    { ...count, pattern: 'out', normal: 100, abnormal: 0 },
    { ...count, pattern: 'read', normal: 100, abnormal: 50 },
    { ...count, pattern: 'failed', isError: true, normal: 0, abnormal: 50 },
  ]).get('cart');
  expect(
    changes
      ?.slice(0, 2)
      .map(({ pattern, kind }) => `${pattern} ${kind}`)
      .sort(),
  ).toEqual(['failed new', 'out gone']);
  expect(changes?.find(({ pattern }) => pattern === 'in')?.surprise).toBeCloseTo(0, 6);
});
