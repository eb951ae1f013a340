// Hot: once a point of every series. Bench: bench/detect.
import { forgetRecent, neighbourDistance, NEIGHBOURS_SIZE } from './lag-neighbours.ts';
import { seasonalLevel, SEASONS_SIZE } from './seasonal-level.ts';
import { observationOfSurprise, TAIL_SIZE, tailSurprise } from './tail-surprise.ts';

/** What may have fired: each looks at a series in one way; all but the last are combined. */
type DetectorName = 'spike' | 'level-shift' | 'variance' | 'season' | 'season-shift' | 'shape' | 'flat-line';

/** What a point is: `missing` has no finite value or time, `late` is not newer than the one before; neither is learned from. */
type PointState = 'learning' | 'live' | 'missing' | 'late';

/** Written by `observePoint`, owned by the caller. */
export interface Verdict {
  state: PointState;
  /** 0 to 1; `ANOMALY_SCORE` and more is an anomaly; 0 unless live. */
  score: number;
  /** Whether this point begins an anomaly, or makes one clearly worse: what is to be reported, once. */
  isOnset: boolean;
  /** Which detector was the most surprised. */
  detector: DetectorName;
  /** In the unit of the series, like the band; a value beyond it is anomalous by its distance alone. */
  expected: number;
  lower: number;
  upper: number;
}

/** The one threshold, of all series: chosen on the development halves of two public sets (see the decision note). */
export const ANOMALY_SCORE = 0.5;

/** Of the combined surprise that is an anomaly, in powers of ten. */
const ANOMALY_SURPRISE = 4;
/** Values are taken as no larger, or their squares would overflow. */
const LARGEST = 1e150;
const LEARNING_POINTS = 64;
/** The oftener a point comes, the less probable must be what is reported, or fast series would be reported more often. */
const PACE_WEIGHT = 0.3;
const USUAL_PACE_MS = 15 * 60_000;
/** Intervals that the weight was measured for; it goes no further. */
const FASTEST_PACE_MS = 60_000;
const SLOWEST_PACE_MS = 60 * 60_000;
/** An anomaly is news when what was before it, which fades with this memory in points, is below the threshold; or when it gets so much worse. */
const EPISODE_POINTS = 200;
const WORSE = 2;
/** Of the threshold: what is reported is remembered as no less, or what hovers there would be reported again and again. */
const LEAST_REPORTED = 1.25;
/** After so many points without one that is newer the clock is taken to have been set back. */
const MOST_LATE = 16;
/** A gap of so many usual intervals breaks the shape. */
const GAP = 8;
/** Of a level: smaller differences are rounding. */
const ROUNDING = 1e-9;

/** Rounded values repeat by chance. */
const LEAST_REPEAT_SHARE = 0.7;
/** The longest run is forgotten over so many points that are none. */
const RUN_FADE = 1 - 1 / 4_096;
/** However long a line has been flat, what comes after it may be news. */
const MOST_FLAT = 8;
/** No series is silent for longer, 30 years. */
const LONGEST_INTERVAL_MS = 1e12;

const COUNT = 0;
const LAST_MS = 1;
const LATE = 2;
const INTERVAL = 3;
const FAST = 4;
const MEDIUM = 5;
const SLOW = 6;
const PREVIOUS = 7;
const FAST_STEP = 8;
const SLOW_STEP = 9;
const SHIFT = 10;
const PEAK = 11;
const REPEATS = 12;
const REPEAT_SHARE = 13;
const LONGEST_RUN = 14;
const TAILS = 15;
const COMBINED = 6;
const NEIGHBOURS = TAILS + COMBINED * TAIL_SIZE;
const SEASONS = NEIGHBOURS + NEIGHBOURS_SIZE;
const STATE_SIZE = SEASONS + SEASONS_SIZE;

const [SPIKE, LEVEL_SHIFT, VARIANCE, SEASON, SEASON_SHIFT, SHAPE] = [0, 1, 2, 3, 4, 5] as const;

/** Bytes of one series. */
export const SERIES_BYTES = STATE_SIZE * Float64Array.BYTES_PER_ELEMENT;

/** The whole state of one series; over a shared buffer it may be observed by any thread, by one at a time. */
export function newSeries(buffer?: ArrayBufferLike, byteOffset = 0): Float64Array {
  return buffer === undefined
    ? new Float64Array(STATE_SIZE)
    : new Float64Array(buffer, byteOffset, STATE_SIZE);
}

