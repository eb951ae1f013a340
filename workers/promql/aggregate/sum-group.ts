// Hot: `addFloats` runs over every point below an aggregation (bench/promql).
import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { noteTexts } from '../evaluate/note-texts.ts';
import { Sample, StepSeries } from '../evaluate/step-series.ts';
import { HistogramSum } from '../histogram/histogram-sum.ts';
import type { Labels } from '../model/labels.ts';
import type { Span } from '../parse/ast.ts';

/** Sum or mean of a group, all steps side by side; sums keep what rounding takes away (Kahan and Neumaier). */
export class SumGroup {
  private readonly sums: Float64Array;
  private readonly compensations: Float64Array;
  private readonly counts: Uint32Array;
  /** Steps whose sum is more than a float holds, so that the mean moves with each value. */
  private readonly incremental: Uint8Array;
  private readonly isMean: boolean;
  private histograms: (HistogramSum | undefined)[] | undefined;
  private readonly incompatible = new Set<number>();

  constructor(count: number, isMean: boolean) {
    this.sums = new Float64Array(count);
    this.compensations = new Float64Array(count);
    this.counts = new Uint32Array(count);
    this.incremental = new Uint8Array(count);
    this.isMean = isMean;
  }

  add(series: StepSeries): void {
    this.addFloats(series);
    if (series.hasHistograms()) this.addHistograms(series);
  }

  result(labels: Labels, context: EvaluationContext, span: Span): StepSeries {
    const out = new StepSeries(labels, this.sums.length);
    for (let step = 0; step < this.sums.length; step++) {
      const histograms = this.histograms?.[step];
      const count = this.counts[step] ?? 0;
      if (histograms !== undefined && count > 0) {
        context.annotations.warn(noteTexts.mixedFloatsHistogramsAggregation, span);
      } else if (histograms !== undefined) this.setHistogram(step, histograms, out, context, span);
      else if (count > 0) out.setFloat(step, this.floatAt(step));
    }
    return out;
  }

  private addFloats({ kinds, values }: StepSeries): void {
    const { sums, compensations, counts, incremental } = this;
    for (let step = 0; step < sums.length; step++) {
      if (kinds[step] !== Sample.float) continue;
      const value = values[step] ?? 0;
      const count = (counts[step] ?? 0) + 1;
      counts[step] = count;
      if (incremental[step] === 1) {
        this.moveMean(step, value, count);
        continue;
      }
      const sum = sums[step] ?? 0;
      const next = sum + value;
      if (next - next === 0) {
        const lost = Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
        compensations[step] = (compensations[step] ?? 0) + lost;
      } else if (this.isMean && count > 1 && !Number.isNaN(next)) {
        this.startMean(step, count);
        this.moveMean(step, value, count);
        continue;
      } else compensations[step] = 0;
      sums[step] = next;
    }
  }

  private startMean(step: number, count: number): void {
    this.incremental[step] = 1;
    this.sums[step] = (this.sums[step] ?? 0) / (count - 1);
    this.compensations[step] = (this.compensations[step] ?? 0) / (count - 1);
  }

  private moveMean(step: number, value: number, count: number): void {
    const share = (count - 1) / count;
    const mean = (this.sums[step] ?? 0) * share;
    const compensation = (this.compensations[step] ?? 0) * share;
    const addend = value / count;
    const next = mean + addend;
    const lost = Math.abs(mean) >= Math.abs(addend) ? mean - next + addend : addend - next + mean;
    this.sums[step] = next;
    this.compensations[step] = Number.isFinite(next) ? compensation + lost : 0;
  }

  private floatAt(step: number): number {
    const [sum, compensation] = [this.sums[step] ?? 0, this.compensations[step] ?? 0];
    if (!this.isMean || this.incremental[step] === 1) return sum + compensation;
    const count = this.counts[step] ?? 1;
    return sum / count + compensation / count;
  }

  private addHistograms(series: StepSeries): void {
    this.histograms ??= new Array<HistogramSum | undefined>(this.sums.length).fill(undefined);
    for (let step = 0; step < this.sums.length; step++) {
      if (series.kinds[step] !== Sample.histogram) continue;
      const histogram = series.histogramAt(step);
      const sum = this.histograms[step];
      if (sum === undefined) this.histograms[step] = new HistogramSum(histogram);
      else if (!(this.isMean ? sum.addToMean(histogram) : sum.add(histogram))) this.incompatible.add(step);
    }
  }

  private setHistogram(
    step: number,
    sum: HistogramSum,
    out: StepSeries,
    { annotations }: EvaluationContext,
    span: Span,
  ): void {
    if (this.incompatible.has(step)) {
      annotations.warn(noteTexts.mixedExponentialCustom(''), span);
      return;
    }
    if (sum.hasResetConflict) annotations.warn(noteTexts.resetConflict('aggregation'), span);
    if (sum.hasReconciledBounds) annotations.info(noteTexts.reconciledBounds('aggregation'), span);
    out.setHistogram(step, this.isMean ? sum.mean() : sum.total());
  }
}
