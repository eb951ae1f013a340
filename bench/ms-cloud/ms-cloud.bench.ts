import { ANOMALY_SCORE } from '../../workers/kernels/detect/index.ts';
import { countEvents, labelledEvents, scoreEvents } from '../detect-scoring/event-score.ts';
import { halfOf, type LabelledFile, readCloudMonitoring } from '../detect-scoring/read-corpus.ts';
import { runDetector } from '../detect-scoring/run-detector.ts';
import { readOptions, requiredText } from '../read-options.ts';

const TOLERANCE_ROWS = 10;
const LEARNING_SHARE = 0.15;

/** F1 of the rolling median and MAD of 100 points, threshold 10 chosen on dev. */
const RIVALS = { 'rolling MAD': { dev: 0.515, heldout: 0.535 } };

/**
 * Microsoft's cloud monitoring data set (github.com/microsoft/cloud-monitoring-dataset): F1 of events at the product's threshold, all
 * files pooled. `--data DIR`: `DIR/{dev,heldout}/` with the files, gzipped or not, in any folders.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { data } = readOptions(args, { data: requiredText('DIR', 'a folder with dev/ or heldout/') });
  const { half, path } = halfOf(data);
  const files = await readCloudMonitoring(path);
  const score = scoreEvents(files.map((file) => countFile(file)));
  return { half, files: files.length, ...score, threshold: ANOMALY_SCORE, rivals: RIVALS };
}

/** Detections that are close together are one episode here, so every anomalous point is one. */
function countFile({ unixMs, values, labels }: LabelledFile): ReturnType<typeof countEvents> {
  const from = Math.floor(LEARNING_SHARE * values.length);
  const { scores } = runDetector(unixMs, values);
  const detected: number[] = [];
  for (let row = from; row < scores.length; row += 1) {
    if ((scores[row] ?? 0) >= ANOMALY_SCORE) detected.push(row);
  }
  return countEvents(labelledEvents(labels, from), detected, TOLERANCE_ROWS);
}
