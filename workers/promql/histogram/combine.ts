import {
  type Buckets,
  CounterReset,
  exponentialBound,
  type NativeHistogram,
  NO_BUCKETS,
  usesCustomBuckets,
} from './native-histogram.ts';

/** Custom and exponential buckets have nothing in common. */
export interface Incompatible {
  readonly kind: 'incompatible';
}

export interface Combined {
  readonly kind: 'combined';
  readonly histogram: NativeHistogram;
  /** One side says that there was a counter reset, the other that there was none. */
  readonly hasResetConflict: boolean;
  /** Custom bounds differed: those that both have remain. */
  readonly hasReconciledBounds: boolean;
}

const INCOMPATIBLE: Incompatible = { kind: 'incompatible' };

export function addHistograms(left: NativeHistogram, right: NativeHistogram): Combined | Incompatible {
  return combine(left, right, 1);
}

export function subtractHistograms(left: NativeHistogram, right: NativeHistogram): Combined | Incompatible {
  return combine(left, right, -1);
}

function combine(left: NativeHistogram, right: NativeHistogram, sign: 1 | -1): Combined | Incompatible {
  const aligned = alignHistograms(left, right);
  if (aligned === undefined) return INCOMPATIBLE;
  const reset = combinedReset(left.counterReset, right.counterReset);
  const [a, b] = [aligned.left, aligned.right];
  const histogram: NativeHistogram = {
    ...a,
    counterReset: reset.counterReset,
    zeroCount: a.zeroCount + sign * b.zeroCount,
    count: a.count + sign * b.count,
    sum: a.sum + sign * b.sum,
    positive: mergeBuckets(a.positive, b.positive, sign),
    negative: mergeBuckets(a.negative, b.negative, sign),
  };
  return {
    kind: 'combined',
    histogram,
    hasResetConflict: reset.hasConflict,
    hasReconciledBounds: aligned.hasReconciledBounds,
  };
}

export interface Aligned {
  readonly left: NativeHistogram;
  readonly right: NativeHistogram;
  readonly hasReconciledBounds: boolean;
}

/** Both in the coarser schema, with the wider zero bucket, over the bounds that both have. */
export function alignHistograms(left: NativeHistogram, right: NativeHistogram): Aligned | undefined {
  if (usesCustomBuckets(left) !== usesCustomBuckets(right)) return undefined;
  if (usesCustomBuckets(left)) {
    if (equalBounds(left.customBounds, right.customBounds)) {
      return { left, right, hasReconciledBounds: false };
    }
    const bounds = sharedBounds(left.customBounds, right.customBounds);
    return { left: overBounds(left, bounds), right: overBounds(right, bounds), hasReconciledBounds: true };
  }
  const schema = Math.min(left.schema, right.schema);
  let [a, b] = [toSchema(left, schema), toSchema(right, schema)];
  while (a.zeroThreshold !== b.zeroThreshold) {
    if (a.zeroThreshold > b.zeroThreshold) b = widenZeroBucket(b, a.zeroThreshold);
    else a = widenZeroBucket(a, b.zeroThreshold);
  }
  return { left: a, right: b, hasReconciledBounds: false };
}

export function toSchema(histogram: NativeHistogram, schema: number): NativeHistogram {
  if (histogram.schema === schema) return histogram;
  const shift = histogram.schema - schema;
  const target = (index: number): number => ((index - 1) >> shift) + 1;
  return {
    ...histogram,
    schema,
    positive: mapBuckets(histogram.positive, target),
    negative: mapBuckets(histogram.negative, target),
  };
}

/** Moves what lies below `threshold` into the zero bucket; one that would cut a populated bucket ends behind it. */
export function widenZeroBucket(histogram: NativeHistogram, threshold: number): NativeHistogram {
  if (threshold <= histogram.zeroThreshold) return histogram;
  const wide = Math.max(
    endOfCutBucket(histogram, histogram.positive, threshold),
    endOfCutBucket(histogram, histogram.negative, threshold),
  );
  if (wide > threshold) return widenZeroBucket(histogram, wide);
  const [positive, negative] = [
    split(histogram, histogram.positive, wide),
    split(histogram, histogram.negative, wide),
  ];
  return {
    ...histogram,
    zeroThreshold: wide,
    zeroCount: histogram.zeroCount + positive.below + negative.below,
    positive: positive.above,
    negative: negative.above,
  };
}

export function scaleHistogram(histogram: NativeHistogram, factor: number): NativeHistogram {
  return mapCounts(histogram, (count) => count * factor, factor < 0);
}

/** By zero all is infinite or not a number, and buckets say nothing more. */
export function divideHistogram(histogram: NativeHistogram, divisor: number): NativeHistogram {
  const quotient = mapCounts(histogram, (count) => count / divisor, divisor < 0);
  return divisor === 0 ? { ...quotient, positive: NO_BUCKETS, negative: NO_BUCKETS } : quotient;
}