export function newVerdict(): Verdict {
  return {
    state: 'learning',
    score: 0,
    isOnset: false,
    detector: 'spike',
    expected: Number.NaN,
    lower: Number.NaN,
    upper: Number.NaN,
  };
}

/**
 * Judges a point of a series by the points before it, then learns it. Six statistics of a value (distance to the level, fast against
 * slow level, recent against usual step, distance to the season, the recent mean of that, and distance of the last values to
 * what they have been) become tail probabilities by their own past each (`tailSurprise`); the root mean square of their −log10 is
 * the surprise, less as points come oftener, so that chance is reported about as often in a day of any series. Nothing is set, and nothing depends on unit or scale.
 *
 * Strictly causal; `SERIES_BYTES` a series, about a microsecond a point. Values and times may be anything at all.
 *
 * @param series of `newSeries`, written
 * @param unixMs of the point, UTC
 * @param verdict written
 */
export function observePoint(series: Float64Array, unixMs: number, value: number, verdict: Verdict): void {
  verdict.score = 0;
  verdict.isOnset = false;
  if (!Number.isFinite(value) || !Number.isFinite(unixMs)) {
    verdict.state = 'missing';
    return;
  }
  if (!isNewer(series, unixMs)) {
    verdict.state = 'late';
    return;
  }
  const count = read(series, COUNT) + 1;
  series[COUNT] = count;
  const surprise = surpriseOf(series, unixMs, clamp(value), count, verdict);
  if (count <= LEARNING_POINTS) {
    verdict.state = 'learning';
    return;
  }
  verdict.state = 'live';
  const peak = read(series, PEAK) * EPISODE_FADE;
  verdict.score = surprise / (surprise + ANOMALY_SURPRISE);
  verdict.isOnset = verdict.score >= ANOMALY_SCORE && (peak < ANOMALY_SURPRISE || surprise > WORSE * peak);
  series[PEAK] = Math.max(peak, surprise, verdict.isOnset ? LEAST_REPORTED * ANOMALY_SURPRISE : 0);
}

/**
 * How anomalous it is that a series has had no point since its last: points that come at random would be silent for so long with
 * probability exp(−silence / usual interval). 0 to 1, `ANOMALY_SCORE` at nine and a quarter usual intervals; 0 while learning.
 */
export function silenceScore(series: Float64Array, nowMs: number): number {
  const silence = nowMs - read(series, LAST_MS);
  const usual = read(series, INTERVAL);
  if (!(silence > 0) || !(usual > 0) || read(series, COUNT) <= LEARNING_POINTS) return 0;
  const surprise = Math.min((silence / usual) * Math.LOG10E, Number.MAX_SAFE_INTEGER);
  return surprise / (surprise + ANOMALY_SURPRISE);
}

const EPISODE_FADE = Math.exp(-1 / EPISODE_POINTS);

/** Keeps the clock of the series; breaks the shape at a gap. */
function isNewer(series: Float64Array, unixMs: number): boolean {
  if (read(series, COUNT) > 0) {
    const interval = Math.min(unixMs - read(series, LAST_MS), LONGEST_INTERVAL_MS);
    if (interval <= 0) {
      const late = read(series, LATE) + 1;
      series[LATE] = late;
      if (late <= MOST_LATE) return false;
    } else {
      const usual = read(series, INTERVAL);
      if (usual > 0 && interval > GAP * usual) forgetRecent(series, NEIGHBOURS);
      series[INTERVAL] = usual > 0 ? usual + (Math.min(interval, GAP * usual) - usual) / 64 : interval;
    }
  }
  series[LATE] = 0;
  series[LAST_MS] = unixMs;
  return true;
}

