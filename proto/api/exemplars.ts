import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { exemplarShape, metric } from './metrics.ts';
import { label, limit, range, runShape, service } from './parameters.ts';
import { attributes, listOf, named, originShape, record } from './values.ts';

const foundExemplar = named(
  'FoundExemplar',
  record({ ...originShape, metric, attributes, ...exemplarShape }),
  'one measurement, the trace that it was made in, and the series that it went into',
);
export type FoundExemplarJson = z.output<typeof foundExemplar>;

export const EXEMPLAR_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/metrics/exemplars',
    tag: 'metrics',
    needs: 'metrics:read',
    summary: 'Measurements of a metric with the traces they were made in, newest first',
    description: 'Of the points in the range. One that came with several points is there once.',
    queryParameters: z.strictObject({
      ...range,
      name: z.string().min(1).max(1_000).meta({ description: 'of the metric, as it was sent' }),
      service,
      label,
      limit: limit(100, 1_000),
      ...runShape,
    }),
    answer: named('Exemplars', record({ exemplars: listOf(foundExemplar), more: z.boolean() })),
    rows: { key: 'exemplars', item: foundExemplar },
    example: '/api/v1/metrics/exemplars?name=http.server.request.duration&label=http.route=/cart',
  }),
] as const;
