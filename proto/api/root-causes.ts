import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { attributeEvidence, rootCause, signalEvidence } from './insights.ts';
import { moment, runShape, text } from './parameters.ts';
import { listOf, named, record } from './values.ts';

/** Histories hold half an hour: what came before the beginning must be among it. */
export const MOST_MINUTES_BACK = 25;

/** Why there is no cause to tell of. */
export const NO_CAUSE_REASONS = [
  'unknown-service',
  'unknown-signal',
  'too-new',
  'nothing-changed',
  'nothing-to-blame',
] as const;
export type NoCauseReason = (typeof NO_CAUSE_REASONS)[number];

const rootCauses = named(
  'RootCauses',
  record({
    reason: z.enum(NO_CAUSE_REASONS).nullable().meta({
      description:
        'why nothing is told: the service or the signal is not watched, what was before is not known for long enough, nothing is other than before, or nothing explains what is. Null where causes were found',
    }),
    explanation: z.string().meta({ description: 'the answer in words, also where nothing was found' }),
    startedUnixMs: z.number().nullable().meta({
      description:
        'when it began, as the data say: what was before is what it is compared with. Unix time in milliseconds; null where nothing changed',
    }),
    untilUnixMs: z.number().meta({ description: 'up to when it was looked at; Unix time in milliseconds' }),
    changed: listOf(signalEvidence).meta({
      description: 'signals of the service that are other than before, what users suffer from first',
    }),
    inCommon: listOf(attributeEvidence).meta({
      description: 'what failing or slow spans at the likeliest cause have in common, beside others',
    }),
    rootCauses: listOf(rootCause).meta({ description: 'the likeliest first' }),
  }),
);
export type RootCausesJson = z.output<typeof rootCauses>;

export const ROOT_CAUSE_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/root-causes',
    tag: 'insights',
    needs: 'insights:read',
    summary: 'Why a service is not as it was, without waiting for an insight',
    description: `Compares what the service and all that it calls did since a moment with what they did before, from what is held in memory: since is ${MOST_MINUTES_BACK} minutes ago at the earliest. The same analysis as that of insights, for an alert or a question. Few are made at a time: who asks the same shares an answer, and who finds too many waiting is told when to ask again (OVERLOADED, Retry-After).`,
    queryParameters: z.strictObject({
      service: text.min(1).meta({ description: 'a service id, as in the answer of /api/v1/services' }),
      since: moment.default('now-15m').meta({
        description:
          'when it began, as far as is known: now-5m, an RFC 3339 time, or Unix time in s, ms, µs or ns. Where the data say that it began at another time they are believed',
      }),
      until: moment.default('now').meta({ description: 'as `since`; what came later is not looked at' }),
      signal: text.min(1).optional().meta({
        description:
          'what is asked about alone: requests, errors, latency, availability, cpu, memory, network, disk, logs, or the name of a metric',
      }),
      ...runShape,
    }),
    answer: rootCauses,
    rows: { key: 'rootCauses', item: rootCause },
    errors: ['OVERLOADED'],
    example: '/api/v1/root-causes?service=production~shop~checkout&since=now-10m&signal=latency',
  }),
] as const;
