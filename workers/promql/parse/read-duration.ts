import type { SyntaxNode } from '@lezer/common';
import type { Duration, DurationOperator } from './ast.ts';
import { parseNumber } from './literals.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';

const isDuration = ({ name }: SyntaxNode): boolean =>
  name === 'DurationExpr' || name === 'OffsetDurationExpr';

/** A range, offset or step; numbers are seconds. */
export function readDuration(query: string, node: SyntaxNode): Duration {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) children.push(child);
  const operands = children.filter(isDuration);
  const [only, second] = operands;
  const word = children.find((child) => !isDuration(child));
  const text = query.slice(word?.from, word?.to).toLowerCase();
  if (word?.name === 'NumberDurationLiteralInDurationContext') {
    const value = parseNumber(text);
    if (value === undefined) throw new PromqlSyntaxError(query, node, 'malformed duration');
    return { type: 'seconds', value };
  }
  if (word?.name === 'DurationStep') return { type: 'step' };
  if (word?.name === 'DurationRange') return { type: 'range' };
  if (only === undefined) throw new PromqlSyntaxError(query, node, 'missing duration', 'a duration');
  if (second !== undefined) {
    const [left, right] = [readDuration(query, only), readDuration(query, second)];
    return { type: 'combined', operator: text as DurationOperator, left, right };
  }
  const duration = readDuration(query, only);
  if (word?.name === 'UnaryOp') return text === '-' ? { type: 'negated', duration } : duration;
  return { type: 'parens', duration };
}
