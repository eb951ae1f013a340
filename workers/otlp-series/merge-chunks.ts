import type { NumberLists, OtlpStream, PointColumns, StreamChunk } from './otlp-stream.ts';

/** All chunks of a stream, each sorted by time. */
export interface StreamPoints {
  readonly stream: OtlpStream;
  readonly chunks: readonly PointColumns[];
}

/** Streams by what identifies them; the same one may come from both tiers, and in pieces. */
export function groupChunks(chunks: Iterable<StreamChunk>): StreamPoints[] {
  const groups = new Map<string, { stream: OtlpStream; chunks: PointColumns[] }>();
  for (const { stream, points } of chunks) {
    const key = JSON.stringify([stream.metric, stream.resource, stream.scope, stream.attributes]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { stream, chunks: [sortedByTime(points)] });
    else group.chunks.push(sortedByTime(points));
  }
  return [...groups.values()];
}

function sortedByTime(points: PointColumns): PointColumns {
  const { timesMs } = points;
  let isSorted = true;
  for (let at = 1; at < timesMs.length && isSorted; at++) {
    isSorted = (timesMs[at - 1] ?? 0) <= (timesMs[at] ?? 0);
  }
  if (isSorted) return points;
  const order = Uint32Array.from(timesMs.keys()).sort(
    (left, right) => (timesMs[left] ?? 0) - (timesMs[right] ?? 0),
  );
  const numbers = (column: Float64Array): Float64Array =>
    column.length === 0 ? column : Float64Array.from(order, (at) => column[at] ?? 0);
  const lists = (column: NumberLists): NumberLists =>
    column.ends.length === 0 ? column : reordered(column, order);
  return {
    timesMs: numbers(timesMs),
    isStale: Uint8Array.from(order, (at) => points.isStale[at] ?? 0),
    values: numbers(points.values),
    counts: numbers(points.counts),
    sums: numbers(points.sums),
    buckets: lists(points.buckets),
    bounds: points.bounds,
    scales: numbers(points.scales),
    zeroCounts: numbers(points.zeroCounts),
    zeroThresholds: numbers(points.zeroThresholds),
    positiveOffsets: numbers(points.positiveOffsets),
    positive: lists(points.positive),
    negativeOffsets: numbers(points.negativeOffsets),
    negative: lists(points.negative),
    quantiles: lists(points.quantiles),
    quantileValues: lists(points.quantileValues),
    weights: numbers(points.weights),
  };
}

export function listStart({ ends }: NumberLists, at: number): number {
  return at === 0 ? 0 : (ends[at - 1] ?? 0);
}

function reordered(lists: NumberLists, order: Uint32Array): NumberLists {
  const ends = new Uint32Array(order.length);
  const items = new Float64Array(lists.items.length);
  let length = 0;
  order.forEach((from, at) => {
    const own = lists.items.subarray(listStart(lists, from), lists.ends[from]);
    items.set(own, length);
    length += own.length;
    ends[at] = length;
  });
  return { ends, items };
}
