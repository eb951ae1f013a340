import type { Call, TipSpan, TipTrace } from './tip-input.ts';

export type CallSpan = TipSpan & { readonly call: Call };

/** An operation and the calls it made itself, in order of their start. */
export interface Caller {
  readonly traceId: string;
  readonly span: TipSpan;
  readonly calls: readonly CallSpan[];
}

/** Deeper chains of spans that stand between an operation and its calls are not followed. */
const MOST_BETWEEN = 32;

/**
 * Every span that is an operation of its service (its parent is another service's, or there is none) with the calls below it that
 * it makes itself: spans between the two, such as those of frameworks, are passed over. A span that was sent twice counts once.
 */
export function callersOf({ traceId, spans }: TipTrace): Caller[] {
  const byId = new Map<string, TipSpan>();
  for (const span of spans) if (isSound(span) && !byId.has(span.id)) byId.set(span.id, span);
  const calls = new Map<TipSpan, CallSpan[]>();
  for (const span of byId.values()) {
    if (!isCall(span)) continue;
    const operation = operationOf(span, byId);
    if (!operation) continue;
    const own = calls.get(operation);
    if (!own) calls.set(operation, [span]);
    else own.push(span);
  }
  return [...calls]
    .map(([span, own]) => ({ traceId, span, calls: own.sort(byStart) }))
    .sort((one, other) => byStart(one.span, other.span));
}

function isSound({ start, duration }: TipSpan): boolean {
  return Number.isFinite(start) && duration >= 0 && duration < Infinity;
}

function byStart(one: TipSpan, other: TipSpan): number {
  return one.start - other.start || (one.id < other.id ? -1 : 1);
}

function isCall(span: TipSpan): span is CallSpan {
  return span.call !== undefined;
}

function operationOf(call: TipSpan, byId: ReadonlyMap<string, TipSpan>): TipSpan | undefined {
  let at = byId.get(call.parent);
  for (let steps = 0; at && steps < MOST_BETWEEN; steps += 1) {
    if (at.service !== call.service) return undefined;
    const above = byId.get(at.parent);
    if (!above || above === at || above.service !== call.service) return at;
    at = above;
  }
  return undefined;
}

/** What makes two calls the same call. */
export function subjectOf({ operation, call: { peer, statement } }: CallSpan): string {
  if (statement !== '') return statement;
  return peer === '' ? operation : `${operation} → ${peer}`;
}
