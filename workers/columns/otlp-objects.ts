import type { AnyValue, Attribute } from './any-value.ts';

/**
 * Items as OTLP describes them, in the names of OTLP/JSON. 64-bit numbers are bigints, ids and bytes are byte
 * arrays (an absent id has no bytes), every field is there, and a field that was not sent has its default.
 */
export type OtlpValue =
  | Record<string, never>
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: bigint }
  | { readonly doubleValue: number }
  | { readonly bytesValue: Uint8Array }
  | { readonly arrayValue: { readonly values: readonly OtlpValue[] } }
  | { readonly kvlistValue: { readonly values: readonly OtlpAttribute[] } };

export interface OtlpAttribute {
  readonly key: string;
  /** Not there when it was not sent. */
  readonly value?: OtlpValue;
}

export interface OtlpSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly traceState: string;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: bigint;
  readonly endTimeUnixNano: bigint;
  readonly attributes: readonly OtlpAttribute[];
  readonly droppedAttributesCount: number;
  readonly events: readonly OtlpSpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly OtlpSpanLink[];
  readonly droppedLinksCount: number;
  readonly status: { readonly message: string; readonly code: number };
  readonly flags: number;
}

export interface OtlpSpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly droppedAttributesCount: number;
}

export interface OtlpSpanLink {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly traceState: string;
  readonly attributes: readonly OtlpAttribute[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

export interface OtlpLogRecord {
  readonly timeUnixNano: bigint;
  readonly observedTimeUnixNano: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  /** Not there when it was not sent. */
  readonly body?: OtlpValue;
  readonly attributes: readonly OtlpAttribute[];
  readonly droppedAttributesCount: number;
  readonly flags: number;
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly eventName: string;
}

export interface OtlpExemplar {
  readonly filteredAttributes: readonly OtlpAttribute[];
  readonly timeUnixNano: bigint;
  readonly asDouble?: number;
  readonly asInt?: bigint;
  readonly spanId: Uint8Array;
  readonly traceId: Uint8Array;
}

interface PointFields {
  readonly attributes: readonly OtlpAttribute[];
  readonly startTimeUnixNano: bigint;
  readonly timeUnixNano: bigint;
  readonly flags: number;
}

export interface OtlpNumberPoint extends PointFields {
  readonly kind: 'gauge' | 'sum';
  readonly asDouble?: number;
  readonly asInt?: bigint;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface OtlpHistogramPoint extends PointFields {
  readonly kind: 'histogram';
  readonly count: bigint;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly bucketCounts: readonly bigint[];
  readonly explicitBounds: readonly number[];
  readonly exemplars: readonly OtlpExemplar[];
}

export interface OtlpBuckets {
  readonly offset: number;
  readonly bucketCounts: readonly bigint[];
}

export interface OtlpExponentialHistogramPoint extends PointFields {
  readonly kind: 'exponentialHistogram';
  readonly count: bigint;
  readonly sum?: number;
  readonly min?: number;
  readonly max?: number;
  readonly scale: number;
  readonly zeroCount: bigint;
  readonly zeroThreshold: number;
  readonly positive: OtlpBuckets;
  readonly negative: OtlpBuckets;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface OtlpSummaryPoint extends PointFields {
  readonly kind: 'summary';
  readonly count: bigint;
  readonly sum: number;
  readonly quantileValues: readonly { readonly quantile: number; readonly value: number }[];
}

/** `kind` is the field of `Metric` that the point stands under; the other names are OTLP's. */
export type OtlpPoint =
  OtlpNumberPoint | OtlpHistogramPoint | OtlpExponentialHistogramPoint | OtlpSummaryPoint;

export function toOtlpAttribute({ key, value }: Attribute): OtlpAttribute {
  return value === undefined ? { key } : { key, value: toOtlpValue(value) };
}

export function toOtlpValue(value: AnyValue): OtlpValue {
  switch (value.kind) {
    case 'empty':
      return {};
    case 'string':
      return { stringValue: value.value };
    case 'bool':
      return { boolValue: value.value };
    case 'int':
      return { intValue: value.value };
    case 'double':
      return { doubleValue: value.value };
    case 'bytes':
      return { bytesValue: value.value };
    case 'array':
      return { arrayValue: { values: value.values.map(toOtlpValue) } };
    case 'kvlist':
      return { kvlistValue: { values: value.values.map(toOtlpAttribute) } };
  }
}
