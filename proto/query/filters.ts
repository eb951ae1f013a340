import type { ServiceKey } from '../columns/index.ts';

/** Half-open: from ≤ t < to, ns since the epoch. */
export interface TimeRange {
  readonly fromUnixNano: bigint;
  readonly toUnixNano: bigint;
}

export interface SpanFilter {
  readonly service?: ServiceKey;
  readonly operation?: string;
  /** Part of the name or of any attribute's text form, in any case. */
  readonly text?: string;
  readonly minDurationNano?: bigint;
  readonly maxDurationNano?: bigint;
  readonly status?: 'error' | 'ok';
}

export interface SpanHit {
  /** Lower-case hex. */
  readonly traceId: string;
  readonly startTimeUnixNano: bigint;
}

export interface LogFilter {
  readonly service?: ServiceKey;
  /** Part of the body's or of any attribute's text form, in any case. */
  readonly text?: string;
  readonly minSeverity?: number;
  readonly traceId?: string;
}

export interface SeriesFilter {
  readonly name: string;
  readonly service?: ServiceKey;
  /** Attribute of the point or of the resource, by its text form; all must hold. */
  readonly labels: readonly { readonly key: string; readonly value: string }[];
}
