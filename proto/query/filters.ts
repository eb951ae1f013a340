import type { ServiceKey } from '../columns/index.ts';

/** Half-open: from ≤ t < to, ns since the epoch. */
export interface TimeRange {
  readonly fromUnixNano: bigint;
  readonly toUnixNano: bigint;
}

export interface SpanHit {
  /** Lower-case hex. */
  readonly traceId: string;
  readonly startTimeUnixNano: bigint;
}

export interface SeriesFilter {
  readonly name: string;
  readonly service?: ServiceKey;
  /** Attribute of the point or of the resource, by its text form; all must hold. */
  readonly labels: readonly { readonly key: string; readonly value: string }[];
}
