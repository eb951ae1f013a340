import { z } from 'zod';

/**
 * Telemetry as it leaves the API: OTLP/JSON's own shapes. Ids are lower-case hex ('' when absent), nanoseconds and
 * 64-bit integers are decimal strings, bytes are base64.
 */

export type AnyValueJson =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number | 'NaN' | 'Infinity' | '-Infinity' }
  | { readonly bytesValue: string }
  | { readonly arrayValue: { readonly values: readonly AnyValueJson[] } }
  | { readonly kvlistValue: { readonly values: readonly AttributeJson[] } }
  | { readonly [none: string]: never };

export interface AttributeJson {
  readonly key: string;
  readonly value: AnyValueJson;
}

export interface ResourceJson {
  readonly attributes: readonly AttributeJson[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
}

export interface ScopeJson {
  readonly name: string;
  readonly version: string;
  readonly attributes: readonly AttributeJson[];
  readonly droppedAttributesCount: number;
  readonly schemaUrl: string;
}

export interface ServiceJson {
  /** See `ServiceId`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly environment: string;
}

/** Where an item came from. */
export interface OriginJson {
  readonly service: ServiceJson;
  readonly resource: ResourceJson;
  readonly scope: ScopeJson;
}

export interface SpanEventJson {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly AttributeJson[];
  readonly droppedAttributesCount: number;
}

export interface SpanLinkJson {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: readonly AttributeJson[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

export interface SpanJson extends OriginJson {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number; readonly message: string };
  readonly traceState: string;
  readonly flags: number;
  readonly attributes: readonly AttributeJson[];
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEventJson[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLinkJson[];
  readonly droppedLinksCount: number;
}

export interface LogJson extends OriginJson {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: AnyValueJson;
  readonly eventName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly flags: number;
  readonly attributes: readonly AttributeJson[];
  readonly droppedAttributesCount: number;
}

export type MetricKindName = 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram' | 'summary';

export interface MetricJson {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: MetricKindName;
  /** OTLP's AggregationTemporality: 0 unspecified, 1 delta, 2 cumulative. */
  readonly temporality: number;
  readonly monotonic: boolean;
  readonly metadata: readonly AttributeJson[];
}

export interface ExemplarJson {
  readonly timeUnixNano: string;
  readonly value: NumberValueJson;
  readonly traceId: string;
  readonly spanId: string;
  readonly filteredAttributes: readonly AttributeJson[];
}

type DoubleJson = number | 'NaN' | 'Infinity' | '-Infinity';
export type NumberValueJson = { readonly asDouble: DoubleJson } | { readonly asInt: string } | null;

interface PointJson {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly flags: number;
  readonly exemplars: readonly ExemplarJson[];
}

export interface NumberPointJson extends PointJson {
  readonly value: NumberValueJson;
}

export interface HistogramPointJson extends PointJson {
  readonly count: string;
  readonly sum: DoubleJson | null;
  readonly min: DoubleJson | null;
  readonly max: DoubleJson | null;
  readonly bucketCounts: readonly string[];
  readonly explicitBounds: readonly number[];
}

export interface ExponentialHistogramPointJson extends PointJson {
  readonly count: string;
  readonly sum: DoubleJson | null;
  readonly min: DoubleJson | null;
  readonly max: DoubleJson | null;
  readonly scale: number;
  readonly zeroCount: string;
  readonly zeroThreshold: number;
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly string[] };
  readonly negative: { readonly offset: number; readonly bucketCounts: readonly string[] };
}

export interface SummaryPointJson extends PointJson {
  readonly count: string;
  readonly sum: DoubleJson;
  readonly quantiles: readonly { readonly quantile: number; readonly value: DoubleJson }[];
}

export type MetricPointJson =
  NumberPointJson | HistogramPointJson | ExponentialHistogramPointJson | SummaryPointJson;

/** Points of one metric, one origin and one attribute set, oldest first. */
export interface MetricSeriesJson extends OriginJson {
  readonly metric: MetricJson;
  readonly attributes: readonly AttributeJson[];
  readonly points: readonly MetricPointJson[];
}

/** A trace in a list. */
export interface TraceSummaryJson {
  readonly traceId: string;
  /** Of the span without a parent, or the earliest one. */
  readonly rootName: string;
  readonly rootService: ServiceJson;
  readonly startTimeUnixNano: string;
  readonly durationNano: string;
  readonly spanCount: number;
  readonly errorCount: number;
  readonly services: readonly { readonly service: ServiceJson; readonly spanCount: number }[];
}

export interface ServiceActivityJson extends ServiceJson {
  /** Server and consumer spans, and root spans of any kind. */
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly spans: number;
  readonly logs: number;
  readonly points: number;
}

export interface OperationActivityJson {
  readonly name: string;
  readonly kind: number;
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface GraphNodeJson {
  /** A service id, or `database:…`, `messaging:…`, `external:…`. */
  readonly id: string;
  readonly name: string;
  readonly type: 'service' | 'database' | 'messaging' | 'external';
}

export interface GraphEdgeJson {
  readonly from: string;
  readonly to: string;
  readonly requests: number;
  readonly errors: number;
  readonly p95Ms: number | null;
}

/** Error body of every API answer that is not 2xx. `code` is from `ERROR_CODES`. */
export const errorBody = z.object({
  error: z.object({ code: z.string(), message: z.string(), cure: z.string().optional() }),
});
export type ErrorBody = z.infer<typeof errorBody>;
