import type { ApiAnswers, FoundLogJson } from '../../proto/api/index.ts';
import type { LogHit, QueryRun } from '../../actors/ports/index.ts';
import type { QueryEngine } from '../../actors/query/index.ts';
import type { LogPosition } from '../../proto/query/index.ts';
import { ApiError } from './api-error.ts';

/** A record's place in the order of answers: it stays the same when the record moves to the archive. */
function logId({ timeUnixNano, segment, ordinal }: LogPosition): string {
  return `${timeUnixNano}-${segment}-${ordinal}`;
}

export function foundLogJson(hit: LogHit): FoundLogJson {
  return { id: logId(hit), ...hit.log };
}

/** The schema has checked its form. */
function readLogId(id: string): LogPosition {
  const [time = '', segment = '', ordinal = ''] = id.split('-');
  const place = { timeUnixNano: BigInt(time), segment: Number(segment), ordinal: Number(ordinal) };
  if (place.timeUnixNano < 2n ** 64n && Number.isSafeInteger(place.segment) && place.ordinal < 2 ** 32) {
    return place;
  }
  throw new ApiError('BAD_REQUEST', `logId is ${id}: no record has such an id`, 'take it from /api/v1/logs');
}

export async function answerLogContext(
  engine: QueryEngine,
  id: string,
  wanted: { readonly before: number; readonly after: number },
  run: QueryRun,
): Promise<ApiAnswers['/api/v1/logs/:logId/context']> {
  const { logs, at, moreBefore, moreAfter } = await engine.logContext(readLogId(id), wanted, run);
  return {
    logs: logs.map((hit, index) => ({ offset: index - at, ...foundLogJson(hit) })),
    moreBefore,
    moreAfter,
  };
}
