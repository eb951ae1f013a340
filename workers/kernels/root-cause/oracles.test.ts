import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  explainRootCauses,
  rankRootCauses,
  syntheticIncident,
  type CallEdge,
  type LogPatternCount,
  type RootCauseInput,
  type SignalSeries,
} from './index.ts';
import { passBlame } from './pass-blame.ts';
import { robustLevel } from './robust-level.ts';

it('blame is what naive walks down every way leave at their ends', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const edge = fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 6 }), share);
  const strengths = fc.array(fc.double({ min: 0, max: 10, noNaN: true }), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(strengths, fc.array(edge, { maxLength: 10 }), (given, list) => {
      // From lower to higher only: no cycles.
      const edges = list
        .filter(([caller, callee]) => caller < callee)
        .map(([caller, callee, explained]) => ({ caller, callee, explained }));
      const naive = given.map(() => 0);
      const walk = (service: number, blame: number): void => {
        const out = edges.filter(({ caller }) => caller === service);
        const explained = out.reduce((sum, each) => sum + each.explained, 0);
        naive[service] = (naive[service] ?? 0) + blame * Math.max(0, 1 - explained);
        for (const each of out) walk(each.callee, (blame * each.explained) / Math.max(1, explained));
      };
      for (const [service, strength] of given.entries()) walk(service, strength);
      const { blame } = passBlame(Float64Array.from(given), edges);
      for (const [service, expected] of naive.entries()) expect(blame[service]).toBeCloseTo(expected, 6);
    }),
  );
});

it('a level is the median, whatever stands between', () => {
  const value = fc.integer({ min: -100, max: 100 });
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), (values) => {
      const sorted = values.toSorted((one, other) => one - other);
      const half = (sorted.length - 1) / 2;
      const median = ((sorted[Math.floor(half)] ?? 0) + (sorted[Math.ceil(half)] ?? 0)) / 2;
      const { center, scale, count } = robustLevel(Float64Array.from([NaN, ...values, Infinity]));
      expect([center, count]).toEqual([median, values.length]);
      expect(scale).toBeGreaterThan(0);
    }),
  );
});

/** Of `web`, which becomes slow; the others are as given. */
function incident(others: readonly SignalSeries[], more: Partial<RootCauseInput> = {}): RootCauseInput {
  const { input } = syntheticIncident({ services: 3, points: 20, seed: 5 });
  return { ...input, ...more, series: [...input.series, ...others] };
}

function expectSane(input: RootCauseInput): void {
  const causes = rankRootCauses(input);
  for (const { score, path, evidence } of causes) {
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual(1);
    expect(path.length).toBeGreaterThan(0);
    expect(evidence.length).toBeGreaterThan(0);
  }
  expect(explainRootCauses(causes)).not.toMatch(/NaN|Infinity|undefined/);
}

const stretch = (times: readonly number[], values: readonly number[]): SignalSeries['normal'] => ({
  ...{ times: Float64Array.from(times), values: Float64Array.from(values) },
});
const TIMES = Array.from({ length: 20 }, (_, at) => at * 10);
const LATER = TIMES.map((time) => 200 + time);

it.each<[string, (at: number) => number, (at: number) => number]>([
  ['a constant', () => 7, () => 7],
  ['a constant that moves', () => 7, () => 8],
  ['the largest', () => 1e300, () => -1e300],
  ['what overflows', (at) => (at % 2 === 0 ? Number.MAX_VALUE : -Number.MAX_VALUE), () => Number.MAX_VALUE],
  ['the smallest', () => 5e-324, () => 1e300],
  ['no numbers', () => NaN, () => NaN],
  ['infinities', () => Infinity, () => -Infinity],
  ['numbers among none', (at) => (at % 3 === 0 ? 1 : NaN), (at) => (at % 3 === 0 ? 90 : Infinity)],
])('a series of %s ends in a sane answer', (_, normalAt, abnormalAt) => {
  for (const kind of ['latency', 'requests', 'errors', 'availability', 'cpu'] as const) {
    const [normal, abnormal] = [
      stretch(
        TIMES,
        TIMES.map((_time, at) => normalAt(at)),
      ),
      stretch(
        LATER,
        LATER.map((_time, at) => abnormalAt(at)),
      ),
    ];
    expectSane(incident([{ service: 'service-001', kind, name: kind, normal, abnormal }]));
  }
});

it.each<[string, readonly number[], readonly number[]]>([
  ['none', [], []],
  ['one', [0], [200]],
  ['doubled', TIMES.map(() => 5), LATER.map(() => 205)],
  ['turned', TIMES.toReversed(), LATER.toReversed()],
  ['no', TIMES.map(() => NaN), LATER.map(() => Infinity)],
  ['too few', [0, 1], LATER],
])('%s times end in a sane answer', (_, times, later) => {
  const of = (count: number, base: number): number[] =>
    Array.from({ length: count }, (_each, at) => base + (at % 3));
  const normal = stretch(times, of(20, 10));
  const abnormal = stretch(later, of(20, 90));
  expectSane(incident([{ service: 'service-001', kind: 'latency', name: 'p95', normal, abnormal }]));
});

it('counts of log patterns that are none, and changes at no time, end in a sane answer', () => {
  const count = fc.constantFrom(NaN, Infinity, -Infinity, -1, 0, 1, 40, 1e300);
  const log: fc.Arbitrary<LogPatternCount> = fc.record({
    ...{
      service: fc.constantFrom('service-000', 'service-001', 'x'),
      pattern: fc.constantFrom('', 'a', '\ud800\0'),
    },
    ...{ isError: fc.boolean(), normal: count, abnormal: count },
  });
  fc.assert(
    fc.property(fc.array(log, { maxLength: 8 }), count, (logs, time) => {
      expectSane(incident([], { logs, changes: [{ service: 'service-001', what: 'v2', time }] }));
    }),
  );
});

it('a chain of 5,000 services, and one that calls 2,000, are answered in a moment', () => {
  const name = (at: number): string => `service-${String(at).padStart(3, '0')}`;
  const chain = Array.from({ length: 5_000 }, (_, at): CallEdge => ({
    caller: name(at),
    callee: name(at + 1),
  }));
  const star = Array.from({ length: 2_000 }, (_, at): CallEdge => ({
    caller: name(0),
    callee: name(at + 1),
  }));
  for (const edges of [
    chain,
    star,
    [...star, ...star.map(({ caller, callee }) => ({ caller: callee, callee: caller }))],
  ]) {
    expectSane(incident([], { edges }));
  }
}, 5_000);

it('a made incident says which service became slow, and that all on the way to it did', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 20 }), fc.nat(), (services, seed) => {
      const { input, cause } = syntheticIncident({ services, points: 12, seed });
      const mean = (values: Float64Array): number =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      const slow = input.series.filter(
        ({ abnormal, normal }) => mean(abnormal.values) > mean(normal.values) + 100,
      );
      const reached = new Set([cause]);
      // Naive: whoever calls what is slow is slow, until nobody is added.
      for (let before = 0; before < reached.size;) {
        before = reached.size;
        for (const { caller, callee } of input.edges) if (reached.has(callee)) reached.add(caller);
      }
      expect(slow.map(({ service, kind }) => `${service} ${kind}`).sort()).toEqual(
        [...reached].map((service) => `${service} latency`).sort(),
      );
    }),
  );
});
