import type { z } from 'zod';
import type { logSearchQuery, traceSearchQuery } from '../../proto/api/index.ts';
import type { SearchExpression, SearchSignal } from '../../proto/query/index.ts';
import { logSearch, parseSearch, spanSearch, syntaxMessage } from '../../workers/search/index.ts';
import { ApiError } from './api-error.ts';
import { nanosOfMs, serviceFilter } from './parameters.ts';

/** What the parameters of a trace search say together with its line. */
export function spanSearchOf(wanted: z.output<typeof traceSearchQuery>): SearchExpression {
  const { service, operation, text, status, minDurationMs, maxDurationMs, q } = wanted;
  return spanSearch({
    ...serviceFilter(service),
    ...(operation === undefined ? {} : { operation }),
    ...(text === undefined ? {} : { text }),
    ...(status === undefined ? {} : { status }),
    ...(minDurationMs === undefined ? {} : { minDurationNano: nanosOfMs(minDurationMs) }),
    ...(maxDurationMs === undefined ? {} : { maxDurationNano: nanosOfMs(maxDurationMs) }),
    search: parseLine(q, 'traces'),
  });
}

export function logSearchOf(wanted: z.output<typeof logSearchQuery>): SearchExpression {
  const { service, text, minSeverity, traceId, q } = wanted;
  return logSearch({
    ...serviceFilter(service),
    ...(text === undefined ? {} : { text }),
    ...(minSeverity === undefined ? {} : { minSeverity }),
    ...(traceId === undefined ? {} : { traceId }),
    search: parseLine(q, 'logs'),
  });
}

/** `name`: the parameter that the line stands in. */
export function parseLine(line: string, signal: SearchSignal, name = 'q'): SearchExpression {
  const parsed = parseSearch(line, signal);
  if ('expression' in parsed) return parsed.expression;
  throw new ApiError(
    'BAD_REQUEST',
    `${name} is no search: ${syntaxMessage(parsed.error)}`,
    'write it like service:checkout "time out" -http.route:/health duration>500ms @user.id:42*',
  );
}
