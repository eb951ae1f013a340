import type { LabelMatcher } from '../model/matcher.ts';

/** Where an expression stands in the query, in characters. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What Prometheus calls the types of expressions. */
export type ValueType = 'scalar' | 'string' | 'instant vector' | 'range vector';

export type Duration =
  | { readonly type: 'seconds'; readonly value: number }
  | { readonly type: 'step' }
  | { readonly type: 'range' }
  | { readonly type: 'negated'; readonly duration: Duration }
  | { readonly type: 'parens'; readonly duration: Duration }
  | {
      readonly type: 'combined';
      readonly operator: DurationOperator;
      readonly left: Duration;
      readonly right: Duration;
    };

export type DurationOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'min_of' | 'max_of';

/** The moment that a selector or subquery is evaluated at, instead of the one of the query. */
export type AtModifier =
  { readonly type: 'start' | 'end' } | { readonly type: 'time'; readonly timestampMs: number };

export interface TimeModifiers {
  readonly offset?: Duration;
  readonly at?: AtModifier;
}

export type RangeExtension = 'anchored' | 'smoothed';

export interface NumberLiteral extends Span {
  readonly type: 'number';
  readonly value: number;
}

export interface StringLiteral extends Span {
  readonly type: 'string';
  readonly value: string;
}

export interface ParenExpr extends Span {
  readonly type: 'parens';
  readonly expr: Expr;
}

export interface UnaryExpr extends Span {
  readonly type: 'unary';
  readonly operator: '+' | '-';
  readonly expr: Expr;
}

export interface VectorSelector extends Span, TimeModifiers {
  readonly type: 'vector';
  /** Its place among the selectors of the query: what is fetched for it is found by this. */
  readonly ordinal: number;
  /** The name before the braces. */
  readonly name: string | undefined;
  /** All conditions, that of the name among them. */
  readonly matchers: readonly LabelMatcher[];
  readonly extension?: RangeExtension;
  /** Not written in the query: the `target_info` that `info()` reads by default. */
  readonly isImplied?: true;
}

export interface MatrixSelector extends Span {
  readonly type: 'matrix';
  readonly selector: VectorSelector;
  readonly range: Duration;
}

export interface SubqueryExpr extends Span, TimeModifiers {
  readonly type: 'subquery';
  readonly expr: Expr;
  readonly range: Duration;
  readonly step: Duration | undefined;
}

export interface AggregateExpr extends Span {
  readonly type: 'aggregate';
  readonly operator: AggregateOperator;
  readonly expr: Expr;
  readonly parameter: Expr | undefined;
  readonly grouping: readonly string[];
  readonly isWithout: boolean;
}

export type AggregateOperator =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'count_values'
  | 'quantile'
  | 'limitk'
  | 'limit_ratio';

export interface CallExpr extends Span {
  readonly type: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
}

export interface BinaryExpr extends Span {
  readonly type: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expr;
  readonly right: Expr;
  readonly returnsBool: boolean;
  readonly matching: VectorMatching;
}

export type BinaryOperator = ArithmeticOperator | ComparisonOperator | SetOperator;
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2' | '</' | '>/';
export type ComparisonOperator = '==' | '!=' | '<' | '>' | '<=' | '>=';
export type SetOperator = 'and' | 'or' | 'unless';

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  readonly isOn: boolean;
  readonly labels: readonly string[];
  /** Labels of the one side that the result takes over. */
  readonly include: readonly string[];
  readonly fillLeft?: number;
  readonly fillRight?: number;
}

export type Expr =
  | NumberLiteral
  | StringLiteral
  | ParenExpr
  | UnaryExpr
  | VectorSelector
  | MatrixSelector
  | SubqueryExpr
  | AggregateExpr
  | CallExpr
  | BinaryExpr;

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);
const SETS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

export const isComparison = (operator: BinaryOperator): operator is ComparisonOperator =>
  COMPARISONS.has(operator);
export const isSetOperator = (operator: BinaryOperator): operator is SetOperator => SETS.has(operator);
export const isTrim = (operator: BinaryOperator): operator is '</' | '>/' =>
  operator === '</' || operator === '>/';

export function withoutParens(expr: Expr): Exclude<Expr, ParenExpr> {
  let inner = expr;
  while (inner.type === 'parens') inner = inner.expr;
  return inner;
}

/** The expressions directly below one. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.type) {
    case 'number':
    case 'string':
    case 'vector':
      return [];
    case 'parens':
    case 'unary':
    case 'subquery':
      return [expr.expr];
    case 'matrix':
      return [expr.selector];
    case 'aggregate':
      return expr.parameter ? [expr.parameter, expr.expr] : [expr.expr];
    case 'call':
      return expr.args;
    case 'binary':
      return [expr.left, expr.right];
  }
}
