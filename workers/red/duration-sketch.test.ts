import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DURATION_BUCKETS } from '../../proto/columns/index.ts';
import { durationBucket } from './duration-bucket.ts';
import { bucketNanos, DurationSketch } from './duration-sketch.ts';

const durations = fc.array(fc.double({ min: 1, max: 1e13, noNaN: true }), { minLength: 1, maxLength: 500 });

describe('DurationSketch', () => {
  it('gives every quantile within 1 % of the exact one', () => {
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const sketch = new DurationSketch();
        for (const value of values) sketch.add(durationBucket(value));
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1] ?? 0;
        expect(Math.abs((sketch.quantileNanos(q) ?? 0) - exact) / exact).toBeLessThanOrEqual(0.01);
      }),
    );
  });

  it('merges into what counting everything in one gives', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const parts = [a, b].map((values) => {
          const sketch = new DurationSketch();
          for (const value of values) sketch.add(durationBucket(value));
          return sketch;
        });
        const whole = new DurationSketch();
        for (const value of [...a, ...b]) whole.add(durationBucket(value));
        const merged = new DurationSketch();
        for (const part of parts) merged.merge(part);
        expect(entries(merged)).toEqual(entries(whole));
        expect(merged.total).toBe(whole.total);
      }),
    );
  });

  it('counts as a map does, be durations near each other or far apart, and in whatever order', () => {
    const near = fc.tuple(fc.integer({ min: 500, max: 640 }), fc.nat(3));
    // 120 of them stay below the 2^32 that a bucket can hold.
    const far = fc.tuple(fc.nat(DURATION_BUCKETS - 1), fc.nat(2 ** 25));
    const many = fc.array(near, { maxLength: 200, size: 'max' });
    const few = fc.array(far, { maxLength: 20, size: 'max' });
    fc.assert(
      fc.property(fc.array(fc.oneof(many, few), { maxLength: 6 }), (parts) => {
        const sketch = new DurationSketch();
        const expected = new Map<number, number>();
        for (const [bucket, more] of parts.flat()) {
          const count = more + 1;
          sketch.add(bucket, count);
          expected.set(bucket, (expected.get(bucket) ?? 0) + count);
        }
        const sorted = [...expected].sort(([a], [b]) => a - b);
        expect(entries(sketch)).toEqual(sorted);
        expect(sketch.buckets()).toEqual(sorted.map(([bucket]) => bucket));
        expect(sketch.counts()).toEqual(sorted.map(([, count]) => count));
        const all = sorted.reduce((sum, [, count]) => sum + count, 0);
        expect(sketch.total).toBe(all);
        let seen = 0;
        for (const [bucket, count] of sorted) {
          seen += count;
          expect(sketch.quantileNanos((seen - 0.5) / all)).toBe(bucketNanos(bucket));
        }
      }),
    );
  });

  it('has no quantile of nothing', () => {
    expect(new DurationSketch().quantileNanos(0.5)).toBeUndefined();
  });

  it.each([0, -5, 0.5, 1])('puts %d ns into bucket 0', (duration) => {
    expect(durationBucket(duration)).toBe(0);
  });

  it('has a bucket for every duration that 64 bits hold', () => {
    expect(durationBucket(2 ** 63)).toBeLessThan(DURATION_BUCKETS);
    expect(bucketNanos(durationBucket(1e9))).toBeCloseTo(1e9, -8);
  });
});

function entries(sketch: DurationSketch): [number, number][] {
  const found: [number, number][] = [];
  sketch.forEach((bucket, count) => found.push([bucket, count]));
  return found;
}
