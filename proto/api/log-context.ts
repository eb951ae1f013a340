import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { runShape } from './parameters.ts';
import { logShape } from './telemetry.ts';
import { count, listOf, named, record } from './values.ts';

const logId = z.string().regex(/^\d{1,20}-\d{1,16}-\d{1,10}$/, 'expected the id of a log record');
const ownLogId = logId.meta({
  description: 'for /api/v1/logs/:logId/context; lasts as long as the record',
});

/** A log record in a list of the API. */
export const foundLog = named('FoundLog', record({ id: ownLogId, ...logShape }));
export type FoundLogJson = z.output<typeof foundLog>;

const contextLog = named(
  'ContextLog',
  record({
    offset: count.meta({ description: '0 for the record asked for, -1 for the one before, 1 for the next' }),
    id: ownLogId,
    ...logShape,
  }),
);

const MOST_CONTEXT = 1_000;
const some = z.coerce
  .number({ error: `expected a whole number from 0 to ${MOST_CONTEXT}` })
  .int()
  .min(0)
  .max(MOST_CONTEXT)
  .default(20);

export const LOG_CONTEXT_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/logs/:logId/context',
    tag: 'logs',
    needs: 'logs:read',
    summary: 'What the same resource logged before and after a record',
    description:
      'Oldest first, the record itself among them. A stream is all that one resource sent, whatever the scope: one process, one pod. Of one moment, what arrived later stands later. An unknown record has no context.',
    pathParameters: z.strictObject({ logId }),
    queryParameters: z.strictObject({
      before: some.meta({ description: 'records before it at most' }),
      after: some.meta({ description: 'records after it at most' }),
      ...runShape,
    }),
    answer: named(
      'LogContext',
      record({
        logs: listOf(contextLog),
        moreBefore: z.boolean().meta({ description: 'there are older ones than these' }),
        moreAfter: z.boolean().meta({ description: 'there are newer ones than these' }),
      }),
    ),
    rows: { key: 'logs', item: contextLog },
    example: '/api/v1/logs/1700000000000000000-12-345/context?before=10&after=10',
  }),
] as const;
