import type { Grid } from './grid.ts';
import { Sample, StepSeries } from './step-series.ts';
import { scalarOf, type Value, vectorOf } from './value.ts';
import { childrenOf, type Expr } from '../parse/ast.ts';

/** Functions that know the moment of evaluation, whatever their arguments. */
const CLOCKED: ReadonlySet<string> = new Set(
  'time timestamp predict_linear info day_of_month day_of_week day_of_year days_in_month hour minute month year'.split(
    ' ',
  ),
);

/** Whether an expression is the same at every step, as one whose selectors all look at a fixed moment. */
export function isStepInvariant(expr: Expr): boolean {
  if (expr.type === 'vector') return expr.at !== undefined;
  if (expr.type === 'subquery') return expr.at !== undefined;
  if (expr.type === 'number' || expr.type === 'string') return false;
  if (expr.type === 'call' && (CLOCKED.has(expr.name) || expr.args.length === 0)) return false;
  return childrenOf(expr).every((child) => isConstant(child) || isStepInvariant(child));
}

const isConstant = (expr: Expr): boolean => expr.type === 'number' || expr.type === 'string';

/** A value of one step at all steps. */
export function repeated(value: Value, { count }: Grid): Value {
  if (value.type === 'scalar') return scalarOf(new Float64Array(count).fill(value.values[0] ?? NaN));
  if (value.type !== 'vector') return value;
  return vectorOf(
    value.series.map((one) => {
      const out = new StepSeries(one.labels, count, one.dropsName);
      if (one.kinds[0] === Sample.none) return out;
      for (let step = 0; step < count; step++) out.copySample(step, one, 0);
      return out;
    }),
  );
}
