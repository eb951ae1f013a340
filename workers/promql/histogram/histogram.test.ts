import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addHistograms, subtractHistograms, toSchema } from './combine.ts';
import { equalHistograms } from './compare.ts';
import { isCounterReset } from './counter-reset.ts';
import { histogramFraction, histogramQuantile } from './distribution.ts';
import { histogramAt, histogramColumn } from './histogram-column.ts';
import { HistogramSum } from './histogram-sum.ts';
import {
  CounterReset,
  CUSTOM_BUCKETS,
  exponentialBound,
  type NativeHistogram,
  NO_BUCKETS,
} from './native-histogram.ts';
import { trimHistogram } from './trim.ts';

const side = fc.uniqueArray(fc.integer({ min: -10, max: 10 }), { maxLength: 12 }).chain((indexes) =>
  fc
    .array(fc.integer({ min: 0, max: 100 }), { minLength: indexes.length, maxLength: indexes.length })
    .map((counts) => ({
      indexes: Int32Array.from(indexes).sort(),
      counts: Float64Array.from(counts),
    })),
);
const total = ({ counts }: NativeHistogram['positive']): number =>
  counts.reduce((sum, count) => sum + count, 0);
const histogram: fc.Arbitrary<NativeHistogram> = fc
  .record({ schema: fc.integer({ min: -2, max: 3 }), positive: side, negative: side, zeroCount: fc.nat(50) })
  .map(({ schema, positive, negative, zeroCount }) => ({
    schema,
    counterReset: CounterReset.unknown,
    zeroThreshold: 2 ** -60,
    zeroCount,
    count: total(positive) + total(negative) + zeroCount,
    sum: 7,
    positive,
    negative,
    customBounds: new Float64Array(0),
  }));

describe('native histograms', () => {
  it('are the same out of columns', () => {
    fc.assert(
      fc.property(fc.array(histogram, { maxLength: 6 }), (all) => {
        const column = histogramColumn(all);
        expect(all.map((_, row) => histogramAt(column, row))).toEqual(all);
      }),
    );
  });

  it('add and subtract back to what they were, in the coarser schema', () => {
    fc.assert(
      fc.property(histogram, histogram, (a, b) => {
        const sum = addHistograms(a, b);
        const back = sum.kind === 'combined' ? subtractHistograms(sum.histogram, b) : sum;
        const wanted = toSchema(a, Math.min(a.schema, b.schema));
        expect(back.kind === 'combined' && equalHistograms(back.histogram, wanted)).toBe(true);
      }),
    );
  });

  it('sum up as they add up, one by one', () => {
    fc.assert(
      fc.property(histogram, fc.array(histogram, { maxLength: 5 }), (first, others) => {
        const sum = new HistogramSum(first);
        let wanted = first;
        for (const other of others) {
          expect(sum.add(other)).toBe(true);
          const added = addHistograms(wanted, other);
          if (added.kind === 'combined') wanted = added.histogram;
        }
        expect(equalHistograms(sum.total(), wanted)).toBe(true);
      }),
    );
  });

  it('are no reset of themselves, and one of a larger one', () => {
    fc.assert(
      fc.property(histogram, (one) => {
        expect(isCounterReset(one, one)).toBe(false);
        expect(isCounterReset(one, { ...one, count: one.count + 1 })).toBe(true);
      }),
    );
  });

  it('have quantiles that rise, and fractions that are their inverse', () => {
    const wide = histogram.filter(({ count }) => count > 0);
    fc.assert(
      fc.property(wide, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (one, q) => {
        const { value } = histogramQuantile(q, one);
        expect(histogramQuantile(Math.min(1, q + 0.005), one).value).toBeGreaterThanOrEqual(value);
        const below = histogramFraction(-Infinity, value, one);
        expect(Math.abs(below - q)).toBeLessThan(1e-6 + largestShare(one));
      }),
    );
  });

  it('lose nothing where they are cut in two', () => {
    fc.assert(
      fc.property(histogram, fc.double({ min: -50, max: 50, noNaN: true }), (one, cut) => {
        const [below, above] = [trimHistogram(one, cut, 'below'), trimHistogram(one, cut, 'above')];
        expect(below.count + above.count).toBeCloseTo(one.count, 6);
      }),
    );
  });

  it('have bounds that are powers of two at every schema', () => {
    expect(exponentialBound(0, 3)).toBe(8);
    expect(exponentialBound(3, 8)).toBe(2);
    expect(exponentialBound(-1, 1)).toBe(4);
    expect(exponentialBound(2, -4)).toBe(0.5);
  });

  it('keep the bounds that both have, where those are their own', () => {
    const custom = (bounds: number[], counts: number[]): NativeHistogram => ({
      schema: CUSTOM_BUCKETS,
      counterReset: CounterReset.unknown,
      zeroThreshold: 0,
      zeroCount: 0,
      count: counts.reduce((sum, count) => sum + count, 0),
      sum: 1,
      positive: { indexes: Int32Array.from(counts.keys()), counts: Float64Array.from(counts) },
      negative: NO_BUCKETS,
      customBounds: Float64Array.from(bounds),
    });
    const sum = addHistograms(custom([1, 2, 4], [1, 2, 3, 4]), custom([2, 3, 4], [10, 20, 30, 40]));
    expect(sum).toMatchObject({
      hasReconciledBounds: true,
      histogram: { customBounds: Float64Array.of(2, 4), positive: { counts: Float64Array.of(13, 53, 44) } },
    });
  });
});

/** Within one bucket the inverse of an interpolation is exact; at its borders it may fall into the next. */
function largestShare({ positive, negative, zeroCount, count }: NativeHistogram): number {
  return Math.max(0, ...positive.counts, ...negative.counts, zeroCount) / count / 1e3;
}
