import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { noteTexts } from '../evaluate/note-texts.ts';
import { Sample, type StepSeries } from '../evaluate/step-series.ts';
import {
  addHistograms,
  compactHistogram,
  divideHistogram,
  scaleHistogram,
  subtractHistograms,
} from '../histogram/combine.ts';
import { equalHistograms } from '../histogram/compare.ts';
import { CounterReset, type NativeHistogram, withCounterReset } from '../histogram/native-histogram.ts';
import { trimHistogram } from '../histogram/trim.ts';
import { type BinaryExpr, isComparison, isTrim } from '../parse/ast.ts';
import { floatOperator } from './float-operators.ts';

export type Operand = number | NativeHistogram;

/** The operand of a series at a step that has a sample. */
export function operandAt(series: StepSeries, step: number): Operand {
  return series.kinds[step] === Sample.histogram ? series.histogramAt(step) : (series.values[step] ?? 0);
}

export function setOperand(out: StepSeries, step: number, value: Operand): void {
  if (typeof value === 'number') out.setFloat(step, value);
  else out.setHistogram(step, value);
}

/**
 * One operation between two samples. A comparison without `bool` gives the left sample where it holds (`kept` names
 * another one, where a scalar stands on the left). Undefined where the result has no sample.
 */
export class Operation {
  private readonly context: EvaluationContext;
  private readonly expr: BinaryExpr;
  private readonly operator: (left: number, right: number) => number;

  constructor(context: EvaluationContext, expr: BinaryExpr) {
    this.context = context;
    this.expr = expr;
    this.operator = floatOperator(expr.operator) ?? (() => NaN);
  }

  apply(left: Operand, right: Operand, kept: Operand = left): Operand | undefined {
    const { operator, returnsBool } = this.expr;
    if (!isComparison(operator)) return this.calculate(left, right);
    const holds = this.compare(left, right);
    if (holds === undefined) return undefined;
    if (returnsBool) return Number(holds);
    return holds ? kept : undefined;
  }

  private compare(left: Operand, right: Operand): boolean | undefined {
    const { operator } = this.expr;
    if (typeof left === 'number' && typeof right === 'number') return this.operator(left, right) === 1;
    const isEquality = operator === '==' || operator === '!=';
    if (typeof left === 'number' || typeof right === 'number' || !isEquality) {
      this.noteTypes(left, right);
      return undefined;
    }
    return equalHistograms(left, right) === (operator === '==');
  }

  private calculate(left: Operand, right: Operand): Operand | undefined {
    const { operator } = this.expr;
    const isTrimming = isTrim(operator);
    if (typeof left === 'number' && typeof right === 'number' && !isTrimming) {
      return this.operator(left, right);
    }
    if (typeof left !== 'number' && typeof right !== 'number') return this.combine(left, right);
    if (typeof right !== 'number' && typeof left === 'number' && operator === '*') {
      return scaleHistogram(right, left);
    }
    if (typeof left !== 'number' && typeof right === 'number') {
      if (operator === '*') return scaleHistogram(left, right);
      if (operator === '/') return divideHistogram(left, right);
      if (isTrimming) return trimHistogram(left, right, operator === '</' ? 'below' : 'above');
    }
    this.noteTypes(left, right);
    return undefined;
  }

  private combine(left: NativeHistogram, right: NativeHistogram): NativeHistogram | undefined {
    const { operator } = this.expr;
    const { annotations } = this.context;
    if (operator !== '+' && operator !== '-') {
      this.noteTypes(left, right);
      return undefined;
    }
    const isSum = operator === '+';
    const combined = isSum ? addHistograms(left, right) : subtractHistograms(left, right);
    if (combined.kind === 'incompatible') {
      annotations.warn(noteTexts.incompatibleBucketLayout(operator), this.expr);
      return undefined;
    }
    const word = isSum ? 'addition' : 'subtraction';
    if (combined.hasResetConflict) annotations.warn(noteTexts.resetConflict(word), this.expr);
    if (combined.hasReconciledBounds) annotations.info(noteTexts.reconciledBounds(word), this.expr);
    const histogram = compactHistogram(combined.histogram);
    return isSum ? histogram : withCounterReset(histogram, CounterReset.gauge);
  }

  private noteTypes(left: Operand, right: Operand): void {
    const kind = (operand: Operand): string => (typeof operand === 'number' ? 'float' : 'histogram');
    const text = noteTexts.incompatibleTypes(kind(left), this.expr.operator, kind(right));
    this.context.annotations.info(text, this.expr);
  }
}

/** Whether what a sample means changes, so that its name goes. */
export function losesName({ operator, returnsBool }: BinaryExpr): boolean {
  return returnsBool || !(isComparison(operator) || operator === '</' || operator === '>/');
}
