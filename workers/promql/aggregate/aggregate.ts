import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { noteTexts } from '../evaluate/note-texts.ts';
import { Sample, type StepSeries } from '../evaluate/step-series.ts';
import type { Value } from '../evaluate/value.ts';
import type { AggregateExpr } from '../parse/ast.ts';
import { countValues } from './count-values.ts';
import { countGroup, extremeGroup, type FloatGroup, quantileGroup, varianceGroup } from './float-groups.ts';
import { groupSeries } from './grouping.ts';
import { pickSeries } from './pick.ts';
import { SumGroup } from './sum-group.ts';

/** All aggregation operators. `parameter` is the evaluated first argument of those that have one. */
export function aggregate(
  context: EvaluationContext,
  expr: AggregateExpr,
  series: readonly StepSeries[],
  parameter: Value | undefined,
  count: number,
): StepSeries[] {
  const grouping = groupSeries(series, expr);
  const scalars = parameter?.type === 'scalar' ? parameter.values : new Float64Array(count);
  const float = (make: () => FloatGroup): StepSeries[] =>
    aggregateFloats(context, expr, series, grouping.groupOf, grouping.labels, make);
  switch (expr.operator) {
    case 'sum':
    case 'avg': {
      const groups = grouping.labels.map(() => new SumGroup(count, expr.operator === 'avg'));
      series.forEach((one, at) => {
        context.budget.spend(0);
        groups[grouping.groupOf[at] ?? 0]?.add(one);
      });
      return groups.map((group, at) => group.result(grouping.labels[at] ?? [], context, expr.expr));
    }
    case 'min':
    case 'max':
      return float(() => extremeGroup(count, expr.operator === 'max'));
    case 'count':
    case 'group':
      return float(() => countGroup(count, expr.operator === 'group'));
    case 'stddev':
    case 'stdvar':
      return float(() => varianceGroup(count, expr.operator === 'stddev'));
    case 'quantile':
      for (const q of new Set(scalars)) {
        if (!(q >= 0 && q <= 1)) {
          context.annotations.warn(noteTexts.invalidQuantile(q), expr.parameter ?? expr);
        }
      }
      return float(() => quantileGroup(count, scalars));
    case 'count_values':
      return countValues(series, grouping, parameter?.type === 'string' ? parameter.text : '', count);
    case 'topk':
    case 'bottomk':
    case 'limitk':
    case 'limit_ratio':
      return pickSeries(context, expr, series, grouping, scalars);
  }
}

function aggregateFloats(
  context: EvaluationContext,
  { operator, expr }: AggregateExpr,
  series: readonly StepSeries[],
  groupOf: Int32Array,
  labels: readonly (readonly string[])[],
  make: () => FloatGroup,
): StepSeries[] {
  const groups = labels.map(make);
  const countsHistograms = operator === 'count' || operator === 'group';
  series.forEach((one, at) => {
    context.budget.spend(0);
    groups[groupOf[at] ?? 0]?.add(one);
    if (!countsHistograms && one.kinds.includes(Sample.histogram)) {
      context.annotations.info(noteTexts.ignoredInAggregation(operator), expr);
    }
  });
  return groups.map((group, at) => group.result(labels[at] ?? []));
}
