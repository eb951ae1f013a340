import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { limit, range, runShape, service as serviceParameter, text } from './parameters.ts';
import { count, listOf, named, record, service, traceIdText } from './values.ts';

const step = record({
  depth: count.meta({ description: '0 at the top' }),
  service,
  operation: z.string(),
  repeats: count.meta({ description: 'equal siblings that this one stands for, in the example' }),
});

const shape = named(
  'TraceShape',
  record({
    id: z.string().meta({ description: 'the same for the same shape' }),
    traces: count.meta({ description: 'of those that were looked at' }),
    share: z.number().meta({ description: 'of them' }),
    failed: count.meta({ description: 'those of its traces in which a span failed' }),
    p50Ms: z.number(),
    p95Ms: z.number(),
    spans: z.number().meta({ description: 'of a trace, in the mean' }),
    variants: count.meta({
      description: 'shapes that were near enough to count as this one, itself included',
    }),
    steps: listOf(step).meta({ description: 'from the top down, siblings by start; 64 at most' }),
    stepsLeftOut: count,
    exampleTraceId: traceIdText,
    failedTraceId: traceIdText.meta({ description: 'one that failed; empty where none did' }),
  }),
);
export type TraceShapeJson = z.output<typeof shape>;

export const TRACE_SHAPE_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/traces/shapes',
    tag: 'traces',
    needs: 'traces:read',
    summary: 'How traces are built: shapes of a sample, with share, latency and failures',
    description:
      'Of traces with a span that matches and began in the range, as far as they are in memory, and ended. Traces have the same shape when the same operations call the same, however often and in whatever order.',
    queryParameters: z.strictObject({
      ...range,
      service: serviceParameter,
      operation: text.optional().meta({ description: 'the name of a span' }),
      limit: limit(20, 200),
      ...runShape,
    }),
    answer: named(
      'TraceShapes',
      record({
        shapes: listOf(shape).meta({ description: 'the most frequent first' }),
        traces: count.meta({ description: 'that were looked at' }),
        matching: count.meta({
          description: 'that there are; beyond 2,000 estimated, with a standard error of 2 %',
        }),
        more: z.boolean().meta({ description: 'there are rarer shapes' }),
      }),
    ),
    rows: { key: 'shapes', item: shape },
    example: '/api/v1/traces/shapes?from=now-5m&limit=10',
  }),
] as const;
