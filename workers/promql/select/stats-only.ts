import { childrenOf, type Expr, isTrim, type VectorSelector } from '../parse/ast.ts';

const STATS: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
const BUCKETS: ReadonlySet<string> = new Set([
  'histogram_quantile',
  'histogram_quantiles',
  'histogram_fraction',
]);

/** The selectors of which the query uses no buckets: the nearest function above them that asks for either decides. */
export function statsOnlySelectors(expr: Expr): ReadonlySet<VectorSelector> {
  const found = new Set<VectorSelector>();
  collect(expr, false, found);
  return found;
}

function collect(expr: Expr, isStats: boolean, found: Set<VectorSelector>): void {
  if (expr.type === 'vector') {
    if (isStats) found.add(expr);
    return;
  }
  for (const child of childrenOf(expr)) collect(child, statsBelow(expr, isStats), found);
}

function statsBelow(expr: Expr, isStats: boolean): boolean {
  if (expr.type === 'subquery' || (expr.type === 'binary' && isTrim(expr.operator))) return false;
  if (expr.type !== 'call') return isStats;
  return STATS.has(expr.name) || (isStats && !BUCKETS.has(expr.name));
}
