import type { MetricKind } from '../../proto/columns/index.ts';

/** Key and text form of the value (`anyValueText`). */
export type TextAttribute = readonly [key: string, value: string];

export interface StreamMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: keyof typeof MetricKind;
  /** OTLP's AggregationTemporality: 0 unspecified, 1 delta, 2 cumulative. */
  readonly temporality: number;
  readonly isMonotonic: boolean;
}

/** What identifies the points of one OTLP timeseries: from whom they are, of which metric, with which attributes. */
export interface OtlpStream {
  readonly metric: StreamMetric;
  readonly resource: readonly TextAttribute[];
  readonly scope: {
    readonly name: string;
    readonly version: string;
    readonly attributes: readonly TextAttribute[];
  };
  readonly attributes: readonly TextAttribute[];
}

/** Lists of numbers, a list each point: that of point `i` ends before `ends[i]`, and begins where the one before ends. */
export interface NumberLists {
  readonly ends: Uint32Array;
  readonly items: Float64Array;
}

/** Points of one stream as columns; those that the metric's kind does not have are empty. */
export interface PointColumns {
  readonly timesMs: Float64Array;
  /** Nothing was recorded: the series ends here (OTLP's flag). */
  readonly isStale: Uint8Array;
  /** Gauge, sum. */
  readonly values: Float64Array;
  /** Histogram, exponential histogram, summary. */
  readonly counts: Float64Array;
  /** NaN where the sender has none. */
  readonly sums: Float64Array;
  /** Histogram: counts of the buckets, not cumulative. */
  readonly buckets: NumberLists;
  /** Histogram: upper bounds of the buckets of all points, without +Inf. */
  readonly bounds: Float64Array;
  /** Exponential histogram. */
  readonly scales: Float64Array;
  readonly zeroCounts: Float64Array;
  readonly zeroThresholds: Float64Array;
  readonly positiveOffsets: Float64Array;
  readonly positive: NumberLists;
  readonly negativeOffsets: Float64Array;
  readonly negative: NumberLists;
  /** Summary: both lists have the same length at each point. */
  readonly quantiles: NumberLists;
  readonly quantileValues: NumberLists;
  /** Points that each stands for, itself and those left out before it. Empty: each stands for itself. */
  readonly weights: Float64Array;
}

/** Points of a stream from one place: a stream may come in several, in any order of time. */
export interface StreamChunk {
  readonly stream: OtlpStream;
  readonly points: PointColumns;
}

export const NO_NUMBERS = new Float64Array(0);
export const NO_LISTS: NumberLists = { ends: new Uint32Array(0), items: NO_NUMBERS };
export const NO_POINTS: PointColumns = {
  timesMs: NO_NUMBERS,
  isStale: new Uint8Array(0),
  values: NO_NUMBERS,
  counts: NO_NUMBERS,
  sums: NO_NUMBERS,
  buckets: NO_LISTS,
  bounds: NO_NUMBERS,
  scales: NO_NUMBERS,
  zeroCounts: NO_NUMBERS,
  zeroThresholds: NO_NUMBERS,
  positiveOffsets: NO_NUMBERS,
  positive: NO_LISTS,
  negativeOffsets: NO_NUMBERS,
  negative: NO_LISTS,
  quantiles: NO_LISTS,
  quantileValues: NO_LISTS,
  weights: NO_NUMBERS,
};
