import { equalHistograms } from '../histogram/compare.ts';
import { isCounterReset } from '../histogram/counter-reset.ts';
import type { RangeCall, RangeFunction, RangeWindow } from './range-function.ts';
import { isStartReset } from './start-timestamps.ts';

/** Counts the pairs of neighbouring samples that differ (`changes`), or between which a counter fell (`resets`). */
export function changesFunction(call: RangeCall, differs: typeof isChange): RangeFunction {
  return {
    at: (window, out) => {
      const last = window.samples.timestamps[window.to - 1] ?? 0;
      if (call.extension === 'anchored' && last <= window.startMs) return;
      let count = 0;
      for (let at = window.from + 1; at < window.to; at++) if (differs(window, at)) count++;
      out.setFloat(window.step, count);
    },
  };
}

export function isChange({ samples }: RangeWindow, at: number): boolean {
  const [before, after] = [samples.histogramAt(at - 1), samples.histogramAt(at)];
  if (before !== undefined && after !== undefined) return !equalHistograms(before, after);
  if (before !== undefined || after !== undefined) return true;
  const [previous, value] = [samples.values[at - 1] ?? 0, samples.values[at] ?? 0];
  return value !== previous && !(Number.isNaN(value) && Number.isNaN(previous));
}

export function isReset({ samples }: RangeWindow, at: number): boolean {
  const [before, after] = [samples.histogramAt(at - 1), samples.histogramAt(at)];
  if ((before === undefined) !== (after === undefined)) return true;
  const { timestamps, startTimestamps: starts, values } = samples;
  const isStarted =
    starts !== undefined &&
    isStartReset(starts[at - 1] ?? 0, timestamps[at - 1] ?? 0, starts[at] ?? 0, timestamps[at] ?? 0);
  if (isStarted) return true;
  if (before !== undefined && after !== undefined) return isCounterReset(after, before);
  return (values[at] ?? 0) < (values[at - 1] ?? 0);
}
