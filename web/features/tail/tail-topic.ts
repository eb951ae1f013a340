import type { LiveTopic } from '../../../proto/live/index.ts';
import { parseDurationMs } from '../../ui/duration-text.ts';

/** What the filter of the tail holds, as text from the URL. */
export interface TailForm {
  readonly kind: string;
  readonly service: string;
  readonly line: string;
  readonly errors: string;
  readonly severity: string;
  readonly min: string;
}

const LONGEST_LINE = 4_000;

export function tailTopic(form: TailForm): LiveTopic {
  const shared = {
    ...(form.service !== '' && { service: form.service }),
    ...(form.line !== '' && { q: form.line.slice(0, LONGEST_LINE) }),
  };
  if (form.kind === 'logs') {
    const minSeverity = Number(form.severity);
    const isSeverity = Number.isInteger(minSeverity) && minSeverity >= 1 && minSeverity <= 24;
    return { kind: 'logs', ...shared, ...(isSeverity && { minSeverity }) };
  }
  const minDurationMs = parseDurationMs(form.min);
  return {
    kind: 'spans',
    ...shared,
    ...(form.errors === '1' && { errorsOnly: true }),
    ...(minDurationMs !== undefined && { minDurationMs }),
  };
}
