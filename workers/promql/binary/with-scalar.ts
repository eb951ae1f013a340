import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { Sample, StepSeries } from '../evaluate/step-series.ts';
import type { BinaryExpr } from '../parse/ast.ts';
import { losesName, operandAt, Operation, setOperand } from './operate.ts';

/** Each sample of a vector with the scalar of its step. */
export function withScalar(
  context: EvaluationContext,
  expr: BinaryExpr,
  series: readonly StepSeries[],
  scalars: Float64Array,
  isScalarLeft: boolean,
): StepSeries[] {
  const operation = new Operation(context, expr);
  return series.map((one) => {
    context.budget.spend(0);
    const out = new StepSeries(one.labels, one.kinds.length, one.dropsName || losesName(expr));
    for (let step = 0; step < one.kinds.length; step++) {
      if (one.kinds[step] === Sample.none) continue;
      const operand = operandAt(one, step);
      const scalar = scalars[step] ?? NaN;
      const result = isScalarLeft
        ? operation.apply(scalar, operand, operand)
        : operation.apply(operand, scalar);
      if (result !== undefined) setOperand(out, step, result);
    }
    return out;
  });
}
