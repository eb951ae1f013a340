import type { SyntaxNode } from '@lezer/common';
import {
  type AtModifier,
  type Duration,
  type Expr,
  type MatrixSelector,
  type RangeExtension,
  type Span,
  type TimeModifiers,
  withoutParens,
} from './ast.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';

const PLACE = 'must be preceded by an instant vector selector or range vector selector or a subquery';

/** `offset` and `@` of what stands before them. */
export function timed(query: string, expr: Expr, span: Span, modifiers: TimeModifiers): Expr {
  const word = 'offset' in modifiers ? 'offset' : '@';
  return onOperand(expr, span, (operand) => {
    if (operand.type === 'matrix') {
      const selector = once(query, operand.selector, span, word, modifiers);
      return { ...operand, selector, from: operand.from, to: span.to };
    }
    if (operand.type === 'vector' || operand.type === 'subquery') {
      return { ...once(query, operand, span, word, modifiers), to: span.to };
    }
    const modifier = word === '@' ? '@ modifier' : 'offset modifier';
    throw new PromqlSyntaxError(
      query,
      operand,
      `${modifier} ${PLACE}, but follows a ${operand.type} expression instead`,
    );
  });
}

/** `smoothed` and `anchored`. */
export function extended(query: string, expr: Expr, span: Span, extension: RangeExtension): Expr {
  return onOperand(expr, span, (operand) => {
    if (operand.type === 'matrix') {
      return { ...operand, selector: { ...operand.selector, extension }, to: span.to };
    }
    if (operand.type === 'vector' && extension === 'smoothed') return { ...operand, extension, to: span.to };
    const place =
      extension === 'smoothed'
        ? 'an instant vector selector or range vector selector'
        : 'a range vector selector';
    throw new PromqlSyntaxError(query, operand, `${extension} modifier must be preceded by ${place}`);
  });
}

export function ranged(query: string, expr: Expr, span: Span, range: Duration): Expr {
  return onOperand(expr, span, (operand): MatrixSelector => {
    if (operand.type !== 'vector') {
      throw new PromqlSyntaxError(query, operand, 'ranges only allowed for vector selectors');
    }
    if (operand.offset !== undefined) {
      throw new PromqlSyntaxError(query, span, 'no offset modifiers allowed before range');
    }
    if (operand.at !== undefined) {
      throw new PromqlSyntaxError(query, span, 'no @ modifiers allowed before range');
    }
    return { type: 'matrix', selector: operand, range, from: operand.from, to: span.to };
  });
}

export function subqueried(expr: Expr, span: Span, range: Duration, step: Duration | undefined): Expr {
  return onOperand(expr, span, (operand) => ({
    type: 'subquery',
    expr: operand,
    range,
    step,
    from: operand.from,
    to: span.to,
  }));
}

export function atOf(query: string, node: SyntaxNode, number: (node: SyntaxNode) => number): AtModifier {
  const preprocessor = node.getChild('AtModifierPreprocessors');
  if (preprocessor) return { type: preprocessor.getChild('AtStart') ? 'start' : 'end' };
  const literal = node.getChildren('NumberDurationLiteral').at(-1);
  const seconds = literal ? number(literal) : NaN;
  if (!Number.isFinite(seconds)) {
    throw new PromqlSyntaxError(
      query,
      literal ?? node,
      'timestamp out of bounds for @ modifier',
      'seconds since 1970',
    );
  }
  return { type: 'time', timestampMs: Math.round(seconds * 1000) };
}

/** A suffix belongs to the operand before it, where the grammar takes it for one of the whole operation. */
function onOperand(expr: Expr, span: Span, apply: (operand: Expr) => Expr): Expr {
  if (expr.type === 'unary') return { ...expr, expr: onOperand(expr.expr, span, apply), to: span.to };
  if (expr.type === 'binary') return { ...expr, right: onOperand(expr.right, span, apply), to: span.to };
  const inner = withoutParens(expr);
  const isInParens = expr.type === 'parens' && (inner.type === 'vector' || inner.type === 'matrix');
  return apply(isInParens ? inner : expr);
}

function once<T extends TimeModifiers>(
  query: string,
  operand: T,
  span: Span,
  word: 'offset' | '@',
  modifiers: TimeModifiers,
): T {
  if (word === 'offset' && operand.offset !== undefined) {
    throw new PromqlSyntaxError(query, span, 'offset may not be set multiple times');
  }
  if (word === '@' && operand.at !== undefined) {
    throw new PromqlSyntaxError(query, span, '@ <timestamp> may not be set multiple times');
  }
  return { ...operand, ...modifiers };
}
