import type { SearchExpression, SearchSignal } from './search.ts';
import type { Arrival, TimeRange } from './filters.ts';

/** How often each value of each field is there, in one selection of items (facets) or in two (attribute diff). */
export interface ValueCountsQuery {
  readonly signal: SearchSignal;
  readonly selections: readonly { readonly search: SearchExpression; readonly range: TimeRange }[];
  /** Values of a field that are told apart in one partial: the most frequent. */
  readonly mostValues: number;
  /** Only what had arrived. */
  readonly asOf?: Arrival;
}

export interface FieldCounts {
  /** As in a search line: `name`, `service`, `http.route`, `resource.host.name`, `event.exception.type`. */
  readonly field: string;
  /** Items with the field, by selection; those that have several values, as events' attributes may, once a value. */
  readonly present: readonly number[];
  readonly values: readonly { readonly value: string; readonly counts: readonly number[] }[];
  /** There were more values than are told apart: the others are in `present` only. */
  readonly isCut: boolean;
}

/** Of disjoint items; to be merged. */
export interface ValueCountsPartial {
  /** Items, by selection. */
  readonly totals: readonly number[];
  readonly fields: readonly FieldCounts[];
}

/** Fields of their own in facets and diffs, besides all attributes of items, events, resources and scopes. */
export const FACET_FIELDS: Readonly<Record<SearchSignal, readonly string[]>> = {
  traces: ['service', 'name', 'kind', 'status', 'status.message', 'scope.name'],
  logs: ['service', 'level', 'severity.text', 'event', 'scope.name'],
};
