import { PromqlExecutionError } from '../evaluate/promql-error.ts';
import { Sample, StepSeries } from '../evaluate/step-series.ts';
import { isLabelName } from '../functions/relabel.ts';
import { formatHistogram } from '../histogram/compare.ts';
import { formatF } from '../model/go-numbers.ts';
import { labelsKey, withLabel } from '../model/labels.ts';
import { quoteGo } from '../parse/literals.ts';
import type { Grouping } from './grouping.ts';

/** How many series of a group have each value; the value becomes a label. */
export function countValues(
  series: readonly StepSeries[],
  { groupOf, labels }: Grouping,
  label: string,
  count: number,
): StepSeries[] {
  if (!isLabelName(label)) throw new PromqlExecutionError(`invalid label name ${quoteGo(label)}`);
  const out = new Map<string, StepSeries>();
  series.forEach((one, at) => {
    const group = labels[groupOf[at] ?? 0] ?? [];
    for (let step = 0; step < count; step++) {
      if (one.kinds[step] === Sample.none) continue;
      const isFloat = one.kinds[step] === Sample.float;
      const value = isFloat ? formatF(one.values[step] ?? 0) : formatHistogram(one.histogramAt(step));
      const own = withLabel(group, label, value);
      const key = labelsKey(own);
      let counted = out.get(key);
      if (counted === undefined) out.set(key, (counted = new StepSeries(own, count)));
      counted.setFloat(step, (counted.values[step] ?? 0) + 1);
    }
  });
  return [...out.values()];
}
