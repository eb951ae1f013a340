import { type CounterReset, type NativeHistogram, NO_BOUNDS, NO_BUCKETS } from './native-histogram.ts';

/** Native histograms, a row each; the buckets of row `i` stand at `…Starts[i]` up to `…Starts[i + 1]`. */
export interface HistogramColumn {
  readonly schemas: Int8Array;
  readonly counterResets: Uint8Array;
  readonly zeroThresholds: Float64Array;
  readonly zeroCounts: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly positiveStarts: Uint32Array;
  readonly positiveIndexes: Int32Array;
  readonly positiveCounts: Float64Array;
  readonly negativeStarts: Uint32Array;
  readonly negativeIndexes: Int32Array;
  readonly negativeCounts: Float64Array;
  readonly boundStarts: Uint32Array;
  readonly bounds: Float64Array;
}

/** A view of row `row`: the buckets are not copied. */
export function histogramAt(column: HistogramColumn, row: number): NativeHistogram {
  const [from, to] = [column.positiveStarts[row] ?? 0, column.positiveStarts[row + 1] ?? 0];
  const [negativeFrom, negativeTo] = [column.negativeStarts[row] ?? 0, column.negativeStarts[row + 1] ?? 0];
  const [boundFrom, boundTo] = [column.boundStarts[row] ?? 0, column.boundStarts[row + 1] ?? 0];
  return {
    schema: column.schemas[row] ?? 0,
    counterReset: (column.counterResets[row] ?? 0) as CounterReset,
    zeroThreshold: column.zeroThresholds[row] ?? 0,
    zeroCount: column.zeroCounts[row] ?? 0,
    count: column.counts[row] ?? 0,
    sum: column.sums[row] ?? 0,
    positive:
      from === to
        ? NO_BUCKETS
        : {
            indexes: column.positiveIndexes.subarray(from, to),
            counts: column.positiveCounts.subarray(from, to),
          },
    negative:
      negativeFrom === negativeTo
        ? NO_BUCKETS
        : {
            indexes: column.negativeIndexes.subarray(negativeFrom, negativeTo),
            counts: column.negativeCounts.subarray(negativeFrom, negativeTo),
          },
    customBounds: boundFrom === boundTo ? NO_BOUNDS : column.bounds.subarray(boundFrom, boundTo),
  };
}

export function histogramColumn(histograms: readonly NativeHistogram[]): HistogramColumn {
  const positive = packed(histograms.map((histogram) => histogram.positive.counts));
  const negative = packed(histograms.map((histogram) => histogram.negative.counts));
  const bounds = packed(histograms.map((histogram) => histogram.customBounds));
  return {
    schemas: Int8Array.from(histograms, ({ schema }) => schema),
    counterResets: Uint8Array.from(histograms, ({ counterReset }) => counterReset),
    zeroThresholds: Float64Array.from(histograms, ({ zeroThreshold }) => zeroThreshold),
    zeroCounts: Float64Array.from(histograms, ({ zeroCount }) => zeroCount),
    counts: Float64Array.from(histograms, ({ count }) => count),
    sums: Float64Array.from(histograms, ({ sum }) => sum),
    positiveStarts: positive.starts,
    positiveIndexes: Int32Array.from(histograms.flatMap((histogram) => [...histogram.positive.indexes])),
    positiveCounts: positive.values,
    negativeStarts: negative.starts,
    negativeIndexes: Int32Array.from(histograms.flatMap((histogram) => [...histogram.negative.indexes])),
    negativeCounts: negative.values,
    boundStarts: bounds.starts,
    bounds: bounds.values,
  };
}

function packed(rows: readonly Float64Array[]): { starts: Uint32Array; values: Float64Array } {
  const starts = new Uint32Array(rows.length + 1);
  rows.forEach((row, at) => (starts[at + 1] = (starts[at] ?? 0) + row.length));
  const values = new Float64Array(starts[rows.length] ?? 0);
  rows.forEach((row, at) => {
    values.set(row, starts[at]);
  });
  return { starts, values };
}
