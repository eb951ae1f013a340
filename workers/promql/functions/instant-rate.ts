import { noteTexts } from '../evaluate/note-texts.ts';
import type { StepSeries } from '../evaluate/step-series.ts';
import { compactHistogram, divideHistogram, subtractHistograms } from '../histogram/combine.ts';
import { isCounterReset } from '../histogram/counter-reset.ts';
import { CounterReset, type NativeHistogram, withCounterReset } from '../histogram/native-histogram.ts';
import { nameOf, type RangeCall, type RangeFunction, type RangeWindow } from './range-function.ts';
import { isStartReset } from './start-timestamps.ts';

/** `irate` and `idelta`: the last two samples of the range. */
export function instantRateFunction(call: RangeCall, isRate: boolean): RangeFunction {
  return {
    at: (window, out) => {
      const last = window.to - 1;
      if (last - window.from < 1) return;
      const { timestamps, values } = window.samples;
      const seconds = ((timestamps[last] ?? 0) - (timestamps[last - 1] ?? 0)) / 1000;
      const [before, after] = [window.samples.histogramAt(last - 1), window.samples.histogramAt(last)];
      if (before !== undefined && after !== undefined) {
        const difference = differenceOf(call, isRate, window, before, after);
        if (difference === undefined) return;
        out.setHistogram(window.step, isRate ? divideHistogram(difference, seconds) : difference);
      } else if (before !== undefined || after !== undefined) {
        call.context.annotations.warn(noteTexts.mixedFloatsHistograms(nameOf(window)), call.span);
      } else {
        const [previous, value] = [values[last - 1] ?? 0, values[last] ?? 0];
        const isReset = isRate && (value < previous || startsAnew(window));
        setDifference(out, window.step, isReset ? value : value - previous, isRate ? seconds : 1);
      }
    },
  };
}

function setDifference(out: StepSeries, step: number, difference: number, divisor: number): void {
  out.setFloat(step, difference / divisor);
}

function startsAnew({ samples: { timestamps, startTimestamps: starts }, to }: RangeWindow): boolean {
  if (starts === undefined) return false;
  return isStartReset(
    starts[to - 2] ?? 0,
    timestamps[to - 2] ?? 0,
    starts[to - 1] ?? 0,
    timestamps[to - 1] ?? 0,
  );
}

function differenceOf(
  call: RangeCall,
  isRate: boolean,
  window: RangeWindow,
  before: NativeHistogram,
  after: NativeHistogram,
): NativeHistogram | undefined {
  const { annotations } = call.context;
  const gauges = [before, after].filter(({ counterReset }) => counterReset === CounterReset.gauge).length;
  if (isRate && gauges > 0) annotations.warn(noteTexts.notCounter(nameOf(window)), call.span);
  if (!isRate && gauges < 2) annotations.warn(noteTexts.notGauge(nameOf(window)), call.span);
  let difference = after;
  if (!isRate || !(startsAnew(window) || isCounterReset(after, before))) {
    const subtracted = subtractHistograms(after, before);
    if (subtracted.kind === 'incompatible') {
      annotations.warn(noteTexts.mixedExponentialCustom(nameOf(window)), call.span);
      return undefined;
    }
    if (subtracted.hasReconciledBounds) {
      annotations.info(noteTexts.reconciledBounds('subtraction'), call.span);
    }
    difference = subtracted.histogram;
  }
  return compactHistogram(withCounterReset(difference, CounterReset.gauge));
}
