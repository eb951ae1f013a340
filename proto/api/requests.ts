import { z } from 'zod';
import { limit, line, range, text, traceId } from './parameters.ts';

export { parseMoment } from './parameters.ts';

export const rangeQuery = z.strictObject(range);

export const traceSearchQuery = z.strictObject({
  ...range,
  /** A service id. */
  service: text.optional(),
  operation: text.optional(),
  /** Part of a span's name or of any attribute value, in any case. */
  text: text.optional(),
  minDurationMs: z.coerce.number().min(0).optional(),
  maxDurationMs: z.coerce.number().min(0).optional(),
  status: z.enum(['error', 'ok']).optional(),
  q: line,
  limit: limit(50, 500),
});

export const tracePath = z.strictObject({ traceId });

export const logSearchQuery = z.strictObject({
  ...range,
  service: text.optional(),
  /** Part of the body or of any attribute value, in any case. */
  text: text.optional(),
  /** OTLP severity number, 1 (TRACE) to 24 (FATAL4). */
  minSeverity: z.coerce.number().int().min(1).max(24).optional(),
  traceId: traceId.optional(),
  q: line,
  limit: limit(200, 5_000),
});

export const metricListQuery = z.strictObject({ ...range, service: text.optional() });

export const seriesQuery = z.strictObject({
  ...range,
  name: z.string().min(1).max(1_000),
  service: text.optional(),
  /** `key=value`, repeated; all must hold. The value is compared with the attribute's text form. */
  label: z
    .array(z.string().regex(/^[^=]+=/, 'expected key=value'))
    .max(32)
    .default([]),
  limit: limit(100, 1_000),
});
