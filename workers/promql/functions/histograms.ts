import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { noteTexts } from '../evaluate/note-texts.ts';
import { Sample, StepSeries } from '../evaluate/step-series.ts';
import { PromqlExecutionError } from '../evaluate/promql-error.ts';
import { histogramFraction, histogramQuantile, histogramVariance } from '../histogram/distribution.ts';
import type { NativeHistogram } from '../histogram/native-histogram.ts';
import { formatOpenMetrics } from '../model/go-numbers.ts';
import { labelValue, metricName, withLabel } from '../model/labels.ts';
import type { Span } from '../parse/ast.ts';
import {
  bucketFraction,
  bucketQuantile,
  bucketsAt,
  type ClassicBucket,
  groupHistograms,
  type HistogramGroup,
} from './classic-histogram.ts';

/** What native histograms say about all their observations; floats are dropped. */
export const HISTOGRAM_FUNCTIONS: ReadonlyMap<string, (histogram: NativeHistogram) => number> = new Map([
  ['histogram_count', ({ count }: NativeHistogram) => count],
  ['histogram_sum', ({ sum }: NativeHistogram) => sum],
  ['histogram_avg', ({ sum, count }: NativeHistogram) => sum / count],
  ['histogram_stdvar', histogramVariance],
  ['histogram_stddev', (histogram: NativeHistogram) => Math.sqrt(histogramVariance(histogram))],
]);

export function mapHistograms(
  series: readonly StepSeries[],
  map: (histogram: NativeHistogram) => number,
): StepSeries[] {
  return series
    .filter((one) => one.hasHistograms())
    .map((one) => {
      const out = new StepSeries(one.labels, one.kinds.length, true);
      for (let step = 0; step < one.kinds.length; step++) {
        if (one.kinds[step] === Sample.histogram) out.setFloat(step, map(one.histogramAt(step)));
      }
      return out;
    });
}

interface HistogramReading {
  readonly classic: (buckets: ClassicBucket[], group: HistogramGroup, step: number) => number;
  readonly native: (histogram: NativeHistogram, group: HistogramGroup, step: number) => number;
}

/** `histogram_quantile` over classic and native histograms alike. */
export function quantileOfHistograms(
  context: EvaluationContext,
  q: Float64Array,
  qSpan: Span,
  series: readonly StepSeries[],
  span: Span,
): StepSeries[] {
  for (const value of new Set(q)) {
    if (!(value >= 0 && value <= 1)) context.annotations.warn(noteTexts.invalidQuantile(value), qSpan);
  }
  return readHistograms(context, series, span, {
    classic: (buckets, { labels }, step) => {
      const { value, isForced } = bucketQuantile(q[step] ?? NaN, buckets);
      if (isForced) context.annotations.info(noteTexts.forcedMonotonicity(metricName(labels)), span);
      return value;
    },
    native: (histogram, { labels }, step) => {
      const { value, nan } = histogramQuantile(q[step] ?? NaN, histogram);
      if (nan === 'result-is-nan') context.annotations.info(noteTexts.quantileNan(metricName(labels)), span);
      if (nan === 'skewed-higher') {
        context.annotations.info(noteTexts.quantileSkewed(metricName(labels)), span);
      }
      return value;
    },
  });
}

/** `histogram_quantiles`: several at once, each under its value of a label. */
export function quantilesOfHistograms(
  context: EvaluationContext,
  label: string,
  quantiles: readonly { readonly q: Float64Array; readonly span: Span }[],
  series: readonly StepSeries[],
  span: Span,
): StepSeries[] {
  if (series.some((one) => labelValue(one.labels, label) !== '' && label !== 'le')) {
    throw new PromqlExecutionError(
      `label ${JSON.stringify(label)} already exists in the input of histogram_quantiles`,
    );
  }
  return quantiles.flatMap(({ q, span: qSpan }) => {
    const text = formatOpenMetrics(q[0] ?? NaN);
    const found = quantileOfHistograms(context, q, qSpan, series, span);
    return found.map((one) => one.relabelled(withLabel(one.labels, label, text)));
  });
}

export function fractionOfHistograms(
  context: EvaluationContext,
  lower: Float64Array,
  upper: Float64Array,
  series: readonly StepSeries[],
  span: Span,
): StepSeries[] {
  return readHistograms(context, series, span, {
    classic: (buckets, _, step) => bucketFraction(lower[step] ?? NaN, upper[step] ?? NaN, buckets),
    native: (histogram, { labels }, step) => {
      if (Number.isNaN(histogram.sum) && histogram.count > 0) {
        context.annotations.info(noteTexts.fractionNan(metricName(labels)), span);
      }
      return histogramFraction(lower[step] ?? NaN, upper[step] ?? NaN, histogram);
    },
  });
}

function readHistograms(
  context: EvaluationContext,
  series: readonly StepSeries[],
  span: Span,
  reading: HistogramReading,
): StepSeries[] {
  const groups = groupHistograms(series, (one, le) => {
    context.annotations.warn(noteTexts.badBucketLabel(metricName(one.labels), le), span);
  });
  const count = series[0]?.kinds.length ?? 0;
  return groups.map((group) => {
    const out = new StepSeries(group.labels, count, true);
    for (let step = 0; step < count; step++) {
      const isNative = group.native?.kinds[step] === Sample.histogram;
      const buckets = bucketsAt(group, step);
      if (isNative && buckets.length > 0) {
        context.annotations.warn(noteTexts.mixedClassicNative(metricName(group.labels)), span);
      } else if (isNative && group.native !== undefined) {
        out.setFloat(step, reading.native(group.native.histogramAt(step), group, step));
      } else if (buckets.length > 0) out.setFloat(step, reading.classic(buckets, group, step));
    }
    return out;
  });
}
