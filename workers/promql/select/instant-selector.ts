// Hot: the loops below run over every sample of a query (bench/promql).
import { referenceTime } from '../evaluate/durations.ts';
import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { type Grid, timeAt } from '../evaluate/grid.ts';
import { StepSeries } from '../evaluate/step-series.ts';
import type { Series } from '../model/series.ts';
import type { VectorSelector } from '../parse/ast.ts';
import { histogramsOf, isStaleSample } from './range-samples.ts';
import { selectSmoothed } from './smoothed-selector.ts';

/** For each series the sample that stands at each step: the newest within the lookback, unless the series ended. */
export function selectInstant(
  context: EvaluationContext,
  selector: VectorSelector,
  grid: Grid,
): StepSeries[] {
  if (selector.extension === 'smoothed') return selectSmoothed(context, selector, grid);
  const knowsResets = context.statsOnly.has(selector);
  return eachSeries(context, selector, (series) => {
    const out = new StepSeries(series.labels, grid.count);
    const histograms = histogramsOf(series, knowsResets);
    const { values } = series;
    eachSample(context, selector, grid, series, (step, at) => {
      const histogram = histograms?.[at];
      if (histogram === undefined) out.setFloat(step, values[at] ?? 0);
      else out.setHistogram(step, histogram);
    });
    return out;
  });
}

/** For each series when the sample that stands at each step was taken, seconds. */
export function selectTimestamps(
  context: EvaluationContext,
  selector: VectorSelector,
  grid: Grid,
): StepSeries[] {
  return eachSeries(context, selector, (series) => {
    const out = new StepSeries(series.labels, grid.count, true);
    eachSample(context, selector, grid, series, (step, at) => {
      out.setFloat(step, (series.timestamps[at] ?? 0) / 1000);
    });
    return out;
  });
}

/** For each series since when the sample that stands at each step was counted, seconds; none where it is not known. */
export function selectStartTimestamps(
  context: EvaluationContext,
  selector: VectorSelector,
  grid: Grid,
): StepSeries[] {
  return eachSeries(context, selector, (series) => {
    const out = new StepSeries(series.labels, grid.count, true);
    eachSample(context, selector, grid, series, (step, at) => {
      out.setFloat(step, (series.startTimestamps?.[at] ?? 0) / 1000);
    });
    return out;
  });
}

function eachSeries(
  context: EvaluationContext,
  selector: VectorSelector,
  select: (series: Series) => StepSeries,
): StepSeries[] {
  const selected: StepSeries[] = [];
  for (const series of context.seriesOf(selector)) {
    context.budget.spend(series.timestamps.length);
    const one = select(series);
    if (!one.isEmpty()) selected.push(one);
  }
  return selected;
}

function eachSample(
  context: EvaluationContext,
  selector: VectorSelector,
  grid: Grid,
  series: Series,
  visit: (step: number, at: number) => void,
): void {
  const { timestamps } = series;
  let next = 0;
  for (let step = 0; step < grid.count; step++) {
    const reference = referenceTime(selector, timeAt(grid, step), context.window);
    while (next < timestamps.length && (timestamps[next] ?? 0) <= reference) next++;
    const at = next - 1;
    if (at < 0 || (timestamps[at] ?? 0) <= reference - context.lookbackMs) continue;
    if (!isStaleSample(series, at)) visit(step, at);
  }
}
