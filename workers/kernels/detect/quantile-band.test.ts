import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quantileBand } from './quantile-band.ts';

const QUANTILE = 0.95;
const BEYOND = 0.01;
const boundOf = (bucket: number): number => 10 * bucket;

/** Of each number of values: that so many of them are above that the quantile is. */
function naiveChance(share: number, count: number): number {
  if (share >= 1) return 1;
  let chance = 0;
  let ofNumber = Math.exp(-count);
  for (let number = 1; number < 120; number += 1) {
    ofNumber *= count / number;
    const rank = Math.ceil(QUANTILE * number - 1e-9);
    let ofAbove = (1 - share) ** number;
    for (let above = 0; above <= number; above += 1) {
      // The value of that rank is one of those above.
      if (number - above < rank) chance += ofNumber * ofAbove;
      ofAbove *= ((number - above) / (above + 1)) * (share / (1 - share));
    }
  }
  return chance / (1 - Math.exp(-count));
}

describe('where a quantile of the values of a second falls', () => {
  it('between the last bound that it hardly ever is not above, and the first that it hardly ever is', () => {
    const weights = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1, noNaN: true })), {
      minLength: 2,
      maxLength: 12,
    });
    const some = weights.filter((all) => all.some((weight) => weight > 0));
    fc.assert(
      fc.property(some, fc.double({ min: 0.05, max: 40, noNaN: true }), (list, count) => {
        const distribution = Float64Array.from(list);
        const total = list.reduce((sum, weight) => sum + weight, 0);
        const last = distribution.findLastIndex((weight) => weight > 0);
        const chances: number[] = [];
        let below = 0;
        for (let bucket = 0; bucket < last; bucket += 1) {
          below += list[bucket] ?? 0;
          chances.push(naiveChance(Math.max(0, 1 - below / total), count));
        }
        // Chances that are at a limit but for rounding say nothing.
        fc.pre(
          chances.every((each) => [BEYOND / 2, 1 - BEYOND / 2].every((at) => Math.abs(each - at) > 1e-6)),
        );
        const found = quantileBand(distribution, boundOf, QUANTILE, count, BEYOND);
        const upper = chances.findIndex((each) => each <= BEYOND / 2);
        expect(found.upper).toBe(upper < 0 ? 1.5 * boundOf(last + 1) : boundOf(upper + 1));
        const lower = chances.findLastIndex((each) => each >= 1 - BEYOND / 2);
        const least = distribution.findIndex((weight) => weight > 0);
        expect(found.lower).toBe(lower < 0 ? boundOf(least) : boundOf(lower + 1));
        expect(found.expected).toBeGreaterThanOrEqual(found.lower);
        expect(found.expected).toBeLessThanOrEqual(found.upper);
      }),
    );
  });

  it('is narrower, the more values there are, once they are more than one in the tail', () => {
    const distribution = Float64Array.from({ length: 60 }, (_, bucket) => Math.exp(-bucket / 4));
    const widths = [20, 50, 100, 200].map((count) => {
      const { lower, upper } = quantileBand(distribution, boundOf, QUANTILE, count, BEYOND);
      return upper - lower;
    });
    expect(widths).toEqual([...widths].sort((one, other) => other - one));
    expect(new Set(widths).size).toBe(widths.length);
    expect(quantileBand(distribution, boundOf, QUANTILE, 1e9, BEYOND)).toEqual(
      quantileBand(distribution, boundOf, QUANTILE, 200, BEYOND),
    );
  });
});
