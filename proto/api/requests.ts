import { z } from 'zod';
import { label, limit, line, range, runShape, service, text, traceId } from './parameters.ts';

const cursor = z
  .string()
  .max(1_000)
  .optional()
  .meta({ description: 'nextCursor of the page before, with the same parameters' });

const duration = (bound: string): z.ZodOptional<z.ZodCoercedNumber> =>
  z.coerce
    .number()
    .min(0)
    .optional()
    .meta({ description: `how long a span took ${bound}, in milliseconds` });

export const noParameters = z.strictObject({});
export const runQuery = z.strictObject(runShape);
export const rangeQuery = z.strictObject({ ...range, ...runShape });

export const traceSearchQuery = z.strictObject({
  ...range,
  service,
  operation: text.optional().meta({ description: 'the name of a span, exactly' }),
  text: text.optional().meta({ description: "part of a span's name or of any attribute value, in any case" }),
  minDurationMs: duration('at least'),
  maxDurationMs: duration('at most'),
  status: z.enum(['error', 'ok']).optional().meta({ description: '`ok`: anything but an error' }),
  q: line,
  limit: limit(50, 500).meta({ description: 'traces of a page at most' }),
  cursor,
  ...runShape,
});

export const servicePath = z.strictObject({ service: z.string().min(1) });
export const compareQuery = z.strictObject({
  with: traceId.meta({ description: 'the trace that is looked at as what came after' }),
  ...runShape,
});

export const tracePath = z.strictObject({ traceId });

export const logSearchQuery = z.strictObject({
  ...range,
  service,
  text: text.optional().meta({ description: 'part of the body or of any attribute value, in any case' }),
  minSeverity: z.coerce
    .number()
    .int()
    .min(1)
    .max(24)
    .optional()
    .meta({ description: 'OTLP severity number, 1 (TRACE) to 24 (FATAL4)' }),
  traceId: traceId.optional().meta({ description: 'the trace that a record belongs to' }),
  q: line,
  limit: limit(200, 5_000).meta({ description: 'records of a page at most' }),
  cursor,
  ...runShape,
});

export const sqlBody = z.strictObject({
  query: z.string().min(1).max(20_000).meta({ description: 'one SELECT over the views otel_*' }),
});

export const metricListQuery = z.strictObject({ ...range, service, ...runShape });

export const seriesQuery = z.strictObject({
  ...range,
  name: z.string().min(1).max(1_000).meta({ description: 'of the metric, as it was sent' }),
  service,
  label,
  limit: limit(100, 1_000).meta({ description: 'series at most, those with the newest points' }),
  ...runShape,
});
