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

/** Where an item stands in all that ever arrived: its segment, and how many items of its signal came before it in that. */
export interface Arrival {
  readonly segment: number;
  readonly ordinal: number;
}

/** Where a log record stands in the order of answers: newest first, and of one moment the last that came first. */
export interface LogPosition extends Arrival {
  readonly timeUnixNano: bigint;
}

/** Some of a long list. */
export interface Page<Position> {
  readonly limit: number;
  /** Only what comes behind this one. */
  readonly after?: Position;
  /** Only what had arrived: nothing that comes while somebody turns pages changes them. */
  readonly asOf?: Arrival;
}
