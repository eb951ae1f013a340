import { referenceTime } from '../evaluate/durations.ts';
import type { QueryWindow } from '../evaluate/grid.ts';
import { METRIC_NAME } from '../model/labels.ts';
import type { LabelMatcher } from '../model/matcher.ts';
import { childrenOf, type Expr, type VectorSelector } from '../parse/ast.ts';

const isPositive = ({ operator }: LabelMatcher): boolean => operator === '=' || operator === '=~';

/** Which names are info metrics: `target_info`, those that are asked for, or all that end so where some are excluded. */
export function infoNameMatchers({ matchers }: VectorSelector): LabelMatcher[] {
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  if (names.length === 0) return [{ name: METRIC_NAME, operator: '=', value: 'target_info' }];
  return names.some(isPositive) ? names : [...names, { name: METRIC_NAME, operator: '=~', value: '.+_info' }];
}

export function infoMatchers(selector: VectorSelector): LabelMatcher[] {
  return [...infoNameMatchers(selector), ...selector.matchers.filter(({ name }) => name !== METRIC_NAME)];
}

/** The moment whose info series describe the base at `timeMs`: that of the base's first selector. */
export function infoReference(base: Expr, timeMs: number, window: QueryWindow): number {
  let moment = timeMs;
  let expr: Expr | undefined = base;
  while (expr !== undefined) {
    if (expr.type === 'vector') return referenceTime(expr, moment, window);
    if (expr.type === 'subquery') moment = referenceTime(expr, moment, window);
    expr = childrenOf(expr).find(hasSelector);
  }
  return moment;
}

function hasSelector(expr: Expr): boolean {
  return expr.type === 'vector' || childrenOf(expr).some(hasSelector);
}