/** Without the buckets that nothing fell into. */
export function compactHistogram(histogram: NativeHistogram): NativeHistogram {
  return { ...histogram, positive: compact(histogram.positive), negative: compact(histogram.negative) };
}

export function equalBounds(left: Float64Array, right: Float64Array): boolean {
  return left.length === right.length && left.every((bound, at) => bound === right[at]);
}

export function combinedReset(
  left: CounterReset,
  right: CounterReset,
): { readonly counterReset: CounterReset; readonly hasConflict: boolean } {
  if (left === right) return { counterReset: left, hasConflict: false };
  if (left === CounterReset.gauge || right === CounterReset.gauge) {
    return { counterReset: CounterReset.gauge, hasConflict: false };
  }
  const hasConflict = left !== CounterReset.unknown && right !== CounterReset.unknown;
  return { counterReset: CounterReset.unknown, hasConflict };
}

function mapCounts(
  histogram: NativeHistogram,
  map: (count: number) => number,
  turnsGauge: boolean,
): NativeHistogram {
  return {
    ...histogram,
    counterReset: turnsGauge ? CounterReset.gauge : histogram.counterReset,
    zeroCount: map(histogram.zeroCount),
    count: map(histogram.count),
    sum: map(histogram.sum),
    positive: { indexes: histogram.positive.indexes, counts: histogram.positive.counts.map(map) },
    negative: { indexes: histogram.negative.indexes, counts: histogram.negative.counts.map(map) },
  };
}

function sharedBounds(left: Float64Array, right: Float64Array): Float64Array {
  const known = new Set(right);
  return left.filter((bound) => known.has(bound));
}

function overBounds(histogram: NativeHistogram, bounds: Float64Array): NativeHistogram {
  const target = (index: number): number => {
    const end = histogram.customBounds[index] ?? Infinity;
    const at = bounds.findIndex((bound) => bound >= end);
    return at === -1 ? bounds.length : at;
  };
  return { ...histogram, customBounds: bounds, positive: compact(mapBuckets(histogram.positive, target)) };
}

function endOfCutBucket({ schema }: NativeHistogram, buckets: Buckets, threshold: number): number {
  for (let at = 0; at < buckets.indexes.length; at++) {
    const index = buckets.indexes[at] ?? 0;
    if (exponentialBound(schema, index - 1) >= threshold) break;
    const end = exponentialBound(schema, index);
    if (end > threshold && (buckets.counts[at] ?? 0) !== 0) return end;
  }
  return threshold;
}

function split(
  { schema }: NativeHistogram,
  buckets: Buckets,
  threshold: number,
): { below: number; above: Buckets } {
  let below = 0;
  let kept = 0;
  while (
    kept < buckets.indexes.length &&
    exponentialBound(schema, (buckets.indexes[kept] ?? 0) - 1) < threshold
  ) {
    below += buckets.counts[kept] ?? 0;
    kept++;
  }
  return { below, above: { indexes: buckets.indexes.slice(kept), counts: buckets.counts.slice(kept) } };
}

/** `target` never descends. */
function mapBuckets(buckets: Buckets, target: (index: number) => number): Buckets {
  const indexes: number[] = [];
  const counts: number[] = [];
  for (let at = 0; at < buckets.indexes.length; at++) {
    const index = target(buckets.indexes[at] ?? 0);
    const count = buckets.counts[at] ?? 0;
    if (indexes.at(-1) === index) counts.push((counts.pop() ?? 0) + count);
    else {
      indexes.push(index);
      counts.push(count);
    }
  }
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts) };
}

function mergeBuckets(left: Buckets, right: Buckets, sign: 1 | -1): Buckets {
  if (right.indexes.length === 0) return left;
  const [indexes, counts]: [number[], number[]] = [[], []];
  let [a, b] = [0, 0];
  while (a < left.indexes.length || b < right.indexes.length) {
    const [leftIndex, rightIndex] = [left.indexes[a] ?? Infinity, right.indexes[b] ?? Infinity];
    const index = Math.min(leftIndex, rightIndex);
    const own = leftIndex === index ? (left.counts[a++] ?? 0) : 0;
    const other = rightIndex === index ? (right.counts[b++] ?? 0) : 0;
    indexes.push(index);
    counts.push(own + sign * other);
  }
  return { indexes: Int32Array.from(indexes), counts: Float64Array.from(counts) };
}

function compact(buckets: Buckets): Buckets {
  if (!buckets.counts.includes(0)) return buckets;
  const isPopulated = (_: number, at: number): boolean => buckets.counts[at] !== 0;
  return { indexes: buckets.indexes.filter(isPopulated), counts: buckets.counts.filter(isPopulated) };
}
