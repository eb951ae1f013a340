import { parser } from '@prometheus-io/lezer-promql';
import type { Expr } from './ast.ts';
import { checkTypes } from './check-types.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';
import { readExpr } from './read-tree.ts';
import { shadowOf } from './shadow.ts';
import { syntaxProblem } from './syntax-problem.ts';

/** More is no query that a person or a dashboard wrote. */
const MAX_QUERY_LENGTH = 64 * 1024;

/** A query with its types checked. Throws `PromqlSyntaxError`. */
export function parsePromql(query: string): Expr {
  if (query.length > MAX_QUERY_LENGTH) {
    const problem = `the query is longer than ${MAX_QUERY_LENGTH} characters`;
    throw new PromqlSyntaxError(query, { from: MAX_QUERY_LENGTH, to: query.length }, problem);
  }
  const tree = parser.parse(shadowOf(query));
  const problem = syntaxProblem(query, tree);
  if (problem) throw problem;
  const top = tree.topNode.getChild('Expr');
  if (top === null) {
    throw new PromqlSyntaxError(query, { from: 0, to: 0 }, 'unexpected end of input', 'an expression');
  }
  const expr = readExpr({ query, selectors: 0 }, top);
  checkTypes(query, expr);
  return expr;
}
