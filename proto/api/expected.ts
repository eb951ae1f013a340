import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { runShape } from './parameters.ts';
import { servicePath } from './requests.ts';
import { listOf, named, record } from './values.ts';

const band = named(
  'ExpectedBand',
  record({
    expected: z.number(),
    lower: z.number(),
    upper: z.number().meta({ description: 'of a thousand healthy seconds one is beyond the band' }),
  }),
);
export type ExpectedBandJson = z.output<typeof band>;

const step = named(
  'ExpectedStep',
  record({
    startUnixMs: z
      .number()
      .meta({ description: 'Unix time in milliseconds: it is of `stepMs` from then on' }),
    requests: band.nullable().meta({ description: 'a second; null while learning' }),
    errors: band.nullable().meta({
      description:
        'requests that fail a second, at the rates of the minute before; null while learning, and where there were no requests',
    }),
    p95Ms: band.nullable().meta({
      description: '95 % quantile of the requests of a second, in milliseconds; null as for errors',
    }),
  }),
);

export const EXPECTED_ENDPOINTS = [
  endpoint({
    method: 'GET',
    path: '/api/v1/services/:service/expected',
    tag: 'services',
    needs: 'services:read',
    summary: 'What the detectors expect of the requests, errors and p95 of a service, second by second',
    description:
      'The last quarter of an hour by steps, oldest first; each is what was known when it began, so the newest is of the seconds to come. Detectors decide over many seconds: one second beyond the band is no anomaly yet. Errors and p95 are put together from what was learned of each operation.',
    pathParameters: servicePath,
    queryParameters: z.strictObject(runShape),
    answer: named(
      'ExpectedFigures',
      record({
        stepMs: z.number(),
        learning: listOf(z.enum(['requests', 'errors', 'p95'])).meta({
          description: 'of which too little is known so far to expect anything',
        }),
        steps: listOf(step).meta({ description: 'none of a service that is not watched' }),
      }),
    ),
    rows: { key: 'steps', item: step },
    example: '/api/v1/services/production~shop~cart/expected',
  }),
] as const;
