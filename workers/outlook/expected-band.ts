import { ANOMALY_SCORE, newSeries, newVerdict, observePoint } from '../kernels/detect/index.ts';

export interface BandQuestion {
  readonly startUnixMs: number;
  readonly stepMs: number;
  /** One a step, oldest first; NaN where there is none. */
  readonly values: Float64Array;
  /** Rows before this one are learned from and not shown. */
  readonly shownFrom: number;
}

export interface SeriesAnomaly {
  readonly unixMs: number;
  /** `ANOMALY_SCORE` or more, at most 1. */
  readonly score: number;
  /** Whether it begins an anomaly, or makes one clearly worse. */
  readonly isOnset: boolean;
  readonly detector: string;
  readonly observed: number;
  readonly expected: number;
}

/** Each array has a value for each row that is shown; NaN where nothing was expected. */
export interface ExpectedBand {
  readonly expected: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly anomalies: readonly SeriesAnomaly[];
  /** Rows that are shown and were only learned from. */
  readonly learning: number;
}

const ROWS_BETWEEN_CHECKPOINTS = 1_000;

/** What was expected of each value by those before it, and which were abnormal: the detector of live series, over the past. */
export function expectedBand(
  { startUnixMs, stepMs, values, shownFrom }: BandQuestion,
  { checkpoint }: { readonly checkpoint: () => void },
): ExpectedBand {
  const shown = Math.max(0, values.length - shownFrom);
  const nothing = (): Float64Array => new Float64Array(shown).fill(Number.NaN);
  const [expected, lower, upper] = [nothing(), nothing(), nothing()];
  const anomalies: SeriesAnomaly[] = [];
  let learning = 0;
  // What was never below 0 is not expected there.
  const floor = values.some((value) => value < 0) ? -Infinity : 0;
  const series = newSeries();
  const verdict = newVerdict();
  for (const [row, value] of values.entries()) {
    if (row % ROWS_BETWEEN_CHECKPOINTS === 0) checkpoint();
    const unixMs = startUnixMs + row * stepMs;
    observePoint(series, unixMs, value, verdict);
    const at = row - shownFrom;
    if (at < 0) continue;
    if (verdict.state === 'learning') learning += 1;
    if (verdict.state !== 'live') continue;
    expected[at] = verdict.expected;
    lower[at] = Math.max(floor, verdict.lower);
    upper[at] = verdict.upper;
    if (verdict.score < ANOMALY_SCORE) continue;
    const { score, isOnset, detector } = verdict;
    anomalies.push({ unixMs, score, isOnset, detector, observed: value, expected: verdict.expected });
  }
  return { expected, lower, upper, anomalies, learning };
}
