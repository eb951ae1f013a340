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
    }),
  );
});
