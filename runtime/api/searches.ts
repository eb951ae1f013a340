import type { z } from 'zod';
import type { logSearchQuery, traceSearchQuery } from '../../proto/api/index.ts';
import { parseServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { SearchExpression, SearchSignal } from '../../proto/query/index.ts';
import { logSearch, parseSearch, spanSearch, syntaxMessage } from '../../workers/search/index.ts';
import { ApiError } from './api-error.ts';

const MOST_INT64 = 2n ** 63n - 1n;

/** What the parameters of a trace search say together with its line. */
export function spanSearchOf(wanted: z.output<typeof traceSearchQuery>): SearchExpression {
  const { service, operation, text, status, minDurationMs, maxDurationMs, q } = wanted;
  return spanSearch({
    ...serviceTerm(service),
    ...(operation === undefined ? {} : { operation }),
    ...(text === undefined ? {} : { text }),
    ...(status === undefined ? {} : { status }),
    ...(minDurationMs === undefined ? {} : { minDurationNano: nanos(minDurationMs) }),
    ...(maxDurationMs === undefined ? {} : { maxDurationNano: nanos(maxDurationMs) }),
    search: parseLine(q, 'traces'),
  });
}

export function logSearchOf(wanted: z.output<typeof logSearchQuery>): SearchExpression {
  const { service, text, minSeverity, traceId, q } = wanted;
  return logSearch({
    ...serviceTerm(service),
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

export function serviceOf(id: string): ServiceKey {
  const service = parseServiceId(id);
  if (!service) {
    throw new ApiError(
      'BAD_REQUEST',
      `service is ${JSON.stringify(id)}: expected environment~namespace~name`,
      'take the id from /api/v1/services',
    );
  }
  return service;
}

export function serviceTerm(id: string | undefined): { readonly service?: ServiceKey } {
  return id === undefined || id === '' ? {} : { service: serviceOf(id) };
}

/** Durations are told to the archive as 64-bit numbers. */
function nanos(ms: number): bigint {
  const exact = BigInt(Math.round(Math.min(ms * 1e6, Number.MAX_VALUE)));
  return exact > MOST_INT64 ? MOST_INT64 : exact;
}
