import type { AtModifier, Duration, DurationOperator, TimeModifiers } from '../parse/ast.ts';
import type { QueryWindow } from './grid.ts';
import { PromqlExecutionError } from './promql-error.ts';

/** What Go's durations reach to: 292 years. */
const MOST_MS = 2 ** 63 / 1e6;

/** Milliseconds; `step()` and `range()` are those of the whole query. */
export function durationMs(duration: Duration, window: QueryWindow): number {
  const ms = Math.round(seconds(duration, window) * 1000);
  if (!(Math.abs(ms) <= MOST_MS)) throw new PromqlExecutionError('duration out of range');
  return ms;
}

/** Of ranges and steps of subqueries. */
export function positiveDurationMs(duration: Duration, window: QueryWindow): number {
  const ms = durationMs(duration, window);
  if (!(ms > 0)) throw new PromqlExecutionError('duration must be greater than 0');
  return ms;
}

/** The moment that a selector looks at when it is evaluated at `timeMs`. */
export function referenceTime(modifiers: TimeModifiers, timeMs: number, window: QueryWindow): number {
  const offsetMs = modifiers.offset === undefined ? 0 : durationMs(modifiers.offset, window);
  return (modifiers.at === undefined ? timeMs : atMs(modifiers.at, window)) - offsetMs;
}

function atMs(at: AtModifier, window: QueryWindow): number {
  if (at.type === 'time') return at.timestampMs;
  return at.type === 'start' ? window.startMs : window.endMs;
}

function seconds(duration: Duration, window: QueryWindow): number {
  switch (duration.type) {
    case 'seconds':
      return duration.value;
    case 'step':
      return window.stepMs / 1000;
    case 'range':
      return (window.endMs - window.startMs) / 1000;
    case 'negated':
      return -seconds(duration.duration, window);
    case 'parens':
      return seconds(duration.duration, window);
    case 'combined':
      return combined(duration.operator, seconds(duration.left, window), seconds(duration.right, window));
  }
}

function combined(operator: DurationOperator, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw new PromqlExecutionError('division by zero');
      return left / right;
    case '%':
      if (right === 0) throw new PromqlExecutionError('modulo by zero');
      return left % right;
    case '^':
      return left ** right;
    case 'min_of':
      return Math.min(left, right);
    case 'max_of':
      return Math.max(left, right);
  }
}
