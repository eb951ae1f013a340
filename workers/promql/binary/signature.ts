import type { StepSeries } from '../evaluate/step-series.ts';
import { dropLabels, keepLabels, type Labels, labelsKey, METRIC_NAME } from '../model/labels.ts';
import type { VectorMatching } from '../parse/ast.ts';

/** The labels that decide which series of both sides belong together. */
export function matchingLabels({ isOn, labels }: VectorMatching): (labels: Labels) => Labels {
  if (isOn) {
    const names = new Set(labels);
    return (own) => keepLabels(own, names);
  }
  const names = new Set([...labels, METRIC_NAME]);
  return (own) => dropLabels(own, names);
}

/** Series by the labels that are matched. */
export function bySignature(
  series: readonly StepSeries[],
  matching: VectorMatching,
): Map<string, StepSeries[]> {
  const pick = matchingLabels(matching);
  const groups = new Map<string, StepSeries[]>();
  for (const one of series) {
    const key = labelsKey(pick(one.labels));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
