import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { metric } from './metrics.ts';
import { limit, range, runShape, service, text } from './parameters.ts';
import { count, listOf, named, record } from './values.ts';

const entry = named(
  'CatalogueMetric',
  record({
    metric,
    points: count,
    series: count.meta({
      description: 'different series; beyond 511 estimated, with a standard error of 4.4 %',
    }),
    isExact: z.boolean().meta({ description: 'whether `series` is counted, not estimated' }),
    offenders: listOf(
      record({
        attribute: z.string().meta({ description: 'resource. stands before those of resources' }),
        values: count.meta({ description: 'different ones; beyond 511 estimated' }),
      }),
    ).meta({ description: 'what makes the series so many: attributes with several values, most first' }),
  }),
);

export const METRIC_CATALOGUE_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/metrics/catalogue',
    tag: 'metrics',
    needs: 'metrics:read',
    summary: 'Metrics with what they are, how many series they have, and what makes them so many',
    queryParameters: z.strictObject({
      ...range,
      service,
      text: text.optional().meta({ description: 'part of the name, in any case' }),
      limit: limit(100, 1_000),
      offenders: z.coerce
        .number({ error: 'expected a whole number from 0 to 50' })
        .int()
        .min(0)
        .max(50)
        .default(5)
        .meta({ description: 'attributes of each metric at most; 0 costs half' }),
      ...runShape,
    }),
    answer: named(
      'MetricCatalogue',
      record({
        metrics: listOf(entry).meta({ description: 'those with most series first' }),
        more: z.boolean(),
      }),
    ),
    rows: { key: 'metrics', item: entry },
    example: '/api/v1/metrics/catalogue?text=http&limit=20',
  }),
] as const;
