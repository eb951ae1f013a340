import { noteTexts } from '../evaluate/note-texts.ts';
import type { StepSeries } from '../evaluate/step-series.ts';
import { HistogramSum } from '../histogram/histogram-sum.ts';
import { KahanSum } from '../model/kahan.ts';
import { quantileOf } from './quantile.ts';
import { nameOf, type RangeCall, type RangeFunction, type RangeWindow } from './range-function.ts';
import { isMixed } from './rate.ts';

/** Functions that see floats and histograms alike. */
export const countOverTime: RangeFunction = {
  at: ({ samples, from, to, step }, out) => {
    out.setFloat(step, samples.countOf(from, to));
  },
};

export const presentOverTime: RangeFunction = {
  at: (window, out) => {
    out.setFloat(window.step, 1);
  },
};

export const firstOverTime: RangeFunction = {
  at: (window, out) => {
    setSample(window, window.from, out);
  },
};

export const lastOverTime: RangeFunction = {
  at: (window, out) => {
    setSample(window, window.to - 1, out);
  },
};

export const tsOfFirstOverTime: RangeFunction = {
  at: (window, out) => {
    out.setFloat(window.step, (window.samples.timestamps[window.from] ?? 0) / 1000);
  },
};

export const tsOfLastOverTime: RangeFunction = {
  at: (window, out) => {
    out.setFloat(window.step, (window.samples.timestamps[window.to - 1] ?? 0) / 1000);
  },
};

/** `sum_over_time` and `avg_over_time`: floats or histograms, never both. */
export function sumOverTime(call: RangeCall, isMean: boolean): RangeFunction {
  const { annotations } = call.context;
  return {
    at: (window, out) => {
      if (isMixed(window)) annotations.warn(noteTexts.mixedFloatsHistograms(nameOf(window)), call.span);
      else if (window.samples.histogramAt(window.from) !== undefined) {
        sumHistograms(call, isMean, window, out);
      } else out.setFloat(window.step, isMean ? meanOf(window) : sumOf(window));
    },
  };
}

function sumOf({ samples: { values }, from, to }: RangeWindow): number {
  const sum = new KahanSum();
  for (let at = from; at < to; at++) sum.add(values[at] ?? 0);
  return sum.total();
}

/** The sum over the count, or, once the sum is more than a float holds, the mean that each value moves a little. */
export function meanOf(window: RangeWindow): number {
  const {
    samples: { values, ranks },
    from,
    to,
  } = window;
  // Samples that stand for others are sums of them.
  if (ranks !== undefined) return sumOf(window) / window.samples.countOf(from, to);
  const sum = new KahanSum(values[from]);
  let isIncremental = false;
  for (let at = from + 1; at < to; at++) {
    const value = values[at] ?? 0;
    const count = at - from + 1;
    if (!isIncremental) {
      const [before, lost] = [sum.sum, sum.compensation];
      sum.add(value);
      if (Number.isFinite(sum.sum) || Number.isNaN(sum.sum)) continue;
      isIncremental = true;
      sum.sum = before / (count - 1);
      sum.compensation = lost / (count - 1);
    }
    sum.scale((count - 1) / count);
    sum.add(value / count);
  }
  return isIncremental ? sum.total() : sum.sum / (to - from) + sum.compensation / (to - from);
}

function sumHistograms(call: RangeCall, isMean: boolean, window: RangeWindow, out: StepSeries): void {
  const { annotations } = call.context;
  const first = window.samples.histogramAt(window.from);
  if (first === undefined) return;
  const sum = new HistogramSum(first);
  let isCompatible = true;
  for (let at = window.from + 1; at < window.to && isCompatible; at++) {
    const histogram = window.samples.histogramAt(at);
    if (histogram !== undefined) isCompatible = isMean ? sum.addToMean(histogram) : sum.add(histogram);
  }
  if (sum.hasResetConflict) annotations.warn(noteTexts.resetConflict('aggregation'), call.span);
  if (sum.hasReconciledBounds) annotations.info(noteTexts.reconciledBounds('aggregation'), call.span);
  if (isCompatible) out.setHistogram(window.step, isMean ? sum.mean() : sum.total());
  else annotations.warn(noteTexts.mixedExponentialCustom(nameOf(window)), call.span);
}

/** A function of the floats of the range; histograms among them are ignored, and that is noted. */
export function overFloats(
  call: RangeCall,
  least: number,
  evaluate: (window: RangeWindow, values: Float64Array, times: Float64Array) => number,
): RangeFunction {
  return {
    at: (window, out) => {
      const { values, timestamps, histograms } = window.samples;
      if (histograms === undefined) {
        if (window.to - window.from < least) return;
        const floats = values.subarray(window.from, window.to);
        out.setFloat(window.step, evaluate(window, floats, timestamps.subarray(window.from, window.to)));
        return;
      }
      const isFloat = (_: number, at: number): boolean => histograms[window.from + at] === undefined;
      const floats = values.slice(window.from, window.to).filter(isFloat);
      if (floats.length > 0 && floats.length < window.to - window.from) {
        call.context.annotations.info(noteTexts.ignoredInMixedRange(nameOf(window)), call.span);
      }
      if (floats.length < least) return;
      const times = timestamps.slice(window.from, window.to).filter(isFloat);
      out.setFloat(window.step, evaluate(window, floats, times));
    },
  };
}

export function extremeOf(values: Float64Array, isMax: boolean): number {
  let extreme = values[0] ?? NaN;
  for (let at = 1; at < values.length; at++) {
    const value = values[at] ?? 0;
    if ((isMax ? value > extreme : value < extreme) || Number.isNaN(extreme)) extreme = value;
  }
  return extreme;
}

/** When the highest or lowest value was last reached, seconds. */
export function timeOfExtreme(values: Float64Array, times: Float64Array, isMax: boolean): number {
  let found = 0;
  for (let at = 1; at < values.length; at++) {
    const [value, extreme] = [values[at] ?? 0, values[found] ?? 0];
    if ((isMax ? value >= extreme : value <= extreme) || Number.isNaN(extreme)) found = at;
  }
  return (times[found] ?? 0) / 1000;
}

/** Welford's algorithm with compensated sums. */
export function varianceOf(values: Float64Array): number {
  const [mean, squares] = [new KahanSum(), new KahanSum()];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    const delta = value - mean.total();
    mean.add(delta / (at + 1));
    squares.add(delta * (value - mean.total()));
  }
  return squares.total() / values.length;
}

/** The median distance from the median. */
export function medianDeviation(values: Float64Array): number {
  if (values.some((value) => Number.isNaN(value))) return NaN;
  const median = quantileOf(0.5, values.slice());
  return quantileOf(
    0.5,
    values.map((value) => Math.abs(value - median)),
  );
}

function setSample({ samples, step }: RangeWindow, at: number, out: StepSeries): void {
  const histogram = samples.histogramAt(at);
  if (histogram === undefined) out.setFloat(step, samples.values[at] ?? 0);
  else out.setHistogram(step, histogram);
}
