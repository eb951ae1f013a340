import type { StepSeries } from '../evaluate/step-series.ts';
import { dropLabels, dropMetadata, keepLabels, type Labels, labelsKey } from '../model/labels.ts';
import type { AggregateExpr } from '../parse/ast.ts';

/** Which group each series belongs to, and the labels of the groups. */
export interface Grouping {
  readonly groupOf: Int32Array;
  readonly labels: readonly Labels[];
}

export function groupSeries(series: readonly StepSeries[], { grouping, isWithout }: AggregateExpr): Grouping {
  const names = new Set(grouping);
  const groups = new Map<string, number>();
  const labels: Labels[] = [];
  const groupOf = new Int32Array(series.length);
  series.forEach((one, at) => {
    const own = isWithout ? dropMetadata(dropLabels(one.labels, names)) : keepLabels(one.labels, names);
    const key = labelsKey(own);
    let group = groups.get(key);
    if (group === undefined) {
      group = labels.push(own) - 1;
      groups.set(key, group);
    }
    groupOf[at] = group;
  });
  return { groupOf, labels };
}
