import { z } from 'zod';
import { limit, line, range, text } from './parameters.ts';

const fields = z.array(text.min(1)).max(4).default([]);

/** Of `/api/v1/traces/aggregate` and `/api/v1/logs/aggregate`. Fields are named as in a search line. */
export const aggregateQuery = z.strictObject({
  ...range,
  q: line,
  /** Repeated: fields to group by. */
  by: fields,
  /** Repeated: `duration` (ns) or attributes, each summed, averaged and with quantiles. */
  number: fields,
  /** Repeated: fields whose different values are counted. */
  distinct: fields,
  /** Width of time buckets in seconds; without it there is one. */
  stepSeconds: z.coerce.number().min(0.001).max(31_536_000).optional(),
  /** Groups, the largest first. */
  limit: limit(50, 1_000),
  /** Send the histograms too: for heatmaps. */
  histogram: z.enum(['true', 'false']).default('false'),
});

export const facetsQuery = z.strictObject({
  ...range,
  q: line,
  /** Fields, those that most items have first. */
  fields: limit(50, 500),
  /** Values of a field, the most frequent first. */
  values: limit(10, 1_000),
});

export const diffQuery = z.strictObject({
  ...range,
  /** The selection that one asks about. */
  q: line,
  /** What it is compared with; without it everything else in the same time. */
  baseline: z.string().max(4_000).optional(),
  fields: limit(50, 500),
  values: limit(10, 100),
});

export interface HistogramBinJson {
  /** Bounds of the bin: numbers above the first up to the second. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Null where no item has the number. Quantiles are within 1 %. */
export interface NumberSummaryJson {
  readonly field: string;
  readonly count: number;
  readonly sum: number;
  readonly avg: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly histogram?: readonly HistogramBinJson[];
}

export interface AggregateCellJson {
  /** Where the time bucket begins. */
  readonly timeUnixNano: string;
  readonly count: number;
  readonly ratePerSecond: number;
  readonly numbers: readonly NumberSummaryJson[];
  /** Different values, within about 2 %. */
  readonly distincts: readonly { readonly field: string; readonly count: number }[];
}

export interface AggregateJson {
  readonly groups: readonly {
    /** In the order of `by`; null where an item has none. */
    readonly key: readonly { readonly field: string; readonly value: string | null }[];
    readonly count: number;
    /** In order of time; buckets without items are not there. */
    readonly buckets: readonly AggregateCellJson[];
  }[];
  /** All items, and all groups of them. */
  readonly count: number;
  readonly groupCount: number;
  /** Items beyond the most groups that can be told apart. */
  readonly ungrouped: number;
}

export interface FacetsJson {
  readonly count: number;
  readonly fields: readonly {
    readonly field: string;
    /** Items that have it. */
    readonly present: number;
    readonly values: readonly { readonly value: string; readonly count: number }[];
    /** There are more values than these. */
    readonly more: boolean;
  }[];
}

export interface DiffJson {
  readonly counts: { readonly selection: number; readonly baseline: number };
  /** The most different first. */
  readonly fields: readonly {
    readonly field: string;
    /** Total variation distance of the field's values in the two, absence among them, beyond what chance gives: 0 (the same) to 1. */
    readonly difference: number;
    readonly present: { readonly selection: number; readonly baseline: number };
    /** Shares of all items, the most different values first. */
    readonly values: readonly {
      readonly value: string;
      readonly selection: number;
      readonly baseline: number;
    }[];
  }[];
}