function surpriseOf(
  series: Float64Array,
  unixMs: number,
  value: number,
  count: number,
  verdict: Verdict,
): number {
  if (count === 1) series.fill(value, FAST, PREVIOUS + 1);
  const fastRate = Math.max(1 / 8, 1 / count);
  const slowRate = Math.max(1 / 512, 1 / count);
  const level = read(series, MEDIUM);
  const fast = follow(series, FAST, value, fastRate);
  const medium = follow(series, MEDIUM, value, Math.max(1 / 64, 1 / count));
  const before = read(series, SLOW);
  const floor = ROUNDING * Math.abs(before);
  follow(series, SLOW, value, slowRate);
  const step = Math.abs(value - read(series, PREVIOUS));
  series[PREVIOUS] = value;
  const fastStep = follow(series, FAST_STEP, step, fastRate);
  const slowStep = follow(series, SLOW_STEP, step, slowRate);
  const expected = seasonalLevel(series, SEASONS, unixMs, value, before);
  const shift = follow(series, SHIFT, value - expected, fastRate);

  writeBand(series, expected, verdict);
  const spike = surpriseBy(series, SPIKE, Math.abs(value - level), floor);
  const levelShift = surpriseBy(series, LEVEL_SHIFT, Math.abs(fast - medium), floor);
  const stepRatio = slowStep > floor ? fastStep / slowStep : 0;
  const variance = surpriseBy(series, VARIANCE, stepRatio, ROUNDING);
  const season = surpriseBy(series, SEASON, Math.abs(value - expected), floor);
  const seasonShift = surpriseBy(series, SEASON_SHIFT, Math.abs(shift), floor);
  const shape = surpriseBy(series, SHAPE, neighbourDistance(series, NEIGHBOURS, value), floor);
  const squares =
    spike * spike +
    levelShift * levelShift +
    variance * variance +
    season * season +
    seasonShift * seasonShift +
    shape * shape;
  const combined = (2 * Math.sqrt(squares / COMBINED)) / paceFactor(series);
  const flatLine = flatLineSurprise(series, step, slowStep, floor) / paceFactor(series);
  // It grows by small steps, so what is below the threshold would keep the step across it from being an onset.
  if (flatLine >= ANOMALY_SURPRISE && flatLine > combined) {
    verdict.detector = 'flat-line';
    return flatLine;
  }
  const most = Math.max(spike, levelShift, variance, season, seasonShift, shape);
  if (most === spike) verdict.detector = 'spike';
  else if (most === season) verdict.detector = 'season';
  else if (most === levelShift) verdict.detector = 'level-shift';
  else if (most === seasonShift) verdict.detector = 'season-shift';
  else if (most === variance) verdict.detector = 'variance';
  else verdict.detector = 'shape';
  return combined;
}

function surpriseBy(series: Float64Array, detector: number, observed: number, floor: number): number {
  return tailSurprise(series, TAILS + detector * TAIL_SIZE, observed, floor);
}

/**
 * Of a value that repeats: the tail of a geometric distribution with the share of repeats that the series has had. At least seven in ten are
 * taken to be repeats, as values may be rounded; a series that hardly ever moves is not surprising when it does not. Runs of some
 * series are far longer than by that distribution, as of what is idle at times: only what is beyond the longest run of before counts.
 */
function flatLineSurprise(series: Float64Array, step: number, slowStep: number, floor: number): number {
  const isRepeat = step === 0;
  const share = follow(series, REPEAT_SHARE, isRepeat ? 1 : 0, 1 / 512);
  const longest = read(series, LONGEST_RUN);
  if (!isRepeat) {
    series[LONGEST_RUN] = Math.max(longest * RUN_FADE, read(series, REPEATS));
    series[REPEATS] = 0;
    return 0;
  }
  const repeats = read(series, REPEATS) + 1;
  series[REPEATS] = repeats;
  if (!(slowStep > floor)) return 0;
  const beyond = Math.max(0, repeats - longest);
  return Math.min(MOST_FLAT, -beyond * Math.log10(Math.max(LEAST_REPEAT_SHARE, share)));
}

function writeBand(series: Float64Array, expected: number, verdict: Verdict): void {
  const surprise = (ANOMALY_SURPRISE * paceFactor(series) * Math.sqrt(COMBINED)) / 2;
  const distance = observationOfSurprise(series, TAILS + SEASON * TAIL_SIZE, surprise);
  verdict.expected = expected;
  verdict.lower = expected - distance;
  verdict.upper = expected + distance;
}

/** 1 for a point in a quarter of an hour, 1.35 for one a minute. */
function paceFactor(series: Float64Array): number {
  const interval = Math.max(FASTEST_PACE_MS, Math.min(read(series, INTERVAL), SLOWEST_PACE_MS));
  return 1 - PACE_WEIGHT * Math.log10(interval / USUAL_PACE_MS);
}

/** Moves an exponentially weighted mean towards the value. */
function follow(series: Float64Array, at: number, value: number, rate: number): number {
  const mean = read(series, at);
  const next = mean + rate * (value - mean);
  series[at] = next;
  return next;
}

function clamp(value: number): number {
  return Math.max(-LARGEST, Math.min(LARGEST, value));
}

function read(series: Float64Array, index: number): number {
  return series[index] ?? 0;
}
