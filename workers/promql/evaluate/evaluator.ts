import { aggregate } from '../aggregate/aggregate.ts';
import { floatOperator } from '../binary/float-operators.ts';
import { setOperation } from '../binary/set-operators.ts';
import { betweenVectors } from '../binary/vector-vector.ts';
import { withScalar } from '../binary/with-scalar.ts';
import { scaleHistogram } from '../histogram/combine.ts';
import {
  type AggregateExpr,
  type BinaryExpr,
  type Expr,
  isSetOperator,
  type MatrixSelector,
  type SubqueryExpr,
  type UnaryExpr,
} from '../parse/ast.ts';
import { selectInstant } from '../select/instant-selector.ts';
import { rangeSamplesOf, samplesOfSteps } from '../select/range-samples.ts';
import { callFunction } from './call-function.ts';
import { positiveDurationMs, referenceTime } from './durations.ts';
import type { EvaluationContext } from './evaluation-context.ts';
import { alignedGrid, DEFAULT_SUBQUERY_STEP_MS, type Grid, lastTime, timeAt } from './grid.ts';
import { isStepInvariant, repeated } from './step-invariant.ts';
import { Sample, StepSeries } from './step-series.ts';
import { type RangeValue, scalarOf, type Value, vectorOf } from './value.ts';

/** Evaluates expressions over all steps of a grid at once. */
export class Evaluator {
  private readonly context: EvaluationContext;

  constructor(context: EvaluationContext) {
    this.context = context;
  }

  evaluate(expr: Expr, grid: Grid): Value {
    if (grid.count > 1 && isStepInvariant(expr)) {
      return repeated(this.evaluateSteps(expr, { ...grid, count: 1 }), grid);
    }
    return this.evaluateSteps(expr, grid);
  }

  vector(expr: Expr, grid: Grid): readonly StepSeries[] {
    const value = this.evaluate(expr, grid);
    if (value.type !== 'vector') throw new Error(`expected a vector, got a ${value.type}`);
    return value.series;
  }

  scalar(expr: Expr, grid: Grid): Float64Array {
    const value = this.evaluate(expr, grid);
    if (value.type !== 'scalar') throw new Error(`expected a scalar, got a ${value.type}`);
    return value.values;
  }

  /** The samples of a range selector or subquery; not evaluated step by step. */
  range(expr: Expr, grid: Grid): RangeValue {
    if (expr.type === 'parens') return this.range(expr.expr, grid);
    if (expr.type === 'matrix') return this.matrix(expr, grid);
    if (expr.type === 'subquery') return this.subquery(expr, grid);
    throw new Error(`expected a range vector, got a ${expr.type}`);
  }

  private evaluateSteps(expr: Expr, grid: Grid): Value {
    switch (expr.type) {
      case 'number':
        return scalarOf(new Float64Array(grid.count).fill(expr.value));
      case 'string':
        return { type: 'string', text: expr.value };
      case 'parens':
        return this.evaluate(expr.expr, grid);
      case 'unary':
        return this.unary(expr, grid);
      case 'vector':
        return vectorOf(selectInstant(this.context, expr, grid));
      case 'matrix':
      case 'subquery':
        return this.range(expr, grid);
      case 'aggregate':
        return this.aggregate(expr, grid);
      case 'call':
        return callFunction(this.context, this, expr, grid);
      case 'binary':
        return this.binary(expr, grid);
    }
  }

  private unary({ operator, expr }: UnaryExpr, grid: Grid): Value {
    const value = this.evaluate(expr, grid);
    if (operator === '+') return value;
    if (value.type === 'scalar') return scalarOf(value.values.map((one) => -one));
    if (value.type !== 'vector') throw new Error(`no negative ${value.type}`);
    return vectorOf(value.series.map(negated));
  }

  private aggregate(expr: AggregateExpr, grid: Grid): Value {
    const parameter = expr.parameter && this.evaluate(expr.parameter, grid);
    const series = this.vector(expr.expr, grid);
    return vectorOf(aggregate(this.context, expr, series, parameter, grid.count));
  }

  private binary(expr: BinaryExpr, grid: Grid): Value {
    const [left, right] = [this.evaluate(expr.left, grid), this.evaluate(expr.right, grid)];
    if (left.type === 'scalar' && right.type === 'scalar') {
      const operate = floatOperator(expr.operator) ?? (() => NaN);
      return scalarOf(left.values.map((value, step) => operate(value, right.values[step] ?? NaN)));
    }
    if (left.type === 'vector' && right.type === 'vector') {
      if (isSetOperator(expr.operator)) return vectorOf(setOperation(expr, left.series, right.series));
      return vectorOf(betweenVectors(this.context, expr, left.series, right.series));
    }
    if (left.type === 'vector' && right.type === 'scalar') {
      return vectorOf(withScalar(this.context, expr, left.series, right.values, false));
    }
    if (left.type === 'scalar' && right.type === 'vector') {
      return vectorOf(withScalar(this.context, expr, right.series, left.values, true));
    }
    throw new Error(`no ${expr.operator} between ${left.type} and ${right.type}`);
  }

  private matrix({ selector, range }: MatrixSelector, grid: Grid): RangeValue {
    const knowsResets = this.context.statsOnly.has(selector);
    return {
      type: 'range',
      samples: this.context.seriesOf(selector).map((series) => {
        this.context.budget.spend(series.timestamps.length);
        return rangeSamplesOf(series, knowsResets);
      }),
      rangeMs: positiveDurationMs(range, this.context.window),
      endAt: this.referenceOf(selector, grid),
      extension: selector.extension ?? 'none',
    };
  }

  private subquery(expr: SubqueryExpr, grid: Grid): RangeValue {
    const { window } = this.context;
    const rangeMs = positiveDurationMs(expr.range, window);
    const stepMs = expr.step ? positiveDurationMs(expr.step, window) : DEFAULT_SUBQUERY_STEP_MS;
    const endAt = this.referenceOf(expr, grid);
    const inner = alignedGrid(endAt(0) - rangeMs, referenceTime(expr, lastTime(grid), window), stepMs);
    // Also of an expression without series: `vector(1)[10y:1s]`.
    this.context.budget.require(inner.count);
    const series = inner.count === 0 ? [] : this.vector(expr.expr, inner);
    this.context.budget.spend(series.length * inner.count);
    return {
      type: 'range',
      samples: series.map((one) => samplesOfSteps(one, inner)),
      rangeMs,
      endAt,
      extension: 'none',
    };
  }

  /** The moment that a selector looks at, step by step. */
  private referenceOf(modifiers: Parameters<typeof referenceTime>[0], grid: Grid): (step: number) => number {
    const first = referenceTime(modifiers, grid.startMs, this.context.window);
    if (modifiers.at !== undefined) return () => first;
    const offsetMs = grid.startMs - first;
    return (step) => timeAt(grid, step) - offsetMs;
  }
}

function negated(series: StepSeries): StepSeries {
  const out = new StepSeries(series.labels, series.kinds.length, true);
  for (let step = 0; step < series.kinds.length; step++) {
    if (series.kinds[step] === Sample.float) out.setFloat(step, -(series.values[step] ?? 0));
    else if (series.kinds[step] === Sample.histogram) {
      out.setHistogram(step, scaleHistogram(series.histogramAt(step), -1));
    }
  }
  return out;
}
