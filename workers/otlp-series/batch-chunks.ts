import {
  type Batch,
  MetricKind,
  type MetricColumns,
  Presence,
  ValueKind,
} from '../../proto/columns/index.ts';
import type { TimeRange } from '../../proto/query/index.ts';
import { type Attribute, dictionaryReader, type DictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import {
  NO_NUMBERS,
  type NumberLists,
  type OtlpStream,
  type PointColumns,
  type StreamChunk,
  type StreamMetric,
  type TextAttribute,
} from './otlp-stream.ts';
import type { SeenResource } from './select-series.ts';

/** The points of a batch within a range, of the metrics that are wanted, by their streams. */
export function batchChunks(
  batch: Batch<'metrics'>,
  range: TimeRange,
  wants: (metric: StreamMetric) => boolean,
): StreamChunk[] {
  const { columns } = batch;
  const dictionary = dictionaryReader(batch.dictionary);
  const isWanted = new Map<number, boolean>();
  const streams = new Map<string, number[]>();
  for (let row = 0; row < batch.rowCount; row++) {
    const metric = columns.metric[row] ?? 0;
    let wanted = isWanted.get(metric);
    if (wanted === undefined) isWanted.set(metric, (wanted = wants(metricOf(dictionary, metric))));
    if (!wanted || !isWithin(columns.timeUnixNano[row] ?? 0n, range)) continue;
    const key = streamKey(columns, row);
    const rows = streams.get(key);
    if (rows === undefined) streams.set(key, [row]);
    else rows.push(row);
  }
  return [...streams.values()].map((rows) => ({
    stream: streamOf(columns, dictionary, rows[0] ?? 0),
    points: pointsOf(columns, dictionary, rows),
  }));
}

/** The resources of a batch's points within a range, and when they sent them. */
export function batchResources(batch: Batch<'metrics'>, range: TimeRange): SeenResource[] {
  const dictionary = dictionaryReader(batch.dictionary);
  const times = new Map<number, Set<number>>();
  for (let row = 0; row < batch.rowCount; row++) {
    const time = batch.columns.timeUnixNano[row] ?? 0n;
    if (!isWithin(time, range)) continue;
    const resource = batch.columns.resource[row] ?? 0;
    const seen = times.get(resource) ?? new Set<number>();
    times.set(resource, seen.add(Number(time / 1_000_000n)));
  }
  return [...times].map(([resource, seen]) => ({
    resource: texts(dictionary.resource(resource).attributes),
    timesMs: Float64Array.from(seen).sort(),
  }));
}

const isWithin = (time: bigint, { fromUnixNano, toUnixNano }: TimeRange): boolean =>
  time >= fromUnixNano && time < toUnixNano;

/** Metrics of one generation of a dictionary that share a batch are few. */
function metricOf(dictionary: DictionaryReader, code: number): StreamMetric {
  const { name, unit, kind, temporality, isMonotonic } = dictionary.metric(code);
  return { name, unit, kind, temporality, isMonotonic };
}

function streamKey(
  { metric, resource, scope, attributes, explicitBounds }: MetricColumns,
  row: number,
): string {
  const own = attributes.items.subarray(attributes.offsets[row], attributes.offsets[row + 1]);
  return [metric[row], resource[row], scope[row], explicitBounds[row], own.join()].join(':');
}

function streamOf(columns: MetricColumns, dictionary: DictionaryReader, row: number): OtlpStream {
  const { offsets, items } = columns.attributes;
  const scope = dictionary.scope(columns.scope[row] ?? 0);
  const own = Array.from(items.subarray(offsets[row], offsets[row + 1]), (code) =>
    dictionary.attribute(code),
  );
  return {
    metric: metricOf(dictionary, columns.metric[row] ?? 0),
    resource: texts(dictionary.resource(columns.resource[row] ?? 0).attributes),
    scope: { name: scope.name, version: scope.version, attributes: texts(scope.attributes) },
    attributes: texts(own),
  };
}

const texts = (attributes: readonly Attribute[]): TextAttribute[] =>
  attributes.map(({ key, value }): TextAttribute => [key, anyValueText(value)]);

function pointsOf(
  columns: MetricColumns,
  dictionary: DictionaryReader,
  rows: readonly number[],
): PointColumns {
  const numbers = (value: (row: number) => number): Float64Array => Float64Array.from(rows, value);
  const column = (of: { readonly [row: number]: number | bigint }): Float64Array =>
    numbers((row) => Number(of[row] ?? 0));
  const hasSum = (row: number): boolean =>
    columns.metricKind[row] === MetricKind.summary || ((columns.presence[row] ?? 0) & Presence.sum) !== 0;
  const { quantile, value } = columns.quantiles.items;
  return {
    timesMs: numbers((row) => Number((columns.timeUnixNano[row] ?? 0n) / 1_000_000n)),
    isStale: Uint8Array.from(rows, (row) => (columns.flags[row] ?? 0) & 1),
    values: numbers((row) =>
      columns.valueKind[row] === ValueKind.int
        ? Number(columns.intValue[row] ?? 0n)
        : (columns.doubleValue[row] ?? 0),
    ),
    counts: column(columns.count),
    sums: numbers((row) => (hasSum(row) ? (columns.sum[row] ?? 0) : NaN)),
    buckets: lists(columns.bucketCounts.offsets, columns.bucketCounts.items, rows),
    bounds: dictionary.bounds(columns.explicitBounds[rows[0] ?? 0] ?? 0),
    scales: column(columns.scale),
    zeroCounts: column(columns.zeroCount),
    zeroThresholds: column(columns.zeroThreshold),
    positiveOffsets: column(columns.positiveOffset),
    positive: lists(columns.positiveCounts.offsets, columns.positiveCounts.items, rows),
    negativeOffsets: column(columns.negativeOffset),
    negative: lists(columns.negativeCounts.offsets, columns.negativeCounts.items, rows),
    quantiles: lists(columns.quantiles.offsets, quantile, rows),
    quantileValues: lists(columns.quantiles.offsets, value, rows),
    weights: NO_NUMBERS,
  };
}

function lists(
  offsets: { readonly [row: number]: number },
  items: { readonly [at: number]: number | bigint },
  rows: readonly number[],
): NumberLists {
  const ends = new Uint32Array(rows.length);
  const found: number[] = [];
  rows.forEach((row, at) => {
    for (let item = offsets[row] ?? 0; item < (offsets[row + 1] ?? 0); item++) {
      found.push(Number(items[item] ?? 0));
    }
    ends[at] = found.length;
  });
  return { ends, items: Float64Array.from(found) };
}
