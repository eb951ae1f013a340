/** What a profile of NAB pays: a window found, a window missed, a detection outside. */
export interface NabProfile {
  readonly truePositive: number;
  readonly falseNegative: number;
  readonly falsePositive: number;
}

export interface NabFile {
  readonly name: string;
  readonly unixMs: Float64Array;
  readonly values: Float64Array;
  /** First and last row of each labelled window, both inside, in order. */
  readonly windows: readonly (readonly [number, number])[];
}

/** Raw scores are comparable only with those of the same files. */
export interface NabScore {
  readonly raw: number;
  /** 0 = detects nothing, 100 = each window in its first row and nothing else. */
  readonly normalised: number;
  readonly windows: number;
  readonly found: number;
  readonly falseDetections: number;
}

const PROBATION_SHARE = 0.15;
const MOST_PROBATION_ROWS = 750;

/**
 * The score of the Numenta Anomaly Benchmark (Lavin & Ahmad 2015; Ahmad et al., Neurocomputing 2017) for one threshold over all files. A
 * window pays once, the more the earlier a detection in it is; every row detected outside costs, less if soon after a window.
 *
 * @param scores of each file, one a row, 0 to 1; a row is detected if its score is the threshold or more
 */
export function scoreNab(
  files: readonly NabFile[],
  scores: readonly ArrayLike<number>[],
  threshold: number,
  profile: NabProfile,
): NabScore {
  let raw = 0;
  let empty = 0;
  let found = 0;
  let windows = 0;
  let falseDetections = 0;
  files.forEach((file, index) => {
    const score = scoreFile(file, scores[index] ?? [], threshold, profile);
    raw += score.raw;
    empty -= score.scorableWindows * profile.falseNegative;
    found += score.found;
    falseDetections += score.falseDetections;
    windows += file.windows.length;
  });
  const perfect = windows * profile.truePositive;
  return { raw, normalised: (100 * (raw - empty)) / (perfect - empty), windows, found, falseDetections };
}

/** Rows at the start of a file that are not scored: a detector may learn there. */
export function probationRows(rows: number): number {
  return Math.min(Math.floor(PROBATION_SHARE * rows), MOST_PROBATION_ROWS);
}

function scoreFile(
  { windows, values }: NabFile,
  scores: ArrayLike<number>,
  threshold: number,
  profile: NabProfile,
): { raw: number; scorableWindows: number; found: number; falseDetections: number } {
  const rows = values.length;
  const first = probationRows(rows);
  const best = windows.map(() => Number.NEGATIVE_INFINITY);
  let raw = 0;
  let falseDetections = 0;
  let next = 0;
  for (let row = 0; row < rows; row += 1) {
    while (next < windows.length && row > (windows[next]?.[1] ?? 0)) next += 1;
    if (row < first || !((scores[row] ?? 0) >= threshold)) continue;
    const window = windows[next];
    if (window !== undefined && row >= window[0]) {
      best[next] = Math.max(best[next] ?? 0, gainInside(row, window) * profile.truePositive);
    } else {
      raw -= lossOutside(row, windows[next - 1]) * profile.falsePositive;
      falseDetections += 1;
    }
  }
  const scorable = windows.map(([, last]) => last >= first);
  let found = 0;
  best.forEach((gain, index) => {
    if (gain > Number.NEGATIVE_INFINITY) {
      raw += gain;
      found += 1;
    } else if (scorable[index]) {
      raw -= profile.falseNegative;
    }
  });
  return { raw, scorableWindows: scorable.filter(Boolean).length, found, falseDetections };
}

function gainInside(row: number, [first, last]: readonly [number, number]): number {
  return sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1);
}

function lossOutside(row: number, before: readonly [number, number] | undefined): number {
  if (before === undefined) return 1;
  const [first, last] = before;
  return -sigmoid((row - last) / Math.max(1, last - first));
}

/** 1 well before the end of a window, 0 at its end, −1 well after it. */
function sigmoid(position: number): number {
  return position > 3 ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}
