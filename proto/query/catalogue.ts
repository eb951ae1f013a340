import type { MetricJson } from '../api/index.ts';
import type { ServiceKey } from '../columns/index.ts';
import type { TimeRange } from './filters.ts';

/** Which metrics of a catalogue are meant. */
export interface CatalogueQuery {
  readonly range: TimeRange;
  readonly service?: ServiceKey;
  /** Part of the name, ASCII letters in either case. */
  readonly text?: string;
  /** Only metrics of these names. */
  readonly names?: readonly string[];
}

/** What some of a metric's points come to; those of disjoint points can be merged. */
export interface MetricUse {
  readonly metric: MetricJson;
  readonly points: number;
  /** Of its series the least hashes: see `workers/catalogue`. */
  readonly series: Uint32Array;
}

/** The different values that an attribute has in a metric's series. */
export interface AttributeUse {
  readonly metric: MetricJson;
  /** The key; `resource.` stands before those of resources. */
  readonly field: string;
  /** Of the values' texts the least hashes. */
  readonly values: Uint32Array;
}
