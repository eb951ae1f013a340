import { z } from 'zod';
import {
  attributes,
  count,
  double,
  int64,
  listOf,
  named,
  originShape,
  record,
  spanIdText,
  traceIdText,
  uint64,
  unixNano,
} from './values.ts';

const metricKind = z.enum(['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary']);

export const metric = named(
  'Metric',
  record({
    name: z.string(),
    description: z.string(),
    unit: z.string(),
    kind: metricKind,
    temporality: count.meta({ description: '0 unspecified, 1 delta, 2 cumulative' }),
    monotonic: z.boolean(),
    metadata: attributes,
  }),
);
export type MetricJson = z.output<typeof metric>;

const numberValue = z.union([record({ asDouble: double }), record({ asInt: int64 }), z.null()]);
export type NumberValueJson = z.output<typeof numberValue>;

export const exemplarShape = {
  timeUnixNano: unixNano,
  value: numberValue,
  traceId: traceIdText,
  spanId: spanIdText,
  filteredAttributes: attributes,
};
const exemplar = named('Exemplar', record(exemplarShape));
export type ExemplarJson = z.output<typeof exemplar>;

const pointShape = {
  startTimeUnixNano: unixNano,
  timeUnixNano: unixNano,
  flags: count,
  exemplars: listOf(exemplar),
};

const numberPoint = named('NumberPoint', record({ ...pointShape, value: numberValue }));
export type NumberPointJson = z.output<typeof numberPoint>;

const distributionShape = {
  ...pointShape,
  count: uint64,
  sum: double.nullable(),
  min: double.nullable(),
  max: double.nullable(),
};

const histogramPoint = named(
  'HistogramPoint',
  record({ ...distributionShape, bucketCounts: listOf(uint64), explicitBounds: listOf(z.number()) }),
);

const buckets = record({ offset: count, bucketCounts: listOf(uint64) });
const exponentialHistogramPoint = named(
  'ExponentialHistogramPoint',
  record({
    ...distributionShape,
    scale: count,
    zeroCount: uint64,
    zeroThreshold: z.number(),
    positive: buckets,
    negative: buckets,
  }),
);
export type ExponentialHistogramPointJson = z.output<typeof exponentialHistogramPoint>;

const summaryPoint = named(
  'SummaryPoint',
  record({
    ...pointShape,
    count: uint64,
    sum: double,
    quantiles: listOf(record({ quantile: z.number(), value: double })),
  }),
);

const metricPoint = z.union([numberPoint, exponentialHistogramPoint, histogramPoint, summaryPoint]);
export type MetricPointJson = z.output<typeof metricPoint>;

export const metricSeries = named(
  'MetricSeries',
  record({ ...originShape, metric, attributes, points: listOf(metricPoint) }),
  'points of one metric, one origin and one attribute set, oldest first',
);
export type MetricSeriesJson = z.output<typeof metricSeries>;
