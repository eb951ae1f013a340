import { mergeSameLabels, Sample, type StepSeries } from '../evaluate/step-series.ts';
import { labelsKey } from '../model/labels.ts';
import type { BinaryExpr } from '../parse/ast.ts';
import { bySignature, matchingLabels } from './signature.ts';

/** `and`, `or` and `unless`: at each step, by whether the other side has a match. */
export function setOperation(
  expr: BinaryExpr,
  left: readonly StepSeries[],
  right: readonly StepSeries[],
): StepSeries[] {
  const { matching, operator } = expr;
  const pick = matchingLabels(matching);
  const filterBy = (
    series: readonly StepSeries[],
    others: Map<string, Uint8Array>,
    wantsMatch: boolean,
  ): StepSeries[] =>
    series.flatMap((one) => {
      const matches = others.get(labelsKey(pick(one.labels)));
      if (matches === undefined) return wantsMatch ? [] : [one];
      return [one.filtered((step) => (matches[step] === 1) === wantsMatch)];
    });
  if (operator === 'or') return mergeSameLabels([...left, ...filterBy(right, presence(expr, left), false)]);
  return filterBy(left, presence(expr, right), operator === 'and');
}

/** For each signature the steps at which any series has a sample. */
function presence({ matching }: BinaryExpr, series: readonly StepSeries[]): Map<string, Uint8Array> {
  const present = new Map<string, Uint8Array>();
  for (const [key, group] of bySignature(series, matching)) {
    const steps = new Uint8Array(group[0]?.kinds.length ?? 0);
    for (const { kinds } of group) {
      for (let step = 0; step < kinds.length; step++) if (kinds[step] !== Sample.none) steps[step] = 1;
    }
    present.set(key, steps);
  }
  return present;
}
