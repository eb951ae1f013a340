import { noteTexts } from '../evaluate/note-texts.ts';
import type { StepSeries } from '../evaluate/step-series.ts';
import {
  addHistograms,
  compactHistogram,
  divideHistogram,
  subtractHistograms,
  toSchema,
} from '../histogram/combine.ts';
import { isCounterReset } from '../histogram/counter-reset.ts';
import {
  CounterReset,
  emptyLike,
  type NativeHistogram,
  usesCustomBuckets,
  withCounterReset,
} from '../histogram/native-histogram.ts';
import { interpolateHistogram } from '../select/interpolate.ts';
import { nameOf, type RangeCall, type RangeWindow } from './range-function.ts';
import { isStartOverlap, isStartReset } from './start-timestamps.ts';

export type Increase =
  | { readonly kind: 'incompatible' }
  | {
      readonly kind: 'increase';
      /** Undefined of a single sample. */
      readonly histogram: NativeHistogram | undefined;
      readonly plus: (first: NativeHistogram) => NativeHistogram | undefined;
    };

const INCOMPATIBLE: Increase = { kind: 'incompatible' };

/** By how much the histograms of a window grew from the first to the last, over counter resets. */
export function histogramIncrease(call: RangeCall, isCounter: boolean, window: RangeWindow): Increase {
  const plus = (first: NativeHistogram): NativeHistogram | undefined => first;
  if (window.to - window.from < 2) return { kind: 'increase', histogram: undefined, plus };
  const histograms = histogramsIn(window);
  const sum = new NotedSum(call, window);
  const last = histograms.at(-1);
  let previous = histograms[0];
  const second = histograms[1];
  if (previous === undefined || second === undefined || last === undefined) return INCOMPATIBLE;
  noteHints(call, window, isCounter, histograms);
  // What came before a reset does not count, nor whether its buckets fit.
  if (isCounter && isReset(window, window.from + 1, second, previous)) previous = emptyLike(second);
  const inner = isCounter ? histograms.slice(1, -1) : [];
  const isCustom = usesCustomBuckets(previous);
  if ([last, ...inner].some((one) => usesCustomBuckets(one) !== isCustom)) {
    call.context.annotations.warn(noteTexts.mixedExponentialCustom(nameOf(window)), call.span);
    return INCOMPATIBLE;
  }
  const schema = Math.min(last.schema, previous.schema, ...inner.map((one) => one.schema));
  const difference = sum.minus(isCustom ? last : toSchema(last, schema), previous);
  const total = isCounter ? overResets(window, histograms, previous, difference, sum) : difference;
  if (total === undefined) return INCOMPATIBLE;
  const grown = compactHistogram(withCounterReset(total, CounterReset.gauge));
  return { kind: 'increase', histogram: grown, plus: (one) => sum.plus(grown, one) };
}

/** Adds what was reached before each reset. */
function overResets(
  window: RangeWindow,
  histograms: readonly NativeHistogram[],
  first: NativeHistogram,
  difference: NativeHistogram | undefined,
  sum: NotedSum,
): NativeHistogram | undefined {
  let total = difference;
  let previous = first;
  histograms.slice(1).forEach((current, at) => {
    const isLost = isReset(window, window.from + at + 1, current, previous);
    if (isLost && total !== undefined) total = sum.plus(total, previous);
    previous = current;
  });
  return total;
}

/** Anchored and smoothed rates of histograms. */
export function extendedHistogramRate(
  call: RangeCall,
  { isCounter, isRate }: { readonly isCounter: boolean; readonly isRate: boolean },
  window: RangeWindow,
  out: StepSeries,
): void {
  const histograms = histogramsIn(window);
  const borders = bordersOf(call, isCounter, window, histograms);
  if (borders === undefined) return;
  const { left, right } = borders;
  const isGauge = left.counterReset === CounterReset.gauge && right.counterReset === CounterReset.gauge;
  if (!isCounter && !isGauge) call.context.annotations.warn(noteTexts.notGauge(nameOf(window)), call.span);
  const sum = new NotedSum(call, window);
  let total = sum.minus(right, left);
  if (isCounter && total !== undefined) {
    for (const lost of lostBetween(call, window, histograms, left, right)) {
      total = total && sum.plus(total, lost);
    }
  }
  if (total === undefined) return;
  const result = isRate ? divideHistogram(total, call.rangeMs / 1000) : total;
  out.setHistogram(window.step, compactHistogram(withCounterReset(result, CounterReset.gauge)));
}

function bordersOf(
  call: RangeCall,
  isCounter: boolean,
  window: RangeWindow,
  histograms: readonly NativeHistogram[],
): { left: NativeHistogram; right: NativeHistogram } | undefined {
  const { from, to, startMs, endMs, samples } = window;
  const time = (at: number): number => samples.timestamps[at] ?? 0;
  const isSmoothed = call.extension === 'smoothed';
  if (time(to - 1) <= startMs || (isSmoothed && time(from) > endMs)) return undefined;
  if (!isOfOneKind(call, isCounter, window, histograms)) return undefined;
  const between = (index: number, moment: number): NativeHistogram | undefined => {
    const [before, after] = [histograms[index], histograms[index + 1]];
    const share = (moment - time(from + index)) / (time(from + index + 1) - time(from + index));
    return before && after && interpolateHistogram(before, after, share, isCounter);
  };
  const isLeftCut = isSmoothed && time(from) < startMs;
  const isRightCut = isSmoothed && histograms.length > 1 && time(to - 1) > endMs;
  const left = isLeftCut ? between(0, startMs) : histograms[0];
  const right = isRightCut ? between(histograms.length - 2, endMs) : histograms.at(-1);
  return left && right && { left, right };
}

