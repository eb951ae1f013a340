// Hot: a histogram of eleven buckets is eleven series (bench/promql).
import { type Labels, labelsOf, markStale, type Series } from '../promql/index.ts';
import { listStart, type StreamPoints } from './merge-chunks.ts';
import { isAccumulated } from './number-series.ts';
import type { PointColumns, TextAttribute } from './otlp-stream.ts';
import { SampleList } from './sample-list.ts';

/** `le` as Prometheus writes it. */
export const boundText = (bound: number): string =>
  bound === Infinity
    ? '+Inf'
    : Number.isInteger(bound) && Math.abs(bound) < 1e21
      ? `${bound}`
      : String(bound);

/** The cumulative bucket series of an explicit histogram, those whose `le` is wanted. */
export function bucketSeries(
  points: StreamPoints,
  labels: readonly TextAttribute[],
  wants: (labels: Labels) => boolean,
): Series[] {
  const bounds = new Set(points.chunks.flatMap((chunk) => [...chunk.bounds, Infinity]));
  const found: Series[] = [];
  for (const bound of bounds) {
    const own: TextAttribute[] = [...labels, ['le', boundText(bound)]];
    if (!wants(labelsOf(own))) continue;
    found.push(oneBucket(points, bound, own));
  }
  return found;
}

function oneBucket(points: StreamPoints, bound: number, labels: readonly TextAttribute[]): Series {
  const [only, ...others] = points.chunks;
  const isDelta = isAccumulated(points.stream.metric);
  if (only !== undefined && others.length === 0 && !isDelta && isStrictlyAscending(only.timesMs)) {
    return { labels: labelsOf(labels), timestamps: only.timesMs, values: cumulative(only, bound) };
  }
  const samples = new SampleList(points.chunks.reduce((sum, { timesMs }) => sum + timesMs.length, 0));
  for (const chunk of points.chunks) {
    if (bound !== Infinity && !chunk.bounds.includes(bound)) continue;
    const values = cumulative(chunk, bound);
    for (let at = 0; at < values.length; at++) {
      if (chunk.isStale[at] === 1) samples.addStale(chunk.timesMs[at] ?? 0);
      else samples.add(chunk.timesMs[at] ?? 0, values[at] ?? 0);
    }
  }
  return samples.toSeries(labels, isDelta);
}

/** The observations up to a bound at each point; those of a histogram without buckets all lie below +Inf. */
function cumulative(points: PointColumns, bound: number): Float64Array {
  const { buckets, bounds, counts, isStale } = points;
  const place = bound === Infinity ? bounds.length : bounds.indexOf(bound);
  const values = new Float64Array(points.timesMs.length);
  const { ends, items } = buckets;
  let start = 0;
  for (let at = 0; at < values.length; at++) {
    const end = ends[at] ?? start;
    let count = 0;
    if (bound === Infinity) count = counts[at] ?? 0;
    else {
      for (let bucket = start; bucket <= start + place && bucket < end; bucket++) count += items[bucket] ?? 0;
    }
    values[at] = count;
    if (isStale[at] === 1) markStale(values, at);
    start = end;
  }
  return values;
}

function isStrictlyAscending(times: Float64Array): boolean {
  for (let at = 1; at < times.length; at++) if ((times[at - 1] ?? 0) >= (times[at] ?? 0)) return false;
  return true;
}

/** The counts of the buckets of point `at`, not cumulative. */
export function bucketCountsAt({ buckets }: PointColumns, at: number): Float64Array {
  return buckets.items.subarray(listStart(buckets, at), buckets.ends[at]);
}
