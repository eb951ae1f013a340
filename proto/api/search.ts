import { z } from 'zod';
import { limit, line, moment, range, runShape, text } from './parameters.ts';
import { count, double, listOf, named, record, unixNano } from './values.ts';

const fields = (description: string): z.ZodDefault<z.ZodArray<z.ZodString>> =>
  z
    .array(text.min(1))
    .max(4)
    .default([])
    .meta({ description: `${description}; repeated, named as in a search line` });

/** Of `/api/v1/traces/aggregate` and `/api/v1/logs/aggregate`. Fields are named as in a search line. */
export const aggregateQuery = z.strictObject({
  ...range,
  q: line,
  by: fields('fields to group by'),
  number: fields('`duration` (ns) or attributes, each summed, averaged and with quantiles'),
  distinct: fields('fields whose different values are counted'),
  stepSeconds: z.coerce.number().min(0.001).max(31_536_000).optional().meta({
    description: 'width of time buckets in seconds, from the start of the range on; one bucket without it',
  }),
  limit: limit(50, 1_000).meta({ description: 'groups at most, the largest first' }),
  histogram: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'whether the histograms are sent, too: for heatmaps' }),
  ...runShape,
});

export const facetsQuery = z.strictObject({
  ...range,
  q: line,
  fields: limit(50, 500).meta({ description: 'fields at most, those that most items have first' }),
  values: limit(10, 1_000).meta({ description: 'values of a field at most, the most frequent first' }),
  ...runShape,
});

export const diffQuery = z.strictObject({
  ...range,
  /** The selection that one asks about. */
  q: line,
  baseline: z
    .string()
    .max(4_000)
    .optional()
    .meta({ description: 'a search line: what it is compared with; everything else without it' }),
  baselineFrom: moment
    .optional()
    .meta({ description: 'as `from`, of the baseline: of the same time without it' }),
  baselineTo: moment
    .optional()
    .meta({ description: 'as `to`, of the baseline: of the same time without it' }),
  fields: limit(50, 500).meta({ description: 'fields at most, the most different first' }),
  values: limit(10, 100).meta({ description: 'values of a field at most, the most different first' }),
  ...runShape,
});

const bin = record({
  from: double.meta({ description: 'numbers above this …' }),
  to: double.meta({ description: '… up to this one' }),
  count,
});

const numberSummary = named(
  'NumberSummary',
  record({
    field: z.string(),
    count,
    sum: double,
    avg: double.nullable(),
    min: double.nullable(),
    max: double.nullable(),
    p50: double.nullable(),
    p95: double.nullable(),
    p99: double.nullable(),
    histogram: listOf(bin).optional(),
  }),
  'null where no item has the number; quantiles are within 1 %',
);
export type NumberSummaryJson = z.output<typeof numberSummary>;

const cell = record({
  timeUnixNano: unixNano.meta({ description: 'where the time bucket begins' }),
  count,
  ratePerSecond: z
    .number()
    .meta({ description: 'over the part of the time bucket that is in the range and has been' }),
  numbers: listOf(numberSummary),
  distincts: listOf(record({ field: z.string(), count })).meta({
    description: 'different values, within about 2 %',
  }),
});

const group = record({
  key: listOf(record({ field: z.string(), value: z.string().nullable() })).meta({
    description: 'in the order of `by`; null where an item has none',
  }),
  count,
  buckets: listOf(cell).meta({ description: 'in order of time; buckets without items are not there' }),
});

export const aggregateAnswer = named(
  'Aggregate',
  record({
    groups: listOf(group),
    count: count.meta({ description: 'all items' }),
    groupCount: count.meta({ description: 'all groups of them' }),
    ungrouped: count.meta({ description: 'items beyond the most groups that can be told apart' }),
  }),
);
export type AggregateJson = z.output<typeof aggregateAnswer>;

const facet = record({
  field: z.string(),
  present: count.meta({ description: 'items that have it' }),
  values: listOf(record({ value: z.string(), count })),
  more: z.boolean().meta({ description: 'there are more values than these' }),
});

export const facetsAnswer = named('Facets', record({ count, fields: listOf(facet) }));
export type FacetsJson = z.output<typeof facetsAnswer>;

const both = record({ selection: z.number(), baseline: z.number() });
const fieldDifference = record({
  field: z.string(),
  difference: z.number().meta({
    description:
      'total variation distance of the field’s values in the two, absence among them, beyond what chance gives: 0 to 1',
  }),
  present: both,
  values: listOf(record({ value: z.string(), selection: z.number(), baseline: z.number() })).meta({
    description: 'shares of all items, the most different values first',
  }),
});

export const diffAnswer = named(
  'AttributeDiff',
  record({
    counts: both,
    fields: listOf(fieldDifference).meta({ description: 'the most different first' }),
  }),
);
export type DiffJson = z.output<typeof diffAnswer>;

export const groupRow = group;
export const facetRow = facet;
export const differenceRow = fieldDifference;
