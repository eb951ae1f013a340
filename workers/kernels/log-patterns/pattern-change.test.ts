import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { absenceOf, noveltyOf, riseOf } from './index.ts';

const cells = (length: number, value: (at: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, at) => value(at));
const steady = (value: number, length = 60): Float64Array => cells(length, () => value);

/** Numbers from 0 to 1 that are the same for the same seed. */
function seeded(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function poisson(mean: number, random: () => number): number {
  let count = 0;
  for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1;
  return count;
}

describe('a rise', () => {
  it('is many times the usual, for a while', () => {
    const risen = cells(60, (at) => (at >= 57 ? 60 : 5));
    expect(riseOf({ pattern: risen, all: steady(1_000) })).toMatchObject({ observed: 180, cells: 3 });
    expect(riseOf({ pattern: risen, all: steady(1_000) })?.nats).toBeGreaterThan(100);
  });

  it('is none where all records of the service rise, it came as often before, or it is one burst', () => {
    const risen = cells(60, (at) => (at >= 57 ? 60 : 5));
    expect(riseOf({ pattern: risen, all: cells(60, (at) => (at >= 57 ? 1_200 : 100)) })).toBeUndefined();
    const before = cells(60, (at) => (at >= 57 || (at > 20 && at < 25) ? 60 : 5));
    expect(riseOf({ pattern: before, all: steady(1_000) })).toBeUndefined();
    const burst = cells(60, (at) => (at === 58 ? 180 : 5));
    expect(riseOf({ pattern: burst, all: steady(1_000) })).toBeUndefined();
    expect(riseOf({ pattern: cells(12, (at) => (at >= 9 ? 60 : 5)), all: steady(100, 12) })).toBeUndefined();
  });
});

describe('an absence', () => {
  it('is of what came steadily, while the service goes on', () => {
    const gone = cells(60, (at) => (at >= 50 ? 0 : 6));
    expect(absenceOf({ pattern: gone, all: steady(100) })).toMatchObject({ observed: 0, cells: 10 });
    expect(absenceOf({ pattern: gone, all: steady(100) })?.nats).toBeCloseTo((10 * 100 * 6) / 94, 0);
    // Nothing comes of the service at all.
    expect(absenceOf({ pattern: gone, all: cells(60, (at) => (at >= 50 ? 0 : 100)) })?.nats).toBe(0);
  });

  it('is none after a silence as long as others, or of what was there for a while alone', () => {
    const paused = cells(60, (at) => (at >= 50 || (at > 8 && at < 14) ? 0 : 6));
    expect(absenceOf({ pattern: paused, all: steady(100) })).toBeUndefined();
    const episode = cells(60, (at) => (at >= 30 && at < 50 ? 6 : 0));
    expect(absenceOf({ pattern: episode, all: steady(100) })).toBeUndefined();
  });
});

it('novelty is what would have come before', () => {
  expect(noveltyOf(3, 100, 5_000)).toBe(150);
  expect(noveltyOf(3, 5_000, 5_000)).toBe(3);
  expect(noveltyOf(3, 0, 5_000)).toBe(0);
  expect(noveltyOf(3, 10, 0)).toBe(0);
});

describe('beside naive oracles', () => {
  interface Cell {
    readonly own: number;
    readonly all: number;
  }
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  /** ln of a Poisson probability, by the factorial. */
  const lnPoisson = (count: number, mean: number): number =>
    sum(Array.from({ length: count }, (_, at) => Math.log(mean / (at + 1)))) - mean;

  function usualOf(some: readonly Cell[]) {
    const known = some.filter(({ all }) => all > 0);
    const own = sum(known.map((cell) => cell.own));
    const others = sum(known.map((cell) => cell.all - cell.own));
    const ratio = others > 0 ? (own + 0.5) / others : 0;
    const squares = known.map((cell) => {
      const expected = ratio > 0 ? ratio * (cell.all - cell.own) : own / known.length;
      return (cell.own - expected) ** 2 / Math.max(0.1, expected);
    });
    const dispersion = Math.max(1, sum(squares) / Math.max(1, known.length - 1));
    return { count: known.length, rate: (own + 0.5) / known.length, ratio, dispersion };
  }

  function naiveRise(all: readonly Cell[]): number | undefined {
    const [before, recent] = [all.slice(0, -3), all.slice(-3)];
    const usual = usualOf(all.slice(0, -6));
    if (usual.count < 15) return undefined;
    const observed = sum(recent.map(({ own }) => own));
    const others = sum(recent.map((cell) => cell.all - cell.own));
    const expected = Math.max(usual.ratio * others, 3 * usual.rate);
    const most = Math.max(...before.map((_, at) => sum(before.slice(at, at + 3).map(({ own }) => own))));
    const isRise =
      observed >= Math.max(20, 4 * expected, 2 * most) &&
      recent.every(({ own }) => own >= (2 * expected) / 3);
    return isRise
      ? (lnPoisson(observed, observed) - lnPoisson(observed, expected)) / usual.dispersion
      : undefined;
  }

  function naiveAbsence(all: readonly Cell[]): number | undefined {
    const silent = all.length - 1 - all.findLastIndex(({ own }) => own > 0);
    const before = all.slice(0, all.length - silent);
    const steady = before.slice(-30);
    const text = before.map(({ own }) => (own > 0 ? 'x' : '.')).join('');
    const longest = Math.max(
      0,
      ...(text.replace(/^\.*/, '').match(/\.+/g) ?? []).map(({ length }) => length),
    );
    if (silent < 5 || steady.length < 30 || steady.filter(({ own }) => own > 0).length < 24) return undefined;
    if (silent < 3 * longest) return undefined;
    const usual = usualOf(before);
    return -lnPoisson(0, usual.ratio * sum(all.slice(-silent).map((cell) => cell.all))) / usual.dispersion;
  }

  it('the evidence is the likelihood ratio of the counts, cell by cell', () => {
    const cell = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.nat(60));
    const tail = fc.tuple(fc.constantFrom(0, 0, 30, 90), fc.integer({ min: 1, max: 14 }));
    const found = { rises: 0, absences: 0 };
    fc.assert(
      fc.property(fc.array(cell, { minLength: 30, maxLength: 80 }), tail, (list, [last, length]) => {
        const seen = list.map(([own, others], at): Cell => {
          // One is added: what comes steadily hardly ever has a cell without.
          const count = at >= list.length - length ? last : Math.max(0, own - 1) + Number(own > 0);
          return { own: count, all: count + others };
        });
        const part = {
          pattern: Float64Array.from(seen, ({ own }) => own),
          all: Float64Array.from(seen, ({ all }) => all),
        };
        for (const [change, nats] of [
          [riseOf(part), naiveRise(seen)],
          [absenceOf(part), naiveAbsence(seen)],
        ] as const) {
          if (nats === undefined) expect(change).toBeUndefined();
          else expect(change?.nats).toBeCloseTo(nats, 6);
        }
        found.rises += Number(naiveRise(seen) !== undefined);
        found.absences += Number(naiveAbsence(seen) !== undefined);
      }),
      { numRuns: 400 },
    );
    expect(Math.min(found.rises, found.absences)).toBeGreaterThan(5);
  });

  it('novelty is minus the log likelihood of none among the records before', () => {
    const count = fc.integer({ min: 1, max: 1_000 });
    fc.assert(
      fc.property(count, count, count, (own, since, before) => {
        const rate = Math.min(1, own / since);
        expect(noveltyOf(own, since, before)).toBeCloseTo(-lnPoisson(0, rate * before), 9);
      }),
    );
  });
});

