import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { noteTexts } from '../evaluate/note-texts.ts';
import { PromqlExecutionError } from '../evaluate/promql-error.ts';
import { Sample, type StepSeries } from '../evaluate/step-series.ts';
import { type Labels, labelsKey } from '../model/labels.ts';
import type { AggregateExpr, Span } from '../parse/ast.ts';
import type { Grouping } from './grouping.ts';

/** `topk`, `bottomk`, `limitk` and `limit_ratio`: at each step some series of each group, as they are. */
export function pickSeries(
  context: EvaluationContext,
  expr: AggregateExpr,
  series: readonly StepSeries[],
  { groupOf, labels }: Grouping,
  parameter: Float64Array,
): StepSeries[] {
  const members: StepSeries[][] = labels.map(() => []);
  series.forEach((one, at) => members[groupOf[at] ?? 0]?.push(one));
  const picked = new Map<StepSeries, Uint8Array>();
  const order: StepSeries[] = [];
  const pick = (one: StepSeries, step: number): void => {
    let steps = picked.get(one);
    if (steps === undefined) {
      picked.set(one, (steps = new Uint8Array(one.kinds.length)));
      order.push(one);
    }
    steps[step] = 1;
  };
  for (const [step, wanted] of sizes(context, expr, parameter).entries()) {
    for (const group of members) for (const one of choose(expr, group, step, wanted)) pick(one, step);
  }
  noteIgnored(context, expr, series);
  return order.map((one) => one.filtered((step) => picked.get(one)?.[step] === 1));
}

function sizes(context: EvaluationContext, expr: AggregateExpr, parameter: Float64Array): Float64Array {
  const isRatio = expr.operator === 'limit_ratio';
  if (parameter.some((value) => Number.isNaN(value))) {
    throw new PromqlExecutionError(isRatio ? 'Ratio value is NaN' : 'Parameter value is NaN');
  }
  if (!isRatio) return parameter.map((value) => Math.trunc(value));
  return parameter.map((value) => {
    const capped = Math.max(-1, Math.min(1, value));
    if (capped !== value) context.annotations.warn(noteTexts.invalidRatio(value, capped), spanOf(expr));
    return capped;
  });
}

const spanOf = ({ parameter, expr }: AggregateExpr): Span => parameter ?? expr;

function choose(
  expr: AggregateExpr,
  group: readonly StepSeries[],
  step: number,
  wanted: number,
): StepSeries[] {
  const present = group.filter(({ kinds }) => kinds[step] !== Sample.none);
  if (expr.operator === 'limitk') return present.slice(0, Math.max(0, wanted));
  if (expr.operator === 'limit_ratio') return present.filter(({ labels }) => isSampled(labels, wanted));
  const isTop = expr.operator === 'topk';
  const floats = present.filter(({ kinds }) => kinds[step] === Sample.float);
  const sorted = floats.sort((left, right) => {
    const [a, b] = [left.values[step] ?? NaN, right.values[step] ?? NaN];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return isTop ? b - a : a - b;
  });
  return sorted.slice(0, Math.max(0, wanted));
}

/** A negative ratio picks what the positive one that completes it leaves. */
function isSampled(labels: Labels, ratio: number): boolean {
  const position = hashOf(labelsKey(labels)) / 2 ** 32;
  return ratio >= 0 ? position < ratio : position >= 1 + ratio;
}

/** FNV-1a with the finish of MurmurHash3, so that close labels lie far apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function noteIgnored(
  context: EvaluationContext,
  { operator, expr }: AggregateExpr,
  series: readonly StepSeries[],
): void {
  if (operator !== 'topk' && operator !== 'bottomk') return;
  if (series.some(({ kinds }) => kinds.includes(Sample.histogram))) {
    context.annotations.info(noteTexts.ignoredInAggregation(operator), expr);
  }
}
