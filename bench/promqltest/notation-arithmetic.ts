import { addHistograms, type NativeHistogram, subtractHistograms } from '../../workers/promql/index.ts';

/** The step of `{{…}}+{{…}}x3`. */
export function addInNotation(left: NativeHistogram, right: NativeHistogram): NativeHistogram {
  return combined(addHistograms(left, right));
}

export function subtractInNotation(left: NativeHistogram, right: NativeHistogram): NativeHistogram {
  return combined(subtractHistograms(left, right));
}

function combined(result: ReturnType<typeof addHistograms>): NativeHistogram {
  if (result.kind === 'incompatible') {
    throw new Error('a series cannot step from exponential to custom buckets');
  }
  return result.histogram;
}
