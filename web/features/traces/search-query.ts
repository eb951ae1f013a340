import type { Query } from '../../../proto/api/index.ts';
import type { TimeRange } from '../../app/time-range.ts';
import { parseDurationMs } from '../../ui/duration-text.ts';

/** What the search form holds, as text: it is kept in the URL as it is. */
export interface TraceForm {
  readonly service: string;
  readonly operation: string;
  readonly line: string;
  readonly min: string;
  readonly max: string;
  readonly status: string;
}

export const durationProblem = (text: string): string | undefined =>
  text === '' || parseDurationMs(text) !== undefined
    ? undefined
    : 'Expected a duration like 250ms, 1.5s or 800us';

export function traceQuery(form: TraceForm, range: TimeRange, limit: number): Query {
  return {
    from: range.from,
    to: range.to,
    service: form.service,
    operation: form.operation,
    q: form.line,
    minDurationMs: parseDurationMs(form.min),
    maxDurationMs: parseDurationMs(form.max),
    status: form.status === 'error' || form.status === 'ok' ? form.status : undefined,
    limit,
  };
}
