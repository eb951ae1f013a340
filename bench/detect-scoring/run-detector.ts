import { newSeries, newVerdict, observePoint } from '../../workers/kernels/detect/index.ts';

export interface DetectedSeries {
  /** Of every point. */
  readonly scores: Float64Array;
  /** The same where an anomaly begins or gets clearly worse, 0 elsewhere: what would be reported. */
  readonly onsets: Float64Array;
}

/** One series from its first point to its last, with nothing known of it before. */
export function runDetector(unixMs: Float64Array, values: Float64Array): DetectedSeries {
  const series = newSeries();
  const verdict = newVerdict();
  const scores = new Float64Array(values.length);
  const onsets = new Float64Array(values.length);
  for (let row = 0; row < values.length; row += 1) {
    observePoint(series, unixMs[row] ?? Number.NaN, values[row] ?? Number.NaN, verdict);
    scores[row] = verdict.score;
    onsets[row] = verdict.isOnset ? verdict.score : 0;
  }
  return { scores, onsets };
}
