import { parseGoFloat } from '../model/go-numbers.ts';
import { Sample, type StepSeries } from '../evaluate/step-series.ts';
import { dropLabels, type Labels, labelsKey, labelValue } from '../model/labels.ts';

/** The `_bucket` series of one histogram, and its native form where both were selected. */
export interface HistogramGroup {
  readonly labels: Labels;
  readonly buckets: BucketSeries[];
  native: StepSeries | undefined;
}

interface BucketSeries {
  readonly upper: number;
  readonly series: StepSeries;
}

export interface ClassicBucket {
  readonly upper: number;
  count: number;
}

const LE: ReadonlySet<string> = new Set(['le']);

/** Series by their labels without `le`; those whose `le` is no number are reported if they have floats. */
export function groupHistograms(
  series: readonly StepSeries[],
  onBadBucket: (series: StepSeries, le: string) => void,
): HistogramGroup[] {
  const groups = new Map<string, HistogramGroup>();
  const groupOf = (labels: Labels): HistogramGroup => {
    const key = labelsKey(labels);
    let group = groups.get(key);
    if (group === undefined) groups.set(key, (group = { labels, buckets: [], native: undefined }));
    return group;
  };
  for (const one of series) {
    if (one.hasHistograms()) groupOf(one.labels).native = one;
    if (!one.kinds.includes(Sample.float)) continue;
    const le = labelValue(one.labels, 'le');
    const upper = parseGoFloat(le);
    if (upper === undefined) onBadBucket(one, le);
    else groupOf(dropLabels(one.labels, LE)).buckets.push({ upper, series: one });
  }
  for (const { buckets } of groups.values()) buckets.sort((left, right) => left.upper - right.upper);
  return [...groups.values()];
}

/** The buckets of a step by ascending bound, counts of equal bounds added. */
export function bucketsAt({ buckets }: HistogramGroup, step: number): ClassicBucket[] {
  const found: ClassicBucket[] = [];
  for (const { upper, series } of buckets) {
    if (series.kinds[step] !== Sample.float) continue;
    const count = series.values[step] ?? 0;
    const last = found.at(-1);
    if (last?.upper === upper) last.count += count;
    else found.push({ upper, count });
  }
  return found;
}

/** The quantile of cumulative buckets, linear within a bucket. Changes `buckets` so that no count falls. */
export function bucketQuantile(q: number, buckets: ClassicBucket[]): { value: number; isForced: boolean } {
  if (Number.isNaN(q)) return { value: NaN, isForced: false };
  if (q < 0 || q > 1) return { value: q < 0 ? -Infinity : Infinity, isForced: false };
  if (buckets.at(-1)?.upper !== Infinity) return { value: NaN, isForced: false };
  levelRounding(buckets);
  const isForced = forceMonotonic(buckets);
  const observed = buckets.at(-1)?.count ?? 0;
  if (buckets.length < 2 || observed === 0 || Number.isNaN(observed)) return { value: NaN, isForced: false };
  return { value: valueAtRank(q * observed, buckets), isForced };
}

function valueAtRank(rank: number, buckets: readonly ClassicBucket[]): number {
  const found = buckets.slice(0, -1).findIndex(({ count }) => count >= rank);
  const at = found === -1 ? buckets.length - 1 : found;
  const { upper, count } = buckets[at] ?? { upper: NaN, count: NaN };
  const below = at === 0 ? { upper: 0, count: 0 } : (buckets[at - 1] ?? { upper: NaN, count: NaN });
  // Of the bucket without an end, and of one below zero without a beginning, only one bound is known.
  if (found === -1) return below.upper;
  if (at === 0 && upper <= 0) return upper;
  return below.upper + (upper - below.upper) * ((rank - below.count) / (count - below.count));
}

/** The share of the observations between two values, linear within a bucket. */
export function bucketFraction(lower: number, upper: number, buckets: ClassicBucket[]): number {
  const observed = buckets.at(-1)?.count ?? 0;
  if (buckets.at(-1)?.upper !== Infinity || buckets.length < 2) return NaN;
  forceMonotonic(buckets);
  if (observed === 0 || [observed, lower, upper].some((number) => Number.isNaN(number))) return NaN;
  if (lower >= upper) return 0;
  return (countBelow(buckets, upper) - countBelow(buckets, lower)) / observed;
}

function countBelow(buckets: readonly ClassicBucket[], value: number): number {
  if (value === -Infinity) return 0;
  let rank = 0;
  let start = (buckets[0]?.upper ?? 0) > 0 ? 0 : -Infinity;
  for (const { upper, count } of buckets) {
    if (start >= value) return rank;
    if (upper > value) {
      const share = start === -Infinity ? 0 : (value - start) / (upper - start);
      return rank + (count - rank) * share;
    }
    rank = count;
    start = upper;
  }
  return rank;
}

/** Differences that are rounding, not observations. */
function levelRounding(buckets: readonly ClassicBucket[]): void {
  let previous = buckets[0]?.count ?? 0;
  for (const bucket of buckets) {
    const difference = Math.abs(bucket.count - previous);
    if (difference !== 0 && difference / bucket.count <= 1e-12) bucket.count = previous;
    else previous = bucket.count;
  }
}

function forceMonotonic(buckets: readonly ClassicBucket[]): boolean {
  let isForced = false;
  let most = -Infinity;
  for (const bucket of buckets) {
    if (bucket.count < most) {
      bucket.count = most;
      isForced = true;
    } else if (bucket.count > most) most = bucket.count;
  }
  return isForced;
}
