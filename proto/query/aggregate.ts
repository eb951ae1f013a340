import type { AttributeOwner, SearchExpression, SearchSignal } from './search.ts';
import type { Arrival, TimeRange } from './filters.ts';

/**
 * What items can be grouped by and counted distinct by: one text an item, or none. Of an attribute of `any` owner it is the
 * item's, or else its resource's, or else its scope's; of attributes with one key the first. Kinds, states and levels have
 * their names.
 */
export type GroupField =
  | { readonly type: 'service'; readonly part: 'name' | 'namespace' | 'environment' }
  | { readonly type: 'string'; readonly column: 'name' | 'statusMessage' | 'severityText' | 'eventName' }
  | { readonly type: 'number'; readonly column: 'kind' | 'statusCode' | 'severityNumber' }
  | { readonly type: 'scope'; readonly part: 'name' | 'version' }
  | { readonly type: 'trace' }
  | { readonly type: 'attribute'; readonly owner: Exclude<AttributeOwner, 'event'>; readonly key: string };

/** A number an item, or none: what `ValueTest` takes for one. Durations are in ns. */
export type NumberField =
  | { readonly type: 'duration' }
  | { readonly type: 'attribute'; readonly owner: Exclude<AttributeOwner, 'event'>; readonly key: string };

/** A text for each field that is grouped by. */
export type GroupKey = readonly (string | null)[];

export interface AggregateQuery {
  readonly signal: SearchSignal;
  readonly search: SearchExpression;
  readonly range: TimeRange;
  readonly groupBy: readonly GroupField[];
  /** Of each: count, sum, least, greatest and a logarithmic histogram. */
  readonly numbers: readonly NumberField[];
  /** Of each: how many different texts. */
  readonly distincts: readonly GroupField[];
  /** Width of the time buckets, which begin at `range.fromUnixNano`; without it there is one. */
  readonly bucketNano?: bigint;
  /** Only these groups. */
  readonly only?: readonly GroupKey[];
  /** Only what had arrived. */
  readonly asOf?: Arrival;
}

/** Counts by pairs of a cell and something in it. */
export interface PairCounts {
  readonly cells: Int32Array;
  readonly keys: Int32Array;
  readonly counts: Float64Array;
}

/** Each array has an element a cell. */
export interface NumberPartial {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly mins: Float64Array;
  readonly maxs: Float64Array;
  /** By bucket, see `workers/aggregate/log-histogram.ts`. */
  readonly histogram: PairCounts;
}

/** What some of the items come to. Partials of disjoint items can be merged, whichever tier or thread they are from. */
export interface AggregatePartial {
  readonly groups: readonly GroupKey[];
  /** A cell is a group within a time bucket. Only cells with items are there. */
  readonly cellGroups: Int32Array;
  readonly cellBuckets: Int32Array;
  readonly counts: Float64Array;
  readonly numbers: readonly NumberPartial[];
  /** HyperLogLog: by register the greatest rank, see `workers/aggregate/distinct-sketch.ts`. */
  readonly distincts: readonly PairCounts[];
  /** Items of groups beyond the most that are told apart. */
  readonly ungrouped: number;
}

/** Groups that are told apart in one partial. */
export const MOST_GROUPS = 100_000;
