import type { SyntaxNode } from '@lezer/common';
import { unquote } from './literals.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';

/** What the readers of the syntax tree share: the query, and how many selectors were seen. */
export interface Reading {
  readonly query: string;
  selectors: number;
}

export function readString({ query }: Reading, node: SyntaxNode): string {
  const text = unquote(query.slice(node.from, node.to));
  if (text === undefined) throw new PromqlSyntaxError(query, node, 'unterminated or malformed quoted string');
  return text;
}

/** A label's name, quoted or not. */
export function readName(reading: Reading, node: SyntaxNode): string {
  const quoted = node.name === 'QuotedLabelName' ? node.firstChild : null;
  return quoted ? readString(reading, quoted) : reading.query.slice(node.from, node.to);
}
