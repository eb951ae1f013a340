import type { ApiAnswers } from '../../../proto/api/index.ts';
import { createAnswer, type Answer } from '../../api/create-answer.ts';
import type { SpanTree } from './span-tree.ts';

const HOUR_MS = 3_600_000;
const LIMIT = 1_000;

/** Log records that carry the trace's id, from an hour before the trace to an hour after. A trace without an id has none. */
export function createTraceLogs(
  traceId: string,
  { startUnixNano, durationNs }: Pick<SpanTree, 'startUnixNano' | 'durationNs'>,
): Answer<ApiAnswers['/api/v1/logs']> {
  return createAnswer(() => {
    if (traceId === '') return undefined;
    const startMs = Number(startUnixNano / 1_000_000n);
    const query = {
      traceId,
      from: String(startMs - HOUR_MS),
      to: String(Math.ceil(startMs + durationNs / 1e6) + HOUR_MS),
      limit: LIMIT,
    };
    return { path: '/api/v1/logs', query } as const;
  });
}
