import { Sample, StepSeries } from '../evaluate/step-series.ts';
import { type Labels, labelsOf, METRIC_NAME } from '../model/labels.ts';
import { type Expr, withoutParens } from '../parse/ast.ts';

/** 1 at the steps where no series has a sample, under the labels that the selector asks for. */
export function absent(arg: Expr, series: readonly StepSeries[], count: number): StepSeries[] {
  const out = new StepSeries(labelsAsked(arg), count);
  for (let step = 0; step < count; step++) {
    if (series.every((one) => one.kinds[step] === Sample.none)) out.setFloat(step, 1);
  }
  return [out];
}

/** Labels that the selector sets to one value. */
function labelsAsked(arg: Expr): Labels {
  const inner = withoutParens(arg);
  const selector = inner.type === 'matrix' ? inner.selector : inner;
  if (selector.type !== 'vector') return [];
  const asked = selector.matchers.filter(({ name }) => name !== METRIC_NAME);
  const isAlone = (name: string): boolean => asked.filter((matcher) => matcher.name === name).length === 1;
  return labelsOf(
    asked
      .filter(({ name, operator }) => operator === '=' && isAlone(name))
      .map(({ name, value }) => [name, value] as const),
  );
}
