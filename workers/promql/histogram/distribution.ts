import { KahanSum } from '../model/kahan.ts';
import {
  type Bucket,
  bucketsAscending,
  type NativeHistogram,
  usesCustomBuckets,
} from './native-histogram.ts';

export type NanEffect = 'none' | 'result-is-nan' | 'skewed-higher';

/**
 * The value below which a share `q` of the observations lies: interpolated exponentially within buckets, linearly
 * within the zero bucket and custom buckets (Prometheus' native histogram specification).
 */
export function histogramQuantile(q: number, histogram: NativeHistogram): { value: number; nan: NanEffect } {
  if (q < 0 || q > 1) return { value: q < 0 ? -Infinity : Infinity, nan: 'none' };
  if (histogram.count === 0 || Number.isNaN(q)) return { value: NaN, nan: 'none' };
  // Observations of NaN count in no bucket: from above there would be too few.
  const hasNan = Number.isNaN(histogram.sum);
  const isForward = hasNan || q < 0.5;
  const buckets = bucketsAscending(histogram);
  const observed = buckets.reduce((sum, { count }) => sum + count, 0);
  const rank = (isForward ? q : 1 - q) * histogram.count;
  const found = bucketOfRank(isForward ? buckets : buckets.reverse(), rank);
  if (found === undefined || (hasNan && found.reached < rank)) {
    return { value: NaN, nan: hasNan ? 'result-is-nan' : 'none' };
  }
  const nan: NanEffect = hasNan && observed < histogram.count ? 'skewed-higher' : 'none';
  return { value: valueOfRank(histogram, found, rank, isForward), nan };
}

interface RankedBucket {
  readonly bucket: Bucket;
  /** Observations up to this bucket and in it. */
  readonly reached: number;
}

function bucketOfRank(buckets: readonly Bucket[], rank: number): RankedBucket | undefined {
  let reached = 0;
  let found: RankedBucket | undefined;
  for (const bucket of buckets) {
    reached += bucket.count;
    found = { bucket, reached };
    if (reached >= rank) break;
  }
  return found;
}

function valueOfRank(
  histogram: NativeHistogram,
  found: RankedBucket,
  rank: number,
  isForward: boolean,
): number {
  const bucket = boundedBucket(histogram, found.bucket);
  if (bucket.lower === -Infinity) return bucket.upper;
  if (bucket.upper === Infinity) return bucket.lower;
  const reached = Math.min(found.reached, histogram.count);
  if (reached < rank) return isForward ? bucket.upper : bucket.lower;
  const within = isForward ? rank - (reached - bucket.count) : reached - rank;
  return valueAt(histogram, bucket, within / bucket.count);
}

/** The share of the observations between two values. */
export function histogramFraction(lower: number, upper: number, histogram: NativeHistogram): number {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  return (countBelow(histogram, upper) - countBelow(histogram, lower)) / histogram.count;
}

export function histogramVariance(histogram: NativeHistogram): number {
  const mean = histogram.sum / histogram.count;
  const squares = new KahanSum();
  for (const bucket of bucketsAscending(histogram)) {
    const delta = middle(histogram, bucket) - mean;
    squares.add(bucket.count * delta * delta);
  }
  return squares.total() / histogram.count;
}

export function isZeroBucket(histogram: NativeHistogram, { lower, upper }: Bucket): boolean {
  return !usesCustomBuckets(histogram) && lower <= 0 && upper >= 0;
}

/** Where all observations are of one sign, so are those of the zero bucket; a lowest custom bucket starts at 0. */
export function boundedBucket(histogram: NativeHistogram, bucket: Bucket): Bucket {
  const { lower, upper, count } = bucket;
  if (usesCustomBuckets(histogram)) {
    return lower === -Infinity && upper > 0 ? { lower: 0, upper, count } : bucket;
  }
  if (!isZeroBucket(histogram, bucket)) return bucket;
  const [isAbove, isBelow] = [histogram.positive.counts.length > 0, histogram.negative.counts.length > 0];
  if (isAbove === isBelow) return bucket;
  return isAbove ? { lower: 0, upper, count } : { lower, upper: 0, count };
}

/** The share of a bucket's observations below `value`, which lies within it. */
export function shareBelow(
  histogram: NativeHistogram,
  { lower, upper, count }: Bucket,
  value: number,
): number {
  if (lower === -Infinity) return 0;
  if (usesCustomBuckets(histogram) || isZeroBucket(histogram, { lower, upper, count })) {
    return (value - lower) / (upper - lower);
  }
  const [logLower, logUpper] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper))];
  const logValue = Math.log2(Math.abs(value));
  if (lower > 0) return (logValue - logLower) / (logUpper - logLower);
  return 1 - (logValue - logUpper) / (logLower - logUpper);
}

function countBelow(histogram: NativeHistogram, value: number): number {
  if (value === -Infinity) return 0;
  let rank = 0;
  for (const bucket of bucketsAscending(histogram)) {
    const bounded = boundedBucket(histogram, bucket);
    if (bounded.lower >= value) return rank;
    if (bounded.upper > value) return rank + bounded.count * shareBelow(histogram, bounded, value);
    rank += bounded.count;
  }
  return rank;
}

function valueAt(histogram: NativeHistogram, bucket: Bucket, share: number): number {
  const { lower, upper } = bucket;
  if (usesCustomBuckets(histogram) || isZeroBucket(histogram, bucket)) return lower + (upper - lower) * share;
  const [logLower, logUpper] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper))];
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * share);
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - share)));
}

function middle(histogram: NativeHistogram, bucket: Bucket): number {
  const { lower, upper } = bucket;
  if (usesCustomBuckets(histogram)) return (lower + upper) / 2;
  if (isZeroBucket(histogram, bucket)) return 0;
  const mean = Math.sqrt(lower * upper);
  return upper < 0 ? -mean : mean;
}
