import { ANOMALY_SCORE } from '../../workers/kernels/detect/index.ts';
import { scoreNab } from '../detect-scoring/nab-score.ts';
import { halfOf, readNab } from '../detect-scoring/read-corpus.ts';
import { readNabProfiles } from '../detect-scoring/read-profiles.ts';
import { runDetector } from '../detect-scoring/run-detector.ts';
import { checkNabScorer } from '../detect-scoring/scorer-check.ts';
import { readOptions, requiredText } from '../read-options.ts';

/** Standard profile, whole corpus, each with the threshold that is the best for it there; ours is one threshold, frozen. */
const RIVALS = {
  ARTime: 74.9,
  'Numenta HTM': 70.5,
  'CAD OSE': 69.9,
  'KNN-CAD': 58,
  'Random Cut Forest': 51.7,
};

/**
 * The Numenta Anomaly Benchmark (github.com/numenta/NAB): what the detector reports, streaming, at the product's threshold. `--data DIR`:
 * `DIR/{dev,heldout}/` with data and labels, `DIR/common/profiles.json`.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const { data } = readOptions(args, {
    data: requiredText('DIR', 'a folder with dev/ or heldout/, and common/'),
  });
  const { half, path } = halfOf(data);
  const files = await readNab(path);
  const profiles = await readNabProfiles(data);
  const reported = files.map(({ unixMs, values }) => runDetector(unixMs, values).onsets);
  const byProfile = Object.fromEntries(
    Object.entries(profiles).map(([name, profile]) => [
      name,
      scoreNab(files, reported, ANOMALY_SCORE, profile),
    ]),
  );
  const { standard } = byProfile;
  if (standard === undefined) throw new Error('profiles.json has no profile "standard"');
  return {
    half,
    score: standard.normalised,
    windows: standard.windows,
    found: standard.found,
    falseDetections: standard.falseDetections,
    lowFalsePositives: byProfile['reward_low_FP_rate']?.normalised,
    lowFalseNegatives: byProfile['reward_low_FN_rate']?.normalised,
    threshold: ANOMALY_SCORE,
    scorerCheck: await checkNabScorer(path, files, profiles),
    rivals: RIVALS,
    byCategory: scoreCategories(),
  };

  function scoreCategories(): Record<string, string> {
    const categories = [...new Set(files.map(({ name }) => name.split('/')[0] ?? name))];
    return Object.fromEntries(
      categories.map((category) => {
        const rows = files.flatMap(({ name }, index) => (name.startsWith(`${category}/`) ? [index] : []));
        const { found, windows, falseDetections } = scoreNab(
          rows.flatMap((row) => files[row] ?? []),
          rows.map((row) => reported[row] ?? []),
          ANOMALY_SCORE,
          { truePositive: 1, falseNegative: 1, falsePositive: 0.11 },
        );
        return [category, `${found} of ${windows} windows, ${falseDetections} false detections`];
      }),
    );
  }
}
