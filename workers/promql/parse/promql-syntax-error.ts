import type { Span } from './ast.ts';

/** The query is not PromQL; the message begins with line and column, as Prometheus' does. */
export class PromqlSyntaxError extends Error {
  readonly code = 'PROMQL_SYNTAX';
  /** Characters from the start of the query. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
  /** What could have stood there; empty where the words fit and their types do not. */
  readonly expected: string;

  constructor(query: string, span: Span, problem: string, expected = '') {
    const { line, column } = positionOf(query, span.from);
    super(`${line}:${column}: parse error: ${problem}${expected === '' ? '' : `, expected ${expected}`}`);
    this.name = 'PromqlSyntaxError';
    this.offset = span.from;
    this.line = line;
    this.column = column;
    this.expected = expected;
  }
}

/** Both from 1 on. */
export function positionOf(query: string, offset: number): { line: number; column: number } {
  const before = query.slice(0, offset);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: offset - lastBreak };
}
