import { KahanSum } from '../model/kahan.ts';
import { alignHistograms, combinedReset } from './combine.ts';
import { type Buckets, CounterReset, type NativeHistogram, NO_BUCKETS } from './native-histogram.ts';

type Side = Map<number, KahanSum>;

/** Adds histograms without losing what rounding takes away; their mean switches to the incremental one on overflow. */
export class HistogramSum {
  /** Schema, zero bucket, bounds and counter reset of the sum; its counts stand in the sums below. */
  private shape: NativeHistogram;
  private zeroCount = new KahanSum();
  private count = new KahanSum();
  private sum = new KahanSum();
  private positive: Side = new Map();
  private negative: Side = new Map();
  private added = 0;
  private isIncremental = false;
  private seenReset = false;
  private seenNoReset = false;
  hasReconciledBounds = false;

  constructor(first: NativeHistogram) {
    this.shape = { ...first, positive: NO_BUCKETS, negative: NO_BUCKETS };
    this.increase(first, 1);
    this.added = 1;
    this.track(first.counterReset);
  }

  get hasResetConflict(): boolean {
    return this.seenReset && this.seenNoReset;
  }

  /** False, and nothing added, where exponential and custom buckets meet. */
  add(histogram: NativeHistogram): boolean {
    const right = this.align(histogram);
    if (right === undefined) return false;
    this.increase(right, 1);
    this.added++;
    return true;
  }

  /** As `add`, for a mean: with this addend, or once before, the sum may be more than a float holds. */
  addToMean(histogram: NativeHistogram): boolean {
    const right = this.align(histogram);
    if (right === undefined) return false;
    this.added++;
    if (!this.isIncremental) {
      const before = this.sums().map((sum) => sum.copy());
      const known = this.sums();
      this.increase(right, 1);
      if (this.sums().every((sum) => Number.isFinite(sum.sum) || Number.isNaN(sum.sum))) return true;
      this.isIncremental = true;
      known.forEach((sum, at) => {
        sum.sum = before[at]?.sum ?? 0;
        sum.compensation = before[at]?.compensation ?? 0;
      });
      this.forgetNew(known);
      for (const sum of known) sum.divide(this.added - 1);
    }
    for (const sum of this.sums()) sum.scale((this.added - 1) / this.added);
    this.increase(right, this.added);
    return true;
  }

  total(): NativeHistogram {
    return this.read((sum) => sum.total());
  }

  mean(): NativeHistogram {
    if (this.isIncremental) return this.total();
    return this.read((sum) => sum.sum / this.added + sum.compensation / this.added);
  }

  private track(counterReset: CounterReset): void {
    this.seenReset ||= counterReset === CounterReset.reset;
    this.seenNoReset ||= counterReset === CounterReset.notReset;
  }

  private sums(): KahanSum[] {
    return [this.zeroCount, this.count, this.sum, ...this.positive.values(), ...this.negative.values()];
  }

  private forgetNew(known: readonly KahanSum[]): void {
    const old = new Set(known);
    for (const side of [this.positive, this.negative]) {
      for (const [index, sum] of side) if (!old.has(sum)) side.delete(index);
    }
  }

  /** Brings sum and addend to one shape. */
  private align(histogram: NativeHistogram): NativeHistogram | undefined {
    this.track(histogram.counterReset);
    const current = this.read((sum) => sum.sum);
    const aligned = alignHistograms(current, histogram);
    if (aligned === undefined) return undefined;
    this.hasReconciledBounds ||= aligned.hasReconciledBounds;
    const { counterReset } = combinedReset(this.shape.counterReset, histogram.counterReset);
    if (aligned.left !== current) this.reshape(aligned.left, histogram);
    this.shape = { ...this.shape, counterReset };
    return aligned.right;
  }

  private reshape(left: NativeHistogram, histogram: NativeHistogram): void {
    const compensation = this.read((sum) => sum.compensation);
    const lost =
      alignHistograms(compensation, { ...histogram, zeroThreshold: left.zeroThreshold })?.left ??
      compensation;
    this.shape = { ...left, positive: NO_BUCKETS, negative: NO_BUCKETS };
    this.zeroCount = pair(left.zeroCount, lost.zeroCount);
    this.positive = pairs(left.positive, lost.positive);
    this.negative = pairs(left.negative, lost.negative);
  }

  private increase(histogram: NativeHistogram, divisor: number): void {
    this.zeroCount.add(histogram.zeroCount / divisor);
    this.count.add(histogram.count / divisor);
    this.sum.add(histogram.sum / divisor);
    increaseSide(this.positive, histogram.positive, divisor);
    increaseSide(this.negative, histogram.negative, divisor);
  }

  private read(value: (sum: KahanSum) => number): NativeHistogram {
    return {
      ...this.shape,
      zeroCount: value(this.zeroCount),
      count: value(this.count),
      sum: value(this.sum),
      positive: readSide(this.positive, value),
      negative: readSide(this.negative, value),
    };
  }
}

function increaseSide(side: Side, { indexes, counts }: Buckets, divisor: number): void {
  for (let at = 0; at < indexes.length; at++) {
    const index = indexes[at] ?? 0;
    const count = (counts[at] ?? 0) / divisor;
    const sum = side.get(index);
    if (sum === undefined) side.set(index, new KahanSum(count));
    else sum.add(count);
  }
}

function readSide(side: Side, value: (sum: KahanSum) => number): Buckets {
  const sorted = [...side].sort(([left], [right]) => left - right);
  return {
    indexes: Int32Array.from(sorted, ([index]) => index),
    counts: Float64Array.from(sorted, ([, sum]) => value(sum)),
  };
}

function pair(sum: number, compensation: number): KahanSum {
  const result = new KahanSum(sum);
  result.compensation = compensation;
  return result;
}

function pairs(sums: Buckets, compensations: Buckets): Side {
  const side: Side = new Map();
  sums.indexes.forEach((index, at) => {
    const lost = compensations.indexes.indexOf(index);
    side.set(index, pair(sums.counts[at] ?? 0, lost === -1 ? 0 : (compensations.counts[lost] ?? 0)));
  });
  return side;
}
