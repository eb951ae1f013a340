import type { Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import type { Expr } from './ast.ts';
import { checkTypes } from './check-types.ts';
import { PromqlSyntaxError } from './promql-syntax-error.ts';
import { readExpr } from './read-tree.ts';
import { shadowOf } from './shadow.ts';
import { syntaxProblem } from './syntax-problem.ts';

/** More is no query that a person or a dashboard wrote. */
const MAX_QUERY_LENGTH = 64 * 1024;

/** Each operator of a chain is a level. What reads and evaluates expressions calls itself once a level, and Lezer's trees are flat below 2,500. */
const MAX_DEPTH = 1_000;
/** A call is two levels. */
const MAX_OPEN = MAX_DEPTH / 2;

/** A query with its types checked. Throws `PromqlSyntaxError`. */
export function parsePromql(query: string): Expr {
  if (query.length > MAX_QUERY_LENGTH) {
    const problem = `the query is longer than ${MAX_QUERY_LENGTH} characters`;
    throw new PromqlSyntaxError(query, { from: MAX_QUERY_LENGTH, to: query.length }, problem);
  }
  const tree = treeOf(query);
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

function treeOf(query: string): Tree {
  const open = openTooDeep(query);
  if (open !== undefined) throw tooDeep(query, open);
  try {
    const tree = parser.parse(shadowOf(query));
    const node = nodeTooDeep(tree);
    if (node !== undefined) throw tooDeep(query, node);
    return tree;
  } catch (error) {
    // Lezer's own calls: of thousands of operators in a chain.
    if (error instanceof RangeError) throw tooDeep(query, 0);
    throw error;
  }
}

function tooDeep(query: string, from: number): PromqlSyntaxError {
  return new PromqlSyntaxError(
    query,
    { from, to: from },
    `the query is nested too deeply: more than ${MAX_OPEN} brackets, or ${MAX_DEPTH} levels`,
  );
}

/** A quoted text, a comment, a bracket, or the operator whose chains nest to the right. */
const NESTING = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*|[([{^]|[)\]}]/gsu;

/**
 * The first of more brackets in each other, and powers, than Lezer reads: 12,000 calls took it 1.7 s, and of what stands open at a place
 * it keeps 2,800 things and makes of the others, without an error, what was not written.
 */
function openTooDeep(query: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of query.matchAll(NESTING)) {
    if ('([{^'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) depth -= 1;
    if (depth > MAX_OPEN) return index;
  }
  return undefined;
}

/** Where a node begins that is nested too deeply. */
function nodeTooDeep(tree: Tree): number | undefined {
  let depth = 0;
  let found: number | undefined;
  tree.iterate({
    enter: ({ from }) => {
      depth += 1;
      if (depth > MAX_DEPTH) found ??= from;
    },
    leave: () => {
      depth -= 1;
    },
  });
  return found;
}
