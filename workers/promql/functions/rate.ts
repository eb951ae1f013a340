// Hot: rate of floats (bench/promql).
import { noteTexts } from '../evaluate/note-texts.ts';
import { Sample, type StepSeries } from '../evaluate/step-series.ts';
import type { RangeValue } from '../evaluate/value.ts';
import { metricName } from '../model/labels.ts';
import { interpolateFloat } from '../select/interpolate.ts';
import type { RangeSamples } from '../select/range-samples.ts';
import { extendedHistogramRate, histogramIncrease, type Increase } from './histogram-rate.ts';
import { nameOf, type RangeCall, type RangeFunction, type RangeWindow } from './range-function.ts';
import { isStartOverlap, isStartReset } from './start-timestamps.ts';
import { scaleHistogram } from '../histogram/combine.ts';

export interface RateKind {
  /** Falls are resets, and nothing was below zero. */
  readonly isCounter: boolean;
  /** Per second. */
  readonly isRate: boolean;
}

/** `rate`, `increase` and `delta`, extrapolated to the borders of the range as Prometheus does. */
export function rateFunction(call: RangeCall, kind: RateKind): RangeFunction {
  let falls = new Uint32Array(0);
  return {
    begin: (samples) => {
      if (falls.length < samples.values.length) falls = new Uint32Array(samples.values.length);
      if (kind.isCounter) countFalls(samples.values, falls);
    },
    whole: (samples, range, out) => {
      const { histograms, startTimestamps } = samples;
      if (histograms !== undefined || startTimestamps !== undefined || range.extension !== 'none') {
        return false;
      }
      rateOfSeries(kind, samples, falls, range, out);
      return true;
    },
    at: (window, out) => {
      if (isMixed(window)) {
        call.context.annotations.warn(noteTexts.mixedFloatsHistograms(nameOf(window)), call.span);
      } else if (window.samples.histogramAt(window.from) !== undefined) {
        rateOfHistograms(call, kind, window, out);
      } else if (call.extension !== 'none') rateWithBorders(call, kind, window, out);
      else rateOfFloats(call, kind, window, falls, out);
    },
    end: (samples, out) => {
      if (kind.isCounter) noteOtherName(call, samples, out);
    },
  };
}

/** For each sample how many before it, and it, are lower than the one before them. */
function countFalls(values: Float64Array, falls: Uint32Array): void {
  let count = 0;
  for (let at = 1; at < values.length; at++) {
    if ((values[at] ?? 0) < (values[at - 1] ?? 0)) count++;
    falls[at] = count;
  }
}

/** All windows of a series of floats: two pointers slide over its samples, and nothing is made for a step. */
function rateOfSeries(
  { isCounter, isRate }: RateKind,
  samples: RangeSamples,
  falls: Uint32Array,
  { rangeMs, endAt }: RangeValue,
  out: StepSeries,
): void {
  const { timestamps, values } = samples;
  const divisor = isRate ? rangeMs / 1000 : 1;
  let from = 0;
  let to = 0;
  for (let step = 0; step < out.kinds.length; step++) {
    const endMs = endAt(step);
    const startMs = endMs - rangeMs;
    while (to < timestamps.length && (timestamps[to] ?? 0) <= endMs) to++;
    while (from < to && (timestamps[from] ?? 0) <= startMs) from++;
    const last = to - 1;
    if (last <= from) continue;
    const first = values[from] ?? 0;
    let increase = (values[last] ?? 0) - first;
    if (isCounter && falls[last] !== falls[from]) increase += lostByFalls(values, from, to);
    const [firstTime, lastTime] = [timestamps[from] ?? 0, timestamps[last] ?? 0];
    const sampled = (lastTime - firstTime) / 1000;
    const intervals = samples.intervalsOf(from, last);
    const before = extrapolated(isCounter, first, increase, sampled, intervals, (firstTime - startMs) / 1000);
    const behind = extrapolated(false, 0, 0, sampled, intervals, (endMs - lastTime) / 1000);
    out.setFloat(step, increase * ((sampled + before + behind) / sampled / divisor));
  }
}

