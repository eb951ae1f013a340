import { addHistograms, scaleHistogram, subtractHistograms } from '../histogram/combine.ts';
import { isCounterReset } from '../histogram/counter-reset.ts';
import { type NativeHistogram, usesCustomBuckets, withCounterReset } from '../histogram/native-histogram.ts';

/** The value at `share` of the way between two samples; a counter that was reset between them began at 0. */
export function interpolateFloat(before: number, after: number, share: number, isCounter: boolean): number {
  const start = isCounter && after < before ? 0 : before;
  return start + (after - start) * share;
}

/** As for floats; undefined where exponential and custom buckets meet. */
export function interpolateHistogram(
  before: NativeHistogram,
  after: NativeHistogram,
  share: number,
  isCounter: boolean,
): NativeHistogram | undefined {
  if (usesCustomBuckets(before) !== usesCustomBuckets(after)) return undefined;
  if (isCounter && isCounterReset(after, before)) return scaleHistogram(after, share);
  const step = subtractHistograms(after, before);
  if (step.kind === 'incompatible') return undefined;
  const between = addHistograms(before, scaleHistogram(step.histogram, share));
  if (between.kind === 'incompatible') return undefined;
  return withCounterReset(between.histogram, after.counterReset);
}
