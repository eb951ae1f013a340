import { boundedBucket, isZeroBucket, shareBelow } from './distribution.ts';
import {
  type Bucket,
  type Buckets,
  type NativeHistogram,
  negativeBucket,
  NO_BUCKETS,
  positiveBucket,
  usesCustomBuckets,
} from './native-histogram.ts';

interface Kept {
  readonly count: number;
  /** What the kept observations are taken to be, for the new sum. */
  readonly value: number;
}

type Side = 'below' | 'above';

/** The observations below (`</`) or above (`>/`) a value; count and sum are estimated anew where some are dropped. */
export function trimHistogram(histogram: NativeHistogram, value: number, side: Side): NativeHistogram {
  const total = { count: 0, sum: 0, isTrimmed: false };
  const keep = (bucket: Bucket): number => {
    if (bucket.count === 0) return 0;
    const kept = keptOf(histogram, bucket, value, side);
    total.isTrimmed ||= kept.count !== bucket.count;
    total.count += kept.count;
    if (kept.count !== 0) total.sum += kept.count * kept.value;
    return kept.count;
  };
  const positive = mapCounts(histogram.positive, (at) => keep(positiveBucket(histogram, at)));
  const negative = mapCounts(histogram.negative, (at) => keep(negativeBucket(histogram, at)));
  const { zeroThreshold: zero } = histogram;
  const zeroCount = keep({ lower: -zero, upper: zero, count: histogram.zeroCount });
  if (!total.isTrimmed) return histogram;
  return { ...histogram, count: total.count, sum: total.sum, zeroCount, positive, negative };
}

function mapCounts(buckets: Buckets, count: (at: number) => number): Buckets {
  if (buckets.counts.length === 0) return NO_BUCKETS;
  return { indexes: buckets.indexes, counts: buckets.counts.map((_, at) => count(at)) };
}

function keptOf(histogram: NativeHistogram, raw: Bucket, value: number, side: Side): Kept {
  const { count } = raw;
  const bucket = boundedBucket(histogram, raw);
  const whole: Kept = { count, value: middleOf(histogram, bucket) };
  const decided =
    decide(raw, value, side) ?? decideUnbounded(raw, bucket, value, side) ?? decide(bucket, value, side);
  if (decided === 'whole') return whole;
  if (decided === 'none') return { count: 0, value: 0 };
  if (decided === 'at-value') return { count, value };
  const below = shareBelow(histogram, bucket, value);
  const part: Bucket =
    side === 'below'
      ? { lower: bucket.lower, upper: value, count: count * below }
      : { lower: value, upper: bucket.upper, count: count * (1 - below) };
  return {
    count: part.count,
    value: isZeroBucket(histogram, bucket) ? mean(part) : middleOf(histogram, part),
  };
}

function decide({ lower, upper }: Bucket, value: number, side: Side): 'whole' | 'none' | undefined {
  if (side === 'below' ? upper <= value : lower >= value) return 'whole';
  return (side === 'below' ? lower >= value : upper <= value) ? 'none' : undefined;
}

/** A bucket without a bound is kept at the value, or not at all. */
function decideUnbounded(
  raw: Bucket,
  bucket: Bucket,
  value: number,
  side: Side,
): 'at-value' | 'none' | undefined {
  if (raw.upper === Infinity) return side === 'above' && raw.lower !== -Infinity ? 'at-value' : 'none';
  if (bucket.lower === -Infinity) return side === 'below' ? 'at-value' : 'none';
  return raw.lower === -Infinity && value < bucket.lower ? 'none' : undefined;
}

function middleOf(histogram: NativeHistogram, bucket: Bucket): number {
  const { lower, upper } = bucket;
  if (lower === -Infinity) return upper === Infinity ? 0 : upper;
  if (upper === Infinity) return lower;
  if (usesCustomBuckets(histogram) || isZeroBucket(histogram, bucket)) return mean(bucket);
  const geometric = Math.sqrt(lower * upper);
  return upper < 0 ? -geometric : geometric;
}

const mean = ({ lower, upper }: Bucket): number => (lower + upper) / 2;
