import { DURATION_GAMMA } from '../../proto/columns/index.ts';
import { bucketByLogarithm, durationBucket } from '../red/index.ts';

/**
 * Numbers in logarithmic buckets: those of `DURATION_GAMMA`, shifted so that numbers below 1 have one too, and mirrored for
 * negative ones. Bucket 0 is zero. What stands for a bucket is off by at most 0.99 % (DDSketch, VLDB 2019).
 */
export const HISTOGRAM_SHIFT = 40_000;

export function histogramBucket(value: number): number {
  return value >= 1 ? HISTOGRAM_SHIFT + durationBucket(value) : signedBucket(value) | 0;
}

/** By the logarithm, of which `histogramBucket` looks most up. */
export function signedBucket(value: number): number {
  if (value === 0) return 0;
  const bucket = bucketByLogarithm(Math.abs(value)) + HISTOGRAM_SHIFT;
  return value > 0 ? bucket : -bucket;
}

export function bucketValue(bucket: number): number {
  if (bucket === 0) return 0;
  const value = (2 * DURATION_GAMMA ** (Math.abs(bucket) - HISTOGRAM_SHIFT)) / (DURATION_GAMMA + 1);
  return bucket > 0 ? value : -value;
}

/** The `q`-quantile of counts by bucket, rank `⌈q · total⌉`; `undefined` when nothing was counted. */
export function histogramQuantile(counts: ReadonlyMap<number, number>, q: number): number | undefined {
  let total = 0;
  for (const count of counts.values()) total += count;
  if (total === 0) return undefined;
  let rank = Math.max(1, Math.ceil(q * total));
  for (const [bucket, count] of [...counts].sort(([a], [b]) => a - b)) {
    rank -= count;
    if (rank <= 0) return bucketValue(bucket);
  }
  return undefined;
}

/** Numbers above the first up to the second; of negative ones, from the first up to below the second. */
export function bucketBounds(bucket: number): { readonly from: number; readonly to: number } {
  if (bucket === 0) return { from: 0, to: 0 };
  const place = Math.abs(bucket) - HISTOGRAM_SHIFT;
  const [near, far] = [DURATION_GAMMA ** (place - 1), DURATION_GAMMA ** place];
  return bucket > 0 ? { from: near, to: far } : { from: -far, to: -near };
}
