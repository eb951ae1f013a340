import type { z } from 'zod';
import type { CausesAnswer, CausesQuery } from '../../actors/insights/index.ts';
import type { QueryRun } from '../../actors/ports/index.ts';
import {
  MOST_MINUTES_BACK,
  parseMoment,
  type RootCausesJson,
  type TelemetryEndpoint,
} from '../../proto/api/index.ts';
import { ApiError } from './api-error.ts';
import { beforeDeadline } from './before-deadline.ts';
import { serviceOf } from './parameters.ts';

/** Who looks for causes: see `CausesQuery`. */
export type FindCauses = (query: CausesQuery) => Promise<CausesAnswer>;

type Wanted = z.output<TelemetryEndpoint<'/api/v1/root-causes'>['queryParameters']>;

/** Counted as read from the windows: they and what was learned of them are what is asked. */
export async function answerRootCauses(
  findCauses: FindCauses,
  wanted: Wanted,
  nowUnixNano: bigint,
  run: QueryRun,
): Promise<RootCausesJson> {
  const query: CausesQuery = {
    visible: run.visible,
    service: serviceOf(wanted.service),
    ...timesOf(wanted, nowUnixNano),
    ...(wanted.signal !== undefined && { signal: wanted.signal }),
  };
  const answer = await run.timed('hot', () => beforeDeadline(findCauses(query), run.signal));
  switch (answer.type) {
    case 'found':
      run.countRead('hot', answer.found.rootCauses.length, 0);
      return answer.found;
    case 'busy':
      throw new ApiError('OVERLOADED', 'too many ask for causes just now', 'try again in a few seconds', {
        'retry-after': String(Math.ceil(answer.retryAfterMs / 1_000)),
      });
    case 'failed':
      throw answer.error;
  }
}

/** The schema has checked both moments. */
function timesOf(
  { since, until }: Pick<Wanted, 'since' | 'until'>,
  nowUnixNano: bigint,
): Pick<CausesQuery, 'sinceMs' | 'untilMs'> {
  const nowMs = Number(nowUnixNano / 1_000_000n);
  const msOf = (text: string): number => Number((parseMoment(text, nowUnixNano) ?? nowUnixNano) / 1_000_000n);
  const [sinceMs, untilMs] = [msOf(since), Math.min(nowMs, msOf(until))];
  if (sinceMs >= nowMs) throw new ApiError('BAD_REQUEST', `since (${since}) is not in the past`);
  if (sinceMs >= untilMs) {
    throw new ApiError('BAD_REQUEST', `since (${since}) is not before until (${until})`, 'exchange them');
  }
  if (sinceMs < nowMs - 60_000 * MOST_MINUTES_BACK) {
    throw new ApiError(
      'BAD_REQUEST',
      `since (${since}) is longer ago than ${MOST_MINUTES_BACK} minutes: what is compared is held for half an hour`,
      'ask for a later moment; what was found of earlier ones is in /api/v1/insights',
    );
  }
  return { sinceMs, untilMs };
}
