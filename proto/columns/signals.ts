import type { ColumnsOf, StructLayout } from './layout.ts';

const u8 = { kind: 'u8' } as const;
const u32 = { kind: 'u32' } as const;
const i32 = { kind: 'i32' } as const;
const u64 = { kind: 'u64' } as const;
const i64 = { kind: 'i64' } as const;
const f64 = { kind: 'f64' } as const;
const traceId = { kind: 'fixed', width: 16 } as const;
const spanId = { kind: 'fixed', width: 8 } as const;
const string = { kind: 'code', dictionary: 'strings' } as const;
const attributes = { kind: 'list', item: { kind: 'code', dictionary: 'attributes' } } as const;
const resource = { kind: 'code', dictionary: 'resources' } as const;
const scope = { kind: 'code', dictionary: 'scopes' } as const;

/** One row a span. An absent id is all zero bytes, an absent string is the empty string, an absent number 0. */
export const SPAN_LAYOUT = {
  traceId,
  spanId,
  parentSpanId: spanId,
  startTimeUnixNano: u64,
  /** end − start, ns; negative when the sender's clock went back. */
  durationNano: i64,
  name: string,
  kind: u8,
  statusCode: u8,
  statusMessage: string,
  traceState: string,
  flags: u32,
  resource,
  scope,
  attributes,
  droppedAttributesCount: u32,
  events: {
    kind: 'list',
    item: {
      kind: 'struct',
      fields: { timeUnixNano: u64, name: string, attributes, droppedAttributesCount: u32 },
    },
  },
  droppedEventsCount: u32,
  links: {
    kind: 'list',
    item: {
      kind: 'struct',
      fields: { traceId, spanId, traceState: string, attributes, droppedAttributesCount: u32, flags: u32 },
    },
  },
  droppedLinksCount: u32,
} as const satisfies StructLayout;

/** What `body` holds: nothing, UTF-8 text of a string value, or the wire bytes of any other `AnyValue`. */
export const BodyKind = { absent: 0, text: 1, anyValue: 2 } as const;

/** One row a log record. */
export const LOG_LAYOUT = {
  timeUnixNano: u64,
  observedTimeUnixNano: u64,
  severityNumber: u8,
  severityText: string,
  bodyKind: u8,
  body: { kind: 'binary' },
  eventName: string,
  traceId,
  spanId,
  flags: u32,
  resource,
  scope,
  attributes,
  droppedAttributesCount: u32,
} as const satisfies StructLayout;

/** The kind of metric a point belongs to: the field number of `Metric.data` in OTLP. */
export const MetricKind = {
  gauge: 5,
  sum: 7,
  histogram: 9,
  exponentialHistogram: 10,
  summary: 11,
} as const;

/** Which of the oneof `value` of a number point or exemplar is set. */
export const ValueKind = { absent: 0, double: 1, int: 2 } as const;

/** Bits of `presence`: proto3 optional fields of histogram points that were sent. */
export const Presence = { sum: 1, min: 2, max: 4 } as const;

/** One row a data point, of any of the five kinds; what a kind does not have is zero or empty. */
export const METRIC_LAYOUT = {
  metric: { kind: 'code', dictionary: 'metrics' },
  metricKind: u8,
  startTimeUnixNano: u64,
  timeUnixNano: u64,
  flags: u32,
  resource,
  scope,
  attributes,
  /** Gauge, sum. */
  valueKind: u8,
  doubleValue: f64,
  intValue: i64,
  /** Histogram, exponential histogram, summary. */
  count: u64,
  sum: f64,
  presence: u8,
  min: f64,
  max: f64,
  /** Histogram. */
  bucketCounts: { kind: 'list', item: u64 },
  explicitBounds: { kind: 'code', dictionary: 'bounds' },
  /** Exponential histogram. */
  scale: i32,
  zeroCount: u64,
  zeroThreshold: f64,
  positiveOffset: i32,
  positiveCounts: { kind: 'list', item: u64 },
  negativeOffset: i32,
  negativeCounts: { kind: 'list', item: u64 },
  /** Summary. */
  quantiles: { kind: 'list', item: { kind: 'struct', fields: { quantile: f64, value: f64 } } },
  exemplars: {
    kind: 'list',
    item: {
      kind: 'struct',
      fields: {
        timeUnixNano: u64,
        valueKind: u8,
        doubleValue: f64,
        intValue: i64,
        traceId,
        spanId,
        filteredAttributes: attributes,
      },
    },
  },
} as const satisfies StructLayout;

export const LAYOUTS = { traces: SPAN_LAYOUT, metrics: METRIC_LAYOUT, logs: LOG_LAYOUT } as const;

export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

export type Columns<S extends Signal> = ColumnsOf<(typeof LAYOUTS)[S]>;
export type SpanColumns = Columns<'traces'>;
export type MetricColumns = Columns<'metrics'>;
export type LogColumns = Columns<'logs'>;
