import type { InsightEvidenceJson } from '../../proto/api/index.ts';
import { noveltyOf } from '../../workers/kernels/log-patterns/index.ts';
import type { ChangeWatch } from './change-watch.ts';
import { figure, short } from './describe.ts';
import { serviceJson } from './evidence-json.ts';
import type { Feedback } from './feedback.ts';
import { changeBefore } from './pattern-evidence.ts';
import { LEAST_NATS, NEW_MS, PATIENCE_MS, WATCHED_MS, type PatternFinding } from './pattern-finding.ts';
import { markSubject, type MarkedService, type SpanMark, type SpanMarks } from './span-marks.ts';

const LEAST_ERRORS = 3;
/** An attribute that hardly any span has is a special case of a request, not of the program. */
const LEAST_ATTRIBUTES = 30;
const LEAST_SHARE = 0.05;

export interface NewMarksParts {
  readonly marks: SpanMarks;
  readonly feedback: Feedback;
  readonly changes: ChangeWatch;
}

/** Types of failures and attributes that spans of a service never had before. */
export function findNewMarks(parts: NewMarksParts, nowMs: number): readonly PatternFinding[] {
  const found: PatternFinding[] = [];
  for (const mark of parts.marks.all()) {
    const service = parts.marks.serviceOfMark(mark);
    const nats = service === undefined ? 0 : novelty(mark, service, nowMs);
    if (nats < LEAST_NATS + parts.feedback.lenienceOf(markSubject(mark))) continue;
    found.push(findingOf(mark, nats, parts.changes, nowMs));
  }
  return found;
}

/** In nats; 0 of what is not new, or may be the beginning of an anomaly. */
function novelty(mark: SpanMark, { sinceMs, spans }: MarkedService, nowMs: number): number {
  const { kind, firstMs, count, spansBefore } = mark;
  const ageMs = nowMs - firstMs;
  if (ageMs < PATIENCE_MS || ageMs > NEW_MS || firstMs - sinceMs < WATCHED_MS) return 0;
  const since = spans[kind] - spansBefore;
  const isEnough =
    kind === 'error' ? count >= LEAST_ERRORS : count >= LEAST_ATTRIBUTES && count >= LEAST_SHARE * since;
  return isEnough ? noveltyOf(count, since, spansBefore) : 0;
}

function findingOf(mark: SpanMark, nats: number, changes: ChangeWatch, nowMs: number): PatternFinding {
  const { kind, name, service, serviceId, operation, firstMs, count, spansBefore } = mark;
  const isError = kind === 'error';
  const minutes = Math.max(1, Math.round((nowMs - firstMs) / 60_000));
  return {
    ...{ type: 'new', subject: markSubject(mark), service, serviceId, nats, sinceMs: firstMs },
    // An error is told together with new error lines of the log.
    group: ['new', serviceId, isError ? '' : 'attributes'].join('\n'),
    severity: isError ? 'warning' : 'info',
    name: isError ? `${short(name)} in ${short(operation)}` : `attribute ${short(name)}`,
    says: isError ? `is a new error (${figure(count)} within ${minutes} min)` : 'is new on its spans',
    because: `${figure(spansBefore)} spans of its service were looked at before, and none had it.`,
    evidence: [evidenceOf(mark), ...changeBefore(changes, mark, firstMs, nowMs)],
  };
}

function evidenceOf(mark: SpanMark): InsightEvidenceJson {
  const { kind, name, operation, message, count } = mark;
  const told = { service: serviceJson(mark.service), count, seriesKey: markSubject(mark) };
  return kind === 'error'
    ? { type: 'error', ...told, operation, message, isNew: true, exceptionType: name }
    : { type: 'new-attribute', ...told, field: `span.${name}` };
}