/** Samples up to a tenth more than an interval from a border are taken to reach it. */
const THRESHOLD = 1.1;

/** How far beyond its first or last sample a series is taken to reach, seconds. */
function extrapolated(
  isCounter: boolean,
  first: number,
  increase: number,
  sampled: number,
  intervals: number,
  toBorder: number,
): number {
  const average = sampled / intervals;
  const reach = toBorder >= average * THRESHOLD ? average / 2 : toBorder;
  // A counter was not below zero.
  if (!isCounter || !(increase > 0) || !(first >= 0)) return reach;
  return Math.min(reach, sampled * (first / increase));
}

export function isMixed({ samples, from, to }: RangeWindow): boolean {
  if (samples.histograms === undefined) return false;
  let found = 0;
  for (let at = from; at < to; at++) if (samples.histograms[at] !== undefined) found++;
  return found > 0 && found < to - from;
}

function rateOfFloats(
  call: RangeCall,
  kind: RateKind,
  window: RangeWindow,
  falls: Uint32Array,
  out: StepSeries,
): void {
  const { from, to, samples } = window;
  const { values, startTimestamps } = samples;
  const last = to - 1;
  const first = values[from] ?? 0;
  let increase = (values[last] ?? 0) - first;
  if (kind.isCounter) {
    if (startTimestamps !== undefined) increase += lostByStarts(call, window, startTimestamps);
    else if (falls[last] !== falls[from]) increase += lostByFalls(values, from, to);
  }
  const factor = extrapolation(call, kind, window, startTimestamps?.[from] ?? 0, first, increase);
  if (factor === undefined) return;
  out.setFloat(window.step, (increase + (factor.isFromStart ? first : 0)) * factor.value);
}

function lostByFalls(values: Float64Array, from: number, to: number): number {
  let lost = 0;
  for (let at = from + 1; at < to; at++) {
    const previous = values[at - 1] ?? 0;
    if ((values[at] ?? 0) < previous) lost += previous;
  }
  return lost;
}

function lostByStarts(call: RangeCall, window: RangeWindow, starts: Float64Array): number {
  const { values, timestamps } = window.samples;
  let lost = 0;
  for (let at = window.from + 1; at < window.to; at++) {
    const [previousStart, start] = [starts[at - 1] ?? 0, starts[at] ?? 0];
    const previousTime = timestamps[at - 1] ?? 0;
    if (isStartOverlap(previousStart, previousTime, start)) {
      call.context.annotations.warn(noteTexts.startTimeOverlap(nameOf(window)), call.span);
    }
    const previous = values[at - 1] ?? 0;
    const isReset = isStartReset(previousStart, previousTime, start, timestamps[at] ?? 0);
    if (isReset || (values[at] ?? 0) < previous) lost += previous;
  }
  return lost;
}

interface Extrapolation {
  readonly value: number;
  /** Counting started within the range, so that the first sample is an increase, too. */
  readonly isFromStart: boolean;
}

/**
 * What the increase between the first and the last sample is multiplied with: up to the borders where samples reach
 * near them, by half an interval where the series seems to begin or end within the range.
 */
