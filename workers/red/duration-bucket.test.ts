import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DURATION_BUCKETS, DURATION_GAMMA } from '../../proto/columns/index.ts';
import { durationBucket } from './duration-bucket.ts';

/** As `DURATION_GAMMA` says it, with the slack for rounding. */
function bucketOf(durationNano: number): number {
  return durationNano <= 1
    ? 0
    : Math.max(0, Math.ceil(Math.log(durationNano) * (1 / Math.log(DURATION_GAMMA)) - 1e-9));
}

describe('durationBucket', () => {
  it('looks up what the logarithm says, on both sides of the border of every bucket and of every power of 2', () => {
    const powers = Array.from({ length: 64 }, (_, power) => 2 ** power);
    const borders = Array.from({ length: DURATION_BUCKETS }, (_, bucket) => DURATION_GAMMA ** bucket);
    for (const border of [...powers, ...borders]) {
      for (const nanos of [-2, -1, 0, 1, 2].map((more) => Math.floor(border) + more)) {
        expect([nanos, durationBucket(nanos)]).toEqual([nanos, bucketOf(nanos)]);
      }
    }
  });

  it('looks up what the logarithm says of any duration', () => {
    const near = fc
      .tuple(fc.nat(DURATION_BUCKETS), fc.double({ min: -1e-8, max: 1e-8, noNaN: true }))
      .map(([bucket, share]) => DURATION_GAMMA ** bucket * (1 + share));
    const whole = fc.maxSafeNat();
    const short = fc.nat(1_000_000_000);
    const any = fc.double({ min: -10, max: 2 ** 64, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.oneof(near, whole, short, any), { minLength: 50 }), (durations) => {
        expect(durations.map(durationBucket)).toEqual(durations.map(bucketOf));
      }),
      { numRuns: 300 },
    );
  });
});
