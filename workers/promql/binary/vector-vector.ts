import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { PromqlExecutionError } from '../evaluate/promql-error.ts';
import { Sample, StepSeries } from '../evaluate/step-series.ts';
import {
  compareLabels,
  dropLabels,
  formatLabels,
  keepLabels,
  type Labels,
  labelsKey,
  labelValue,
  withLabel,
} from '../model/labels.ts';
import type { BinaryExpr } from '../parse/ast.ts';
import { losesName, operandAt, Operation, setOperand } from './operate.ts';
import { bySignature, matchingLabels } from './signature.ts';

/** Arithmetic and comparison between the series of two vectors that match. */
export function betweenVectors(
  context: EvaluationContext,
  expr: BinaryExpr,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
): StepSeries[] {
  const { cardinality, fillLeft, fillRight } = expr.matching;
  const [many, one] = cardinality === 'one-to-many' ? [right, left] : [left, right];
  if (many.length === 0 && (one.length === 0 || fillLeft === undefined)) return [];
  if (one.length === 0 && fillRight === undefined) return [];
  return new Join(context, expr, (left[0] ?? right[0])?.kinds.length ?? 0).run(left, right);
}

/** The side of which many series may match one of the other; of one-to-one the left. */
class Join {
  private readonly context: EvaluationContext;
  private readonly expr: BinaryExpr;
  private readonly operation: Operation;
  private readonly count: number;
  /** The many side stands on the right. */
  private readonly isSwapped: boolean;
  private readonly isOneToOne: boolean;
  private readonly fillMany: number | undefined;
  private readonly fillOne: number | undefined;
  private readonly results = new Map<string, StepSeries>();
  /** Which results a signature has at the current step, by whether they were kept or not. */
  private readonly seen = new Map<string, number>();

  constructor(context: EvaluationContext, expr: BinaryExpr, count: number) {
    const { cardinality, fillLeft, fillRight } = expr.matching;
    this.context = context;
    this.expr = expr;
    this.count = count;
    this.operation = new Operation(context, expr);
    this.isSwapped = cardinality === 'one-to-many';
    this.isOneToOne = cardinality === 'one-to-one';
    // Prometheus swaps the sides of one-to-many, and leaves the values where they were.
    this.fillMany = fillLeft;
    this.fillOne = fillRight;
  }

  run(left: readonly StepSeries[], right: readonly StepSeries[]): StepSeries[] {
    const { matching } = this.expr;
    const many = bySignature(this.isSwapped ? right : left, matching);
    const one = bySignature(this.isSwapped ? left : right, matching);
    for (const [signature, ones] of one) this.joinGroup(many.get(signature) ?? [], ones);
    for (const [signature, manys] of many) if (!one.has(signature)) this.joinGroup(manys, []);
    return [...this.results.values()];
  }

  private joinGroup(manys: readonly StepSeries[], ones: readonly StepSeries[]): void {
    this.context.budget.spend(0);
    const outputs = new Map<StepSeries | undefined, Map<StepSeries | undefined, StepSeries>>();
    const outputFor = (many: StepSeries | undefined, one: StepSeries | undefined): StepSeries => {
      let byOne = outputs.get(many);
      if (byOne === undefined) outputs.set(many, (byOne = new Map<StepSeries | undefined, StepSeries>()));
      let output = byOne.get(one);
      if (output === undefined) byOne.set(one, (output = this.output(many, one)));
      return output;
    };
    for (let step = 0; step < this.count; step++) {
      const one = this.onlyOne(ones, step);
      let matched = 0;
      this.seen.clear();
      for (const many of manys) {
        if (many.kinds[step] === Sample.none) continue;
        if (one === undefined && this.fillOne === undefined) continue;
        matched++;
        const output = outputFor(many, one);
        this.checkUnique(matched, output);
        this.calculate(many, one, step, output);
      }
      if (matched === 0 && one !== undefined && this.fillMany !== undefined) {
        this.calculate(undefined, one, step, outputFor(undefined, one));
      }
    }
  }

  private onlyOne(ones: readonly StepSeries[], step: number): StepSeries | undefined {
    let found: StepSeries | undefined;
    for (const one of ones) {
      if (one.kinds[step] === Sample.none) continue;
      if (found !== undefined) this.refuseDuplicates(found, one);
      found = one;
    }
    return found;
  }

  private refuseDuplicates(first: StepSeries, second: StepSeries): never {
    const group = matchingLabels(this.expr.matching)(first.labels);
    const [a, b] = [first.labels, second.labels].sort(compareLabels).map(formatLabels);
    const side = this.isSwapped ? 'left' : 'right';
    throw new PromqlExecutionError(
      `found duplicate series for the match group ${formatLabels(group)} on the ${side} hand-side of the operation: ` +
        `[${a ?? ''}, ${b ?? ''}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  private checkUnique(matched: number, output: StepSeries): void {
    if (this.isOneToOne) {
      if (matched < 2) return;
      throw new PromqlExecutionError(
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      );
    }
    const key = labelsKey(output.labels);
    if (this.seen.has(key)) {
      throw new PromqlExecutionError(
        'multiple matches for labels: grouping labels must ensure unique matches',
      );
    }
    this.seen.set(key, matched);
  }

  private calculate(
    many: StepSeries | undefined,
    one: StepSeries | undefined,
    step: number,
    output: StepSeries,
  ): void {
    const manyValue = many ? operandAt(many, step) : (this.fillMany ?? NaN);
    const oneValue = one ? operandAt(one, step) : (this.fillOne ?? NaN);
    const [left, right] = this.isSwapped ? [oneValue, manyValue] : [manyValue, oneValue];
    const result = this.operation.apply(left, right);
    if (result === undefined) return;
    if (output.kinds[step] !== Sample.none) {
      throw new PromqlExecutionError(
        'multiple matches for labels: grouping labels must ensure unique matches',
      );
    }
    setOperand(output, step, result);
  }

  /** One output for all pairs whose result has the same labels. */
  private output(many: StepSeries | undefined, one: StepSeries | undefined): StepSeries {
    const pick = matchingLabels(this.expr.matching);
    const manyLabels = many?.labels ?? pick(one?.labels ?? []);
    const oneLabels = one?.labels ?? pick(many?.labels ?? []);
    const labels = this.resultLabels(manyLabels, oneLabels);
    const dropsName = losesName(this.expr) || (many?.dropsName ?? false);
    const key = `${labelsKey(labels)}${dropsName ? '\u0002' : ''}`;
    let output = this.results.get(key);
    if (output === undefined) {
      output = new StepSeries(labels, this.count, dropsName);
      this.results.set(key, output);
    }
    return output;
  }

  private resultLabels(many: Labels, one: Labels): Labels {
    const { isOn, labels: names, include } = this.expr.matching;
    if (this.isOneToOne) return isOn ? keepLabels(many, new Set(names)) : dropLabels(many, new Set(names));
    return include.reduce((labels, name) => withLabel(labels, name, labelValue(one, name)), many);
  }
}