function extrapolation(
  call: RangeCall,
  { isCounter, isRate }: RateKind,
  { from, to, samples, startMs, endMs }: RangeWindow,
  firstStart: number,
  first: number,
  increase: number,
): Extrapolation | undefined {
  const firstTime = samples.timestamps[from] ?? 0;
  const lastTime = samples.timestamps[to - 1] ?? 0;
  const intervals = samples.intervalsOf(from, to - 1);
  let sampled = (lastTime - firstTime) / 1000;
  const average = intervals === 0 ? 0 : sampled / intervals;
  const threshold = average * THRESHOLD;
  let toStart = (firstTime - startMs) / 1000;
  let toEnd = (endMs - lastTime) / 1000;
  const isFromStart = isCounter && firstStart !== 0 && firstStart > startMs && firstStart < firstTime;
  if (isFromStart) {
    toStart = 0;
    sampled = (lastTime - firstStart) / 1000;
  } else if (intervals === 0) return undefined;
  else toStart = extrapolated(isCounter, first, increase, sampled, intervals, toStart);
  if (toEnd >= threshold) toEnd = average / 2;
  let value = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
  if (isRate) value /= call.rangeMs / 1000;
  return { value, isFromStart };
}

function rateOfHistograms(call: RangeCall, kind: RateKind, window: RangeWindow, out: StepSeries): void {
  if (call.extension !== 'none') {
    extendedHistogramRate(call, kind, window, out);
    return;
  }
  const first = window.samples.histogramAt(window.from);
  if (first === undefined) return;
  const increase: Increase = histogramIncrease(call, kind.isCounter, window);
  if (increase.kind === 'incompatible') return;
  const start = window.samples.startTimestamps?.[window.from] ?? 0;
  const grown = increase.histogram?.count ?? 0;
  const factor = extrapolation(call, kind, window, start, first.count, grown);
  if (factor === undefined) return;
  const total = factor.isFromStart ? increase.plus(first) : increase.histogram;
  if (total !== undefined) out.setHistogram(window.step, scaleHistogram(total, factor.value));
}

/** Anchored and smoothed: the values at the borders are known or lie on a line, nothing is extrapolated. */
function rateWithBorders(call: RangeCall, kind: RateKind, window: RangeWindow, out: StepSeries): void {
  const { samples, from, to, startMs, endMs } = window;
  const { timestamps, values } = samples;
  const isSmoothed = call.extension === 'smoothed';
  const [first, last] = [from, to - 1];
  const [firstTime, lastTime] = [timestamps[first] ?? 0, timestamps[last] ?? 0];
  if (lastTime <= startMs || (isSmoothed && firstTime > endMs)) return;
  const between = (at: number, time: number): number => {
    const [before, after] = [at, at + 1].map((index) => timestamps[index] ?? 0) as [number, number];
    const share = (time - before) / (after - before);
    return interpolateFloat(values[at] ?? 0, values[at + 1] ?? 0, share, kind.isCounter);
  };
  const left = isSmoothed && firstTime < startMs ? between(first, startMs) : (values[first] ?? 0);
  const right = isSmoothed && last > 0 && lastTime > endMs ? between(last - 1, endMs) : (values[last] ?? 0);
  const lost = kind.isCounter ? lostBetweenBorders(window, left, right) : 0;
  const increase = right - left + lost;
  out.setFloat(window.step, kind.isRate ? increase / (call.rangeMs / 1000) : increase);
}

function lostBetweenBorders(
  { samples, from, to, startMs, endMs }: RangeWindow,
  left: number,
  right: number,
): number {
  const { timestamps, values } = samples;
  const first = (timestamps[from] ?? 0) <= startMs ? from + 1 : from;
  const behind = (timestamps[to - 1] ?? 0) >= endMs ? to - 1 : to;
  let lost = 0;
  let previous = left;
  for (let at = first; at < behind; at++) {
    const value = values[at] ?? 0;
    if (value < previous) lost += previous;
    previous = value;
  }
  return right < previous ? lost + previous : lost;
}

const COUNTER_NAME = /(?:_total|_sum|_count|_bucket)$/u;

function noteOtherName(call: RangeCall, { labels }: RangeSamples, out: StepSeries): void {
  const name = metricName(labels);
  if (name === '' || COUNTER_NAME.test(name) || !out.kinds.includes(Sample.float)) return;
  call.context.annotations.info(noteTexts.possibleNonCounter(name), call.span);
}
