/** What is known about a reset between a histogram and the one before it. */
export const CounterReset = { unknown: 0, reset: 1, notReset: 2, gauge: 3 } as const;
export type CounterReset = (typeof CounterReset)[keyof typeof CounterReset];

/** Buckets with bounds of their own instead of powers. */
export const CUSTOM_BUCKETS = -53;

/** Populated buckets by ascending index. Bucket 0 of an exponential schema ends at 1, of a custom one at its first bound. */
export interface Buckets {
  readonly indexes: Int32Array;
  readonly counts: Float64Array;
}

export interface NativeHistogram {
  readonly schema: number;
  readonly counterReset: CounterReset;
  readonly zeroThreshold: number;
  readonly zeroCount: number;
  readonly count: number;
  readonly sum: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  /** Ascending upper bounds without +Inf; empty for exponential schemas. */
  readonly customBounds: Float64Array;
}

export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

export const NO_BUCKETS: Buckets = { indexes: new Int32Array(0), counts: new Float64Array(0) };
export const NO_BOUNDS = new Float64Array(0);

export const usesCustomBuckets = (histogram: NativeHistogram): boolean => histogram.schema === CUSTOM_BUCKETS;

export function emptyLike(histogram: NativeHistogram): NativeHistogram {
  return {
    schema: histogram.schema,
    counterReset: CounterReset.unknown,
    zeroThreshold: 0,
    zeroCount: 0,
    count: 0,
    sum: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
    customBounds: histogram.customBounds,
  };
}

export function withCounterReset(histogram: NativeHistogram, counterReset: CounterReset): NativeHistogram {
  return histogram.counterReset === counterReset ? histogram : { ...histogram, counterReset };
}

/** The upper bound of bucket `index` of a positive side. */
export function upperBound(histogram: NativeHistogram, index: number): number {
  if (usesCustomBuckets(histogram)) return histogram.customBounds[index] ?? Infinity;
  return exponentialBound(histogram.schema, index);
}

export function exponentialBound(schema: number, index: number): number {
  if (schema <= 0) return 2 ** (index * 2 ** -schema);
  const perPower = 2 ** schema;
  const power = Math.floor(index / perPower);
  return 2 ** ((index - power * perPower) / perPower) * 2 ** power;
}

function lowerBound(histogram: NativeHistogram, index: number): number {
  if (!usesCustomBuckets(histogram)) return exponentialBound(histogram.schema, index - 1);
  return index <= 0 ? -Infinity : (histogram.customBounds[index - 1] ?? Infinity);
}

/** All populated buckets by ascending bounds, the zero bucket in its place. */
export function bucketsAscending(histogram: NativeHistogram): Bucket[] {
  const { positive, negative, zeroCount, zeroThreshold } = histogram;
  const buckets: Bucket[] = [];
  for (let at = negative.indexes.length - 1; at >= 0; at--) {
    const index = negative.indexes[at] ?? 0;
    const count = negative.counts[at] ?? 0;
    if (count !== 0) {
      buckets.push({ lower: -upperBound(histogram, index), upper: -lowerBound(histogram, index), count });
    }
  }
  if (zeroCount !== 0) buckets.push({ lower: -zeroThreshold, upper: zeroThreshold, count: zeroCount });
  for (let at = 0; at < positive.indexes.length; at++) {
    const index = positive.indexes[at] ?? 0;
    const count = positive.counts[at] ?? 0;
    if (count !== 0) {
      buckets.push({ lower: lowerBound(histogram, index), upper: upperBound(histogram, index), count });
    }
  }
  return buckets;
}

/** The bounds of one bucket of the positive side. */
export function positiveBucket(histogram: NativeHistogram, at: number): Bucket {
  const index = histogram.positive.indexes[at] ?? 0;
  const count = histogram.positive.counts[at] ?? 0;
  return { lower: lowerBound(histogram, index), upper: upperBound(histogram, index), count };
}

export function negativeBucket(histogram: NativeHistogram, at: number): Bucket {
  const index = histogram.negative.indexes[at] ?? 0;
  const count = histogram.negative.counts[at] ?? 0;
  return { lower: -upperBound(histogram, index), upper: -lowerBound(histogram, index), count };
}
