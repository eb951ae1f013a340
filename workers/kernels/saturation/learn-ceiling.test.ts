import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalNoise } from '../forecast/synthetic-series.ts';
import { learnCeiling } from './learn-ceiling.ts';

/** Two weeks by the hour. */
const HOURS = 336;
const seeds = fc.integer({ min: 1, max: 1_000_000 });
const made = (
  valueAt: (hour: number, noise: () => number) => number,
  seed = 1,
  count = HOURS,
): Float64Array => {
  const noise = normalNoise(seed);
  return Float64Array.from({ length: count }, (_, hour) => valueAt(hour, noise));
};
const day = (hour: number): number => Math.sin((2 * Math.PI * hour) / 24);

describe('a ceiling', () => {
  it('is where a demand is cut off day after day, in any unit', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.double({ min: 55, max: 75, noNaN: true }),
        fc.constantFrom(1e-6, 1, 1e12),
        (seed, ceiling, unit) => {
          const used = made(
            (hour, noise) => unit * Math.min(ceiling, 50 + 40 * day(hour) + 3 * noise()),
            seed,
          );
          expect(learnCeiling(used)).toBe(unit * ceiling);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each<[string, (hour: number, noise: () => number) => number]>([
    ['what grows', (hour) => 100 + 5 * hour],
    ['what grows and scatters', (hour, noise) => 100 + 5 * hour + 20 * noise()],
    ['what grew, and is full of it since', (hour) => Math.min(800, 100 + 5 * hour)],
    ['what grows by steps', (hour) => 10 * Math.floor(hour / 24)],
    ['a day', (hour) => 50 + 40 * day(hour)],
    ['a day that scatters', (hour, noise) => 50 + 40 * day(hour) + 3 * noise()],
    ['a day on growth', (hour, noise) => 50 + 0.3 * hour + 40 * day(hour) + noise()],
    ['noise', (_, noise) => 100 + 10 * noise()],
    ['a constant', () => 7],
    ['a switch', (hour) => Math.floor(hour / 5) % 2],
    ['a job of one size', (hour) => (hour % 24 < 4 ? 2e9 : 1e9)],
    ['a heap that is collected', (hour) => 100 + 10 * (hour % 12)],
    ['what rests at its top and dips', (hour, noise) => (hour % 24 < 5 ? 60 + 5 * noise() : 100)],
    ['a short queue', (_, noise) => Math.max(0, Math.round(1.5 + noise()))],
  ])('is none of %s', (_, valueAt) => {
    for (let seed = 1; seed <= 50; seed += 1) expect(learnCeiling(made(valueAt, seed))).toBeUndefined();
    // A day is as smooth as its steps are small.
    expect(learnCeiling(made((step, noise) => valueAt(step / 12, noise), 1, 12 * HOURS))).toBeUndefined();
  });

  it('is hardly ever learned of walks at random', () => {
    let found = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      let at = 0;
      if (learnCeiling(made((_, noise) => (at += noise()), seed)) !== undefined) found += 1;
    }
    expect(found).toBe(0);
  });

  it('is the greatest value or none, whatever is given', () => {
    const value = fc.constantFrom(NaN, Infinity, -Infinity, 1e300, -1e300, 0, 1, 2, 3, 5e-324);
    fc.assert(
      fc.property(fc.array(fc.oneof(value, fc.double()), { maxLength: 200 }), (list) => {
        const ceiling = learnCeiling(Float64Array.from(list));
        const known = list.filter(Number.isFinite);
        expect(ceiling === undefined || ceiling === Math.max(...known)).toBe(true);
      }),
    );
    expect(learnCeiling(new Float64Array())).toBeUndefined();
    expect(learnCeiling(Float64Array.of(1))).toBeUndefined();
    for (const constant of [0, -1, 1e300, 5e-324, NaN, Infinity]) {
      expect(learnCeiling(new Float64Array(100).fill(constant))).toBeUndefined();
    }
    const extremes = [Number.MAX_VALUE, -Number.MAX_VALUE];
    expect(
      learnCeiling(Float64Array.from({ length: 100 }, (_, row) => extremes[row % 2] ?? 0)),
    ).toBeUndefined();
  });
});
