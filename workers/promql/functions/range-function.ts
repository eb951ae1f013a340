// Hot: `overRange` visits every window of every series of a query (bench/promql).
import type { EvaluationContext } from '../evaluate/evaluation-context.ts';
import { StepSeries } from '../evaluate/step-series.ts';
import type { RangeValue } from '../evaluate/value.ts';
import { metricName } from '../model/labels.ts';
import type { Span } from '../parse/ast.ts';
import type { RangeSamples } from '../select/range-samples.ts';

/** The samples of one series between two moments; one object for all windows of a query. */
export interface RangeWindow {
  samples: RangeSamples;
  /** The first sample and the one behind the last. With an extension those at the borders belong to it. */
  from: number;
  to: number;
  /** Samples at `startMs` lie before the window, at `endMs` within. */
  startMs: number;
  endMs: number;
  step: number;
}

/** What a function over ranges may need beside its window. */
export interface RangeCall {
  readonly context: EvaluationContext;
  readonly rangeMs: number;
  readonly extension: RangeValue['extension'];
  /** Where notes about the range point to. */
  readonly span: Span;
  /** The scalar arguments in their order, a value for each step. */
  readonly scalars: readonly Float64Array[];
  readonly scalarSpans: readonly Span[];
  /** The moment of a step. */
  readonly timeAt: (step: number) => number;
}

export interface RangeFunction {
  /** Does a whole series at once, if it can: the same results, without a call for each window. */
  readonly whole?: (samples: RangeSamples, range: RangeValue, out: StepSeries) => boolean;
  /** Before the windows of a series. */
  readonly begin?: (samples: RangeSamples) => void;
  /** Writes the result of a window that has samples, or nothing. */
  readonly at: (window: RangeWindow, out: StepSeries) => void;
  /** After the windows of a series. */
  readonly end?: (samples: RangeSamples, out: StepSeries) => void;
}

export const nameOf = ({ samples }: RangeWindow): string => metricName(samples.labels);

/** Slides over the samples of each series once. */
export function overRange(
  range: RangeValue,
  call: RangeCall,
  count: number,
  keepsName: boolean,
  evaluate: RangeFunction,
): StepSeries[] {
  const results: StepSeries[] = [];
  for (const samples of range.samples) {
    call.context.budget.spend(count);
    const out = new StepSeries(samples.labels, count, samples.dropsName || !keepsName);
    evaluate.begin?.(samples);
    const isDone = evaluate.whole?.(samples, range, out) ?? false;
    if (!isDone) slide(range, samples, count, call.context.lookbackMs, evaluate, out);
    evaluate.end?.(samples, out);
    if (!out.isEmpty()) results.push(out);
  }
  return results;
}

function slide(
  range: RangeValue,
  samples: RangeSamples,
  count: number,
  lookbackMs: number,
  evaluate: RangeFunction,
  out: StepSeries,
): void {
  const { timestamps } = samples;
  const window: RangeWindow = { samples, from: 0, to: 0, startMs: 0, endMs: 0, step: 0 };
  let from = 0;
  let to = 0;
  for (let step = 0; step < count; step++) {
    const endMs = range.endAt(step);
    const startMs = endMs - range.rangeMs;
    while (to < timestamps.length && (timestamps[to] ?? 0) <= endMs) to++;
    while (from < to && (timestamps[from] ?? 0) <= startMs) from++;
    window.from = from;
    window.to = to;
    window.startMs = startMs;
    window.endMs = endMs;
    window.step = step;
    if (range.extension !== 'none') extend(window, range.extension, lookbackMs);
    if (window.from < window.to) evaluate.at(window, out);
  }
}

/** Anchored windows begin with the sample before them, smoothed ones end with the one behind, too. */
function extend(window: RangeWindow, extension: 'anchored' | 'smoothed', lookbackMs: number): void {
  const { timestamps } = window.samples;
  const isEmpty = window.from === window.to;
  const before = window.from - 1;
  const hasBefore = before >= 0 && (timestamps[before] ?? 0) > window.startMs - lookbackMs;
  const behind = window.to;
  const endsInside = !isEmpty && timestamps[behind - 1] === window.endMs;
  const hasBehind =
    extension === 'smoothed' && !endsInside && (timestamps[behind] ?? Infinity) <= window.endMs + lookbackMs;
  // A line needs two ends, an anchor something that it holds.
  if (isEmpty && !(hasBefore && hasBehind)) return;
  if (hasBefore) window.from = before;
  if (hasBehind) window.to = behind + 1;
}