it('counts at random of any rate hardly ever give 25 nats', () => {
  let looks = 0;
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed * 104_729);
    const rate = 0.05 * 1.04 ** seed;
    const all = cells(120, (at) => poisson(30 * (1 + 0.8 * Math.sin(at / 20)), random) + 20);
    const pattern = cells(120, (at) => poisson(Math.min(20, rate) * (1 + 0.8 * Math.sin(at / 20)), random));
    for (let end = 36; end <= 120; end += 4) {
      const part = { pattern: pattern.subarray(0, end), all: all.subarray(0, end) };
      expect(riseOf(part)?.nats ?? 0).toBeLessThan(25);
      expect(absenceOf(part)?.nats ?? 0).toBeLessThan(25);
      looks += 1;
    }
  }
  expect(looks).toBeGreaterThan(4_000);
});

it('stays finite whatever comes', () => {
  const any = fc.array(fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Infinity, 0, -1, 1e300)), {
    maxLength: 130,
  });
  fc.assert(
    fc.property(any, any, (one, other) => {
      const part = { pattern: Float64Array.from(one), all: Float64Array.from(other) };
      for (const change of [riseOf(part), absenceOf(part)]) {
        expect(Number.isNaN(change?.nats ?? 0)).toBe(false);
      }
      const [a = 0, b = 0, c = 0] = one;
      expect(noveltyOf(a, b, c)).toBeGreaterThanOrEqual(0);
      expect(noveltyOf(a, b, c)).toBeLessThan(Infinity);
    }),
    {
      examples: [
        [[1e300, 1e300, 1e300], []],
        [[Infinity, Infinity, 1], []],
        [[Number.NaN, 1, 1], []],
      ],
    },
  );
  const empty = new Float64Array();
  expect([riseOf({ pattern: empty, all: empty }), absenceOf({ pattern: empty, all: empty })]).toEqual([
    undefined,
    undefined,
  ]);
});
