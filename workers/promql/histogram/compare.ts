import { formatG } from '../model/go-numbers.ts';
import { compactHistogram, equalBounds } from './combine.ts';
import {
  type Bucket,
  bucketsAscending,
  type Buckets,
  type NativeHistogram,
  usesCustomBuckets,
} from './native-histogram.ts';

/** Equal in all but the counter reset; empty buckets do not matter. */
export function equalHistograms(left: NativeHistogram, right: NativeHistogram): boolean {
  const [a, b] = [compactHistogram(left), compactHistogram(right)];
  return (
    a.schema === b.schema &&
    sameNumber(a.count, b.count) &&
    sameNumber(a.sum, b.sum) &&
    a.zeroThreshold === b.zeroThreshold &&
    sameNumber(a.zeroCount, b.zeroCount) &&
    equalBounds(a.customBounds, b.customBounds) &&
    equalBuckets(a.positive, b.positive) &&
    equalBuckets(a.negative, b.negative)
  );
}

/** `{count:3, sum:4, (0.5,1]:3}`: a histogram as the value of a label. */
export function formatHistogram(histogram: NativeHistogram): string {
  const buckets = bucketsAscending(histogram).map((bucket) => {
    const [open, close] = brackets(histogram, bucket);
    return `${open}${formatG(bucket.lower)},${formatG(bucket.upper)}${close}:${formatG(bucket.count)}`;
  });
  return `{${[`count:${formatG(histogram.count)}`, `sum:${formatG(histogram.sum)}`, ...buckets].join(', ')}}`;
}

/** All populated buckets, each with the brackets that say which of its bounds belong to it. */
export function histogramBuckets(histogram: NativeHistogram): (Bucket & { readonly brackets: string })[] {
  return bucketsAscending(histogram).map((bucket) => ({
    ...bucket,
    brackets: brackets(histogram, bucket).join(''),
  }));
}

/** Which bounds belong to a bucket: the one away from zero, both of the zero bucket. */
function brackets(histogram: NativeHistogram, { lower, upper }: Bucket): readonly ['(' | '[', ')' | ']'] {
  const isCustom = usesCustomBuckets(histogram);
  const isZero = !isCustom && lower <= 0 && upper >= 0;
  return [
    isZero || (!isCustom && upper < 0) || lower === -Infinity ? '[' : '(',
    isZero || upper > 0 || isCustom ? ']' : ')',
  ];
}

const sameNumber = (left: number, right: number): boolean =>
  left === right || (Number.isNaN(left) && Number.isNaN(right));

function equalBuckets(left: Buckets, right: Buckets): boolean {
  return (
    left.indexes.length === right.indexes.length &&
    left.indexes.every((index, at) => index === right.indexes[at]) &&
    left.counts.every((count, at) => sameNumber(count, right.counts[at] ?? 0))
  );
}
