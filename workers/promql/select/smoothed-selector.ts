import { referenceTime } from '../evaluate/durations.ts';
import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { type Grid, timeAt } from '../evaluate/grid.ts';
import { noteTexts } from '../evaluate/note-texts.ts';
import { StepSeries } from '../evaluate/step-series.ts';
import { CounterReset } from '../histogram/native-histogram.ts';
import { metricName } from '../model/labels.ts';
import type { VectorSelector } from '../parse/ast.ts';
import { interpolateFloat, interpolateHistogram } from './interpolate.ts';
import { type RangeSamples, rangeSamplesOf } from './range-samples.ts';

/** At each step the value on the line between the samples before and after it, both within the lookback. */
export function selectSmoothed(
  context: EvaluationContext,
  selector: VectorSelector,
  grid: Grid,
): StepSeries[] {
  return context.seriesOf(selector).map((series) => {
    context.budget.spend(series.timestamps.length);
    const samples = rangeSamplesOf(series, context.statsOnly.has(selector));
    const out = new StepSeries(series.labels, grid.count);
    for (let step = 0; step < grid.count; step++) {
      const reference = referenceTime(selector, timeAt(grid, step), context.window);
      smoothAt(context, selector, samples, reference, step, out);
    }
    return out;
  });
}

function smoothAt(
  context: EvaluationContext,
  selector: VectorSelector,
  samples: RangeSamples,
  reference: number,
  step: number,
  out: StepSeries,
): void {
  const neighbours = neighboursOf(samples, reference, context.lookbackMs);
  if (neighbours === undefined) return;
  const { from, to, before, after } = neighbours;
  const name = metricName(samples.labels);
  if (isMixed(samples, from, to)) {
    context.annotations.warn(noteTexts.mixedFloatsHistograms(name), selector);
    return;
  }
  const [start, end] = [before, after].map((at) => samples.timestamps[at] ?? 0) as [number, number];
  const share = before === after ? 0 : (reference - start) / (end - start);
  const [histogram, next] = [samples.histogramAt(before), samples.histogramAt(after)];
  if (histogram === undefined || next === undefined) {
    const [value, following] = [samples.values[before] ?? 0, samples.values[after] ?? 0];
    out.setFloat(step, share === 0 ? value : interpolateFloat(value, following, share, false));
    return;
  }
  const isCounter = histogram.counterReset !== CounterReset.gauge;
  const between = share === 0 ? histogram : interpolateHistogram(histogram, next, share, isCounter);
  if (between !== undefined) out.setHistogram(step, between);
  else context.annotations.warn(noteTexts.mixedExponentialCustom(name), selector);
}

interface Neighbours {
  /** The samples within the lookback on both sides. */
  readonly from: number;
  readonly to: number;
  /** The last one at or before the moment, and the one behind it; the same where there is none, or none is needed. */
  readonly before: number;
  readonly after: number;
}

function neighboursOf(
  { timestamps }: RangeSamples,
  reference: number,
  lookbackMs: number,
): Neighbours | undefined {
  const from = timestamps.findIndex((timestamp) => timestamp > reference - lookbackMs);
  if (from === -1) return undefined;
  let to = from;
  while (to < timestamps.length && (timestamps[to] ?? 0) <= reference + lookbackMs) to++;
  let before = from - 1;
  while (before + 1 < to && (timestamps[before + 1] ?? 0) <= reference) before++;
  if (before < from) return undefined;
  const needsNext = before + 1 < to && timestamps[before] !== reference;
  return { from, to, before, after: needsNext ? before + 1 : before };
}

function isMixed({ histograms }: RangeSamples, from: number, to: number): boolean {
  if (histograms === undefined) return false;
  const found = histograms.slice(from, to).filter((histogram) => histogram !== undefined).length;
  return found > 0 && found < to - from;
}
