import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { limit, runShape, service as serviceParameter, text } from './parameters.ts';
import { count, listOf, named, record, service } from './values.ts';

export const PATTERN_TRENDS = ['new', 'rising', 'gone', 'periodic', 'steady'] as const;
export type PatternTrend = (typeof PATTERN_TRENDS)[number];
/** Ranges of OpenTelemetry's severity numbers, from the least; fatal is error. */
export const PATTERN_SEVERITIES = ['unset', 'debug', 'info', 'warn', 'error'] as const;

const unixMs = z.number().meta({ description: 'Unix time in milliseconds' });
const perMinute = z.number().meta({ description: 'records a minute' });

/** What many log records of a service have in common. */
export const logPattern = named(
  'LogPattern',
  record({
    id: z.string().meta({ description: 'of the template: the same in other services, and after a restart' }),
    service,
    template: z
      .string()
      .meta({ description: 'constant words, and <*> for what varies; 300 characters at most' }),
    parameters: listOf(
      record({
        type: z.string().meta({
          description: 'number, hex, uuid, ip, url, email, path, time, boolean, quantity, word, text',
        }),
        examples: listOf(z.string()),
      }),
    ).meta({ description: 'one for each <*>, in order' }),
    example: z.string().meta({ description: 'a record’s body, 300 characters at most' }),
    severity: z.enum(PATTERN_SEVERITIES).meta({ description: 'the worst of its records' }),
    isError: z.boolean(),
    trend: z.enum(PATTERN_TRENDS).meta({
      description:
        'new: within its first half hour, of a service watched before; rising: far above its usual rate; gone: it came for ten minutes at least, and is silent for ten minutes, five of its usual gaps or two of its periods; periodic: at even distances',
    }),
    count: count.meta({ description: 'records since firstSeenUnixMs' }),
    share: z
      .number()
      .min(0)
      .max(1)
      .meta({ description: 'of its service’s text records of the last four hours' }),
    firstSeenUnixMs: unixMs,
    lastSeenUnixMs: unixMs,
    recentPerMinute: perMinute,
    usualPerMinute: perMinute,
    periodMs: z.number().nullable().meta({ description: 'of a periodic one' }),
    recurs: z
      .string()
      .nullable()
      .meta({ description: 'in words: every day at 02:00 UTC; null where no clock has it' }),
    stack: record({
      fingerprint: z.string().meta({ description: 'the same for the same error at the same place' }),
      frames: listOf(z.string()).meta({ description: 'the innermost five functions' }),
    })
      .nullable()
      .meta({ description: 'of the stack trace in its records' }),
    query: z
      .string()
      .meta({ description: 'a search line that finds its records, for `q` of /api/v1/logs and live tails' }),
    counts: record({
      startUnixMs: unixMs,
      stepMs: z.number(),
      values: listOf(z.number()),
    }).meta({
      description: 'records by time, of the last four hours at most; the last cell is not over yet',
    }),
  }),
);
export type LogPatternJson = z.output<typeof logPattern>;

export const LOG_PATTERN_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/logs/patterns',
    tag: 'logs',
    needs: 'logs:read',
    summary: 'Which patterns log records follow, and what is new, rising, gone or periodic among them',
    description:
      'As the platform has them now, mined from text bodies as they come in, of services that whoever asks may see. There is no range: `sinceUnixMs` says since when they are watched, also over restarts. What is news comes first, then the most frequent. 4,096 patterns are kept, those seen last.',
    queryParameters: z.strictObject({
      service: serviceParameter,
      trend: z.enum(PATTERN_TRENDS).optional().meta({ description: 'of this trend alone' }),
      severity: z.enum(PATTERN_SEVERITIES).optional().meta({ description: 'at least' }),
      text: text
        .optional()
        .meta({ description: 'in the template or an example, whatever the case of letters' }),
      limit: limit(100, 1_000),
      ...runShape,
    }),
    answer: named(
      'LogPatterns',
      record({
        patterns: listOf(logPattern),
        count: count.meta({ description: 'that fit, shown or not' }),
        more: z.boolean().meta({ description: 'there are more than these' }),
        sinceUnixMs: unixMs
          .nullable()
          .meta({ description: 'when the first of these services was watched first; null: none is' }),
      }),
    ),
    rows: { key: 'patterns', item: logPattern },
    example: '/api/v1/logs/patterns?trend=new&severity=error',
  }),
] as const;