/** Notes what keeps histograms from being compared, and gauges among counters. */
function isOfOneKind(
  call: RangeCall,
  isCounter: boolean,
  window: RangeWindow,
  histograms: readonly NativeHistogram[],
): boolean {
  const { annotations } = call.context;
  const isCustom = histograms[0] !== undefined && usesCustomBuckets(histograms[0]);
  for (const histogram of histograms) {
    if (usesCustomBuckets(histogram) !== isCustom) {
      annotations.warn(noteTexts.mixedExponentialCustom(nameOf(window)), call.span);
      return false;
    }
    if (isCounter && histogram.counterReset === CounterReset.gauge) {
      annotations.warn(noteTexts.notCounter(nameOf(window)), call.span);
    }
  }
  return true;
}

/** What counters had reached at the resets between the borders. */
function lostBetween(
  call: RangeCall,
  { samples, from, startMs }: RangeWindow,
  histograms: readonly NativeHistogram[],
  left: NativeHistogram,
  right: NativeHistogram,
): NativeHistogram[] {
  const [first, second] = histograms;
  let next = 1;
  let previous = left;
  const isCut = call.extension === 'smoothed' && (samples.timestamps[from] ?? 0) < startMs;
  // The line on the left has gone through this reset already.
  if (isCut && first !== undefined && second !== undefined && isCounterReset(second, first)) {
    previous = second;
    next = 2;
  }
  // The last one is the right border, or the border lies before it.
  const last = histograms.length - 2;
  if (next > last + 1) return [];
  const lost: NativeHistogram[] = [];
  for (const current of [...histograms.slice(next, last + 1), right]) {
    if (isCounterReset(current, previous)) lost.push(previous);
    previous = current;
  }
  return lost;
}

function histogramsIn({ samples, from, to }: RangeWindow): NativeHistogram[] {
  const found: NativeHistogram[] = [];
  for (let at = from; at < to; at++) {
    const histogram = samples.histogramAt(at);
    if (histogram !== undefined) found.push(histogram);
  }
  return found;
}

function isReset(
  window: RangeWindow,
  at: number,
  current: NativeHistogram,
  previous: NativeHistogram,
): boolean {
  const { timestamps, startTimestamps: starts } = window.samples;
  const isStarted =
    starts !== undefined &&
    isStartReset(starts[at - 1] ?? 0, timestamps[at - 1] ?? 0, starts[at] ?? 0, timestamps[at] ?? 0);
  return isStarted || isCounterReset(current, previous);
}

function noteHints(
  call: RangeCall,
  window: RangeWindow,
  isCounter: boolean,
  histograms: readonly NativeHistogram[],
): void {
  const { annotations } = call.context;
  const isGauge = (one: NativeHistogram | undefined): boolean => one?.counterReset === CounterReset.gauge;
  if (!isCounter) {
    if (!isGauge(histograms[0]) || !isGauge(histograms.at(-1))) {
      annotations.warn(noteTexts.notGauge(nameOf(window)), call.span);
    }
    return;
  }
  if (histograms.some(isGauge)) annotations.warn(noteTexts.notCounter(nameOf(window)), call.span);
  const { timestamps, startTimestamps: starts } = window.samples;
  for (let at = window.from + 1; starts !== undefined && at < window.to; at++) {
    if (!isStartOverlap(starts[at - 1] ?? 0, timestamps[at - 1] ?? 0, starts[at] ?? 0)) continue;
    annotations.warn(noteTexts.startTimeOverlap(nameOf(window)), call.span);
  }
}

/** Adds and subtracts, and notes what did not fit. */
class NotedSum {
  private readonly call: RangeCall;
  private readonly window: RangeWindow;

  constructor(call: RangeCall, window: RangeWindow) {
    this.call = call;
    this.window = window;
  }

  plus(left: NativeHistogram, right: NativeHistogram): NativeHistogram | undefined {
    return this.noted(addHistograms(left, right), 'addition');
  }

  minus(left: NativeHistogram, right: NativeHistogram): NativeHistogram | undefined {
    return this.noted(subtractHistograms(left, right), 'subtraction');
  }

  private noted(
    combined: ReturnType<typeof addHistograms>,
    operation: 'addition' | 'subtraction',
  ): NativeHistogram | undefined {
    const { annotations } = this.call.context;
    if (combined.kind === 'incompatible') {
      annotations.warn(noteTexts.mixedExponentialCustom(nameOf(this.window)), this.call.span);
      return undefined;
    }
    if (combined.hasReconciledBounds) annotations.info(noteTexts.reconciledBounds(operation), this.call.span);
    return combined.histogram;
  }
}
