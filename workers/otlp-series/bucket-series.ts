// Hot: a histogram of eleven buckets is eleven series (bench/promql).
import { type Labels, markStale, type Series, withLabel } from '../promql/index.ts';
import { listStart, type StreamPoints } from './merge-chunks.ts';
import { isAccumulated } from './number-series.ts';
import type { PointColumns } from './otlp-stream.ts';
import { SampleList } from './sample-list.ts';

/** `le` as Prometheus writes it. */
export const boundText = (bound: number): string =>
  bound === Infinity
    ? '+Inf'
    : Number.isInteger(bound) && Math.abs(bound) < 1e21
      ? `${bound}`
      : String(bound);

/** The cumulative bucket series of an explicit histogram, those whose `le` is wanted. */
export function bucketSeries(points: StreamPoints, labels: Labels, wants: (le: string) => boolean): Series[] {
  const isDelta = isAccumulated(points.stream.metric);
  const all = new Set(points.chunks.flatMap((chunk) => [...chunk.bounds, Infinity]));
  const wanted = [...all].filter((bound) => wants(boundText(bound)));
  const [only, ...others] = points.chunks;
  if (only !== undefined && others.length === 0 && !isDelta && isStrictlyAscending(only.timesMs)) {
    const columns = cumulative(only, wanted);
    return wanted.map((bound, at) => ({
      labels: withLabel(labels, 'le', boundText(bound)),
      timestamps: only.timesMs,
      values: columns[at] ?? new Float64Array(0),
      ...(only.weights.length > 0 && { weights: only.weights }),
    }));
  }
  const lists = wanted.map(
    () => new SampleList(points.chunks.reduce((sum, { timesMs }) => sum + timesMs.length, 0)),
  );
  for (const chunk of points.chunks) {
    const columns = cumulative(chunk, wanted);
    wanted.forEach((bound, at) => {
      if (bound === Infinity || chunk.bounds.includes(bound)) addAll(lists[at], chunk, columns[at]);
    });
  }
  return wanted.flatMap(
    (bound, at) => lists[at]?.toSeries(withLabel(labels, 'le', boundText(bound)), isDelta) ?? [],
  );
}

function addAll(
  list: SampleList | undefined,
  { timesMs, isStale, weights }: PointColumns,
  values: Float64Array | undefined,
): void {
  for (let at = 0; at < timesMs.length; at++) {
    if (isStale[at] === 1) list?.addStale(timesMs[at] ?? 0);
    else list?.add(timesMs[at] ?? 0, values?.[at] ?? 0, weights[at]);
  }
}

/** For each bound the observations up to it at each point, in one pass; all lie below +Inf. */
function cumulative(points: PointColumns, wanted: readonly number[]): Float64Array[] {
  const { buckets, bounds, counts, isStale, timesMs } = points;
  const columns = wanted.map(() => new Float64Array(timesMs.length));
  const columnOf = (bound: number): Float64Array | undefined => columns[wanted.indexOf(bound)];
  const byBucket = Array.from(bounds, columnOf);
  const { ends, items } = buckets;
  let start = 0;
  for (let at = 0; at < timesMs.length; at++) {
    const end = ends[at] ?? start;
    let sum = 0;
    for (let bucket = 0; bucket < byBucket.length && start + bucket < end; bucket++) {
      sum += items[start + bucket] ?? 0;
      const column = byBucket[bucket];
      if (column !== undefined) column[at] = sum;
    }
    start = end;
  }
  columnOf(Infinity)?.set(counts);
  isStale.forEach((stale, at) => {
    if (stale === 1) for (const column of columns) markStale(column, at);
  });
  return columns;
}

function isStrictlyAscending(times: Float64Array): boolean {
  for (let at = 1; at < times.length; at++) if ((times[at - 1] ?? 0) >= (times[at] ?? 0)) return false;
  return true;
}

/** The counts of the buckets of point `at`, not cumulative. */
export function bucketCountsAt({ buckets }: PointColumns, at: number): Float64Array {
  return buckets.items.subarray(listStart(buckets, at), buckets.ends[at]);
}
