import { alignHistograms, equalBounds, toSchema, widenZeroBucket } from './combine.ts';
import {
  type Buckets,
  CounterReset,
  exponentialBound,
  type NativeHistogram,
  usesCustomBuckets,
} from './native-histogram.ts';

/** Whether a counter started anew between `previous` and `current`. */
export function isCounterReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (current.counterReset === CounterReset.reset) return true;
  if (current.counterReset === CounterReset.notReset) return false;
  if (current.count < previous.count) return true;
  if (usesCustomBuckets(current) !== usesCustomBuckets(previous)) return true;
  if (usesCustomBuckets(current)) return isCustomReset(current, previous);
  // A finer resolution or a narrower zero bucket cannot continue what was counted before.
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true;
  const before = widenZeroBucket(toSchema(previous, current.schema), current.zeroThreshold);
  if (before.zeroThreshold !== current.zeroThreshold || current.zeroCount < before.zeroCount) return true;
  return (
    hasLess(aboveZero(current, current.positive), aboveZero(before, before.positive)) ||
    hasLess(aboveZero(current, current.negative), aboveZero(before, before.negative))
  );
}

function isCustomReset(current: NativeHistogram, previous: NativeHistogram): boolean {
  if (equalBounds(current.customBounds, previous.customBounds)) {
    return hasLess(current.positive, previous.positive);
  }
  const aligned = alignHistograms(current, previous);
  return aligned === undefined || hasLess(aligned.left.positive, aligned.right.positive);
}

function aboveZero(histogram: NativeHistogram, buckets: Buckets): Buckets {
  const isAbove = (index: number): boolean =>
    exponentialBound(histogram.schema, index) > histogram.zeroThreshold;
  if (buckets.indexes.every(isAbove)) return buckets;
  const keeps = (_: number, at: number): boolean => isAbove(buckets.indexes[at] ?? 0);
  return { indexes: buckets.indexes.filter(keeps), counts: buckets.counts.filter(keeps) };
}

function hasLess(current: Buckets, previous: Buckets): boolean {
  let at = 0;
  for (let before = 0; before < previous.indexes.length; before++) {
    const index = previous.indexes[before] ?? 0;
    while ((current.indexes[at] ?? Infinity) < index) at++;
    const count = current.indexes[at] === index ? (current.counts[at] ?? 0) : 0;
    if (count < (previous.counts[before] ?? 0)) return true;
  }
  return false;
}
