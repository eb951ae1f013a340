import {
  addHistograms,
  CounterReset,
  CUSTOM_BUCKETS,
  histogramColumn,
  type Labels,
  markStale,
  type NativeHistogram,
  type Series,
} from '../promql/index.ts';
import { bucketCountsAt } from './bucket-series.ts';
import { listStart, type StreamPoints } from './merge-chunks.ts';
import { isAccumulated } from './number-series.ts';
import type { NumberLists, PointColumns } from './otlp-stream.ts';

/** Prometheus knows no finer schema; OTLP does. */
const FINEST_SCHEMA = 8;

interface Timed {
  readonly time: number;
  readonly histogram: NativeHistogram | undefined;
}

/** Exponential histograms as native ones, explicit ones as native ones with custom buckets. */
export function nativeSeries({ stream, chunks }: StreamPoints, labels: Labels): Series {
  const toNative = stream.metric.kind === 'exponentialHistogram' ? exponentialAt : customAt;
  const points = chunks
    .flatMap((chunk) => Array.from(chunk.timesMs, (time, at): Timed => timedAt(chunk, at, time, toNative)))
    .sort((left, right) => left.time - right.time);
  const unique = points.filter(({ time }, at) => points[at + 1]?.time !== time);
  const timed = isAccumulated(stream.metric) ? accumulated(unique) : unique;
  const histograms = timed.flatMap(({ histogram }) => histogram ?? []);
  const values = new Float64Array(timed.length);
  const rows = new Int32Array(timed.length).fill(-1);
  let row = 0;
  timed.forEach(({ histogram }, at) => {
    if (histogram === undefined) markStale(values, at);
    else rows[at] = row++;
  });
  return {
    labels,
    timestamps: Float64Array.from(timed, ({ time }) => time),
    values,
    histograms: { column: histogramColumn(histograms), rows },
  };
}

function timedAt(
  chunk: PointColumns,
  at: number,
  time: number,
  toNative: (points: PointColumns, at: number) => NativeHistogram,
): Timed {
  return { time, histogram: chunk.isStale[at] === 1 ? undefined : toNative(chunk, at) };
}

function accumulated(points: readonly Timed[]): Timed[] {
  let total: NativeHistogram | undefined;
  return points.map(({ time, histogram }) => {
    if (histogram === undefined) return { time, histogram };
    const sum = total && addHistograms(total, histogram);
    total = sum?.kind === 'combined' ? sum.histogram : histogram;
    return { time, histogram: total };
  });
}

function exponentialAt(points: PointColumns, at: number): NativeHistogram {
  const scale = points.scales[at] ?? 0;
  return {
    schema: Math.min(scale, FINEST_SCHEMA),
    counterReset: CounterReset.unknown,
    zeroThreshold: points.zeroThresholds[at] ?? 0,
    zeroCount: points.zeroCounts[at] ?? 0,
    count: points.counts[at] ?? 0,
    sum: points.sums[at] ?? 0,
    positive: exponentialSide(points.positive, at, points.positiveOffsets[at] ?? 0, scale),
    negative: exponentialSide(points.negative, at, points.negativeOffsets[at] ?? 0, scale),
    customBounds: new Float64Array(0),
  };
}

/** OTLP counts buckets from their lower bound, Prometheus from their upper one: an index is one more. */
function exponentialSide(
  lists: NumberLists,
  at: number,
  offset: number,
  scale: number,
): NativeHistogram['positive'] {
  const shift = Math.max(0, scale - FINEST_SCHEMA);
  const counts = new Map<number, number>();
  const start = listStart(lists, at);
  for (let place = start; place < (lists.ends[at] ?? start); place++) {
    const count = lists.items[place] ?? 0;
    const index = ((offset + place - start) >> shift) + 1;
    if (count !== 0) counts.set(index, (counts.get(index) ?? 0) + count);
  }
  return { indexes: Int32Array.from(counts.keys()), counts: Float64Array.from(counts.values()) };
}

function customAt(points: PointColumns, at: number): NativeHistogram {
  const counts = bucketCountsAt(points, at);
  return {
    schema: CUSTOM_BUCKETS,
    counterReset: CounterReset.unknown,
    zeroThreshold: 0,
    zeroCount: 0,
    count: points.counts[at] ?? 0,
    sum: points.sums[at] ?? 0,
    positive: { counts, indexes: Int32Array.from(counts.keys()) },
    negative: { counts: new Float64Array(0), indexes: new Int32Array(0) },
    customBounds: points.bounds,
  };
}
