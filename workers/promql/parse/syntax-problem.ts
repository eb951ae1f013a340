import type { SyntaxNode, Tree } from '@lezer/common';
import { PromqlSyntaxError } from './promql-syntax-error.ts';

/** What may follow where the parser stopped inside a node of the grammar. */
const EXPECTED: Readonly<Record<string, string>> = {
  LabelMatchers: '"," or "}" after a label matcher',
  UnquotedLabelMatcher: 'one of =, !=, =~, !~ and a quoted value',
  QuotedLabelMatcher: 'one of =, !=, =~, !~ and a quoted value',
  FunctionCallBody: '"," or ")"',
  GroupingLabels: 'label names, "," or ")"',
  ParenExpr: '")"',
  MatrixSelector: 'a duration and "]"',
  SubqueryExpr: 'a duration and "]"',
  DurationExpr: 'a duration',
  OffsetExpr: 'a duration',
  OffsetDurationExpr: 'a duration',
  StepInvariantExpr: 'a timestamp, start() or end()',
  FillClause: 'a number in parentheses',
  FillLeftClause: 'a number in parentheses',
  FillRightClause: 'a number in parentheses',
  UnaryExpr: 'an expression',
  AggregateExpr: '"(" and the expression to aggregate',
  MatchingModifierClause: 'label names in parentheses',
};

const KEYWORDS: ReadonlySet<string> = new Set(
  'and or unless atan2 bool by without on ignoring offset'.split(' '),
);

/** The first place where the grammar and the query part, or undefined where the query fits the grammar. */
export function syntaxProblem(query: string, tree: Tree): PromqlSyntaxError | undefined {
  const cursor = tree.cursor();
  let first: SyntaxNode | undefined;
  do {
    if (cursor.type.isError && (first === undefined || cursor.from < first.from)) first = cursor.node;
  } while (cursor.next());
  if (first === undefined) return undefined;
  const found = query.slice(first.from).trimStart();
  const from = query.length - found.length;
  const called = found.startsWith('(')
    ? /[A-Za-z_:][\w:]*$/u.exec(query.slice(0, from).trimEnd())?.[0]
    : undefined;
  if (called !== undefined && !KEYWORDS.has(called.toLowerCase())) {
    return new PromqlSyntaxError(
      query,
      { from: from - called.length, to: from },
      `unknown function with name "${called}"`,
    );
  }
  return new PromqlSyntaxError(query, { from, to: from }, unexpected(found), expectedAt(query, first));
}

function unexpected(rest: string): string {
  if (rest === '') return 'unexpected end of input';
  const token =
    /^(?:[A-Za-z0-9_:]+|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[=!<>]=|[=!]~|.)/su.exec(rest)?.[0] ?? '';
  return `unexpected ${JSON.stringify(token)}`;
}

function expectedAt(query: string, { from, parent }: SyntaxNode): string {
  if (query.slice(0, from).trim() === '') return 'an expression';
  const isAfterOperator = /(?:[-+*/%^=<>~(,]|\b(?:and|or|unless|atan2|bool))\s*$/iu.test(
    query.slice(0, from),
  );
  const known = parent === null ? undefined : EXPECTED[parent.name];
  if (known !== undefined && !(isAfterOperator && parent?.name === 'FunctionCallBody')) return known;
  return isAfterOperator ? 'an expression' : 'an operator or the end of the query';
}
