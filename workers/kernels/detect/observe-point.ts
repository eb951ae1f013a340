// Hot: once a point of every series. Bench: bench/detect.
import { FLAT_LINE_SIZE, flatLineSurprise } from './flat-line.ts';
import { seasonalLevel, SEASONS_SIZE } from './seasonal-level.ts';
import { observationOfSurprise, TAIL_SIZE, tailSurprise } from './tail-surprise.ts';
import {
  breakShape,
  follow,
  newViewStatistics,
  observeView,
  type Rates,
  startView,
  VIEW_SIZE,
  type ViewStatistics,
} from './value-view.ts';

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
/** More usual distances than this say no more. */
const MOST_RECENT_DISTANCES = 1e6;
/** What is usual of late. */
const RECENT_POINTS = 128;

/** No series is silent for longer, 30 years. */
const LONGEST_INTERVAL_MS = 1e12;

const COUNT = 0;
const LAST_MS = 1;
const LATE = 2;
const INTERVAL = 3;
const PEAK = 4;
const FAST = 5;
const SLOW = 6;
const SHIFT = 7;
const RECENT_DISTANCE = 8;
const HAS_SEASON = 9;
const FLAT_LINE = 10;
const TAILS = FLAT_LINE + FLAT_LINE_SIZE;

/** What is combined. Those of the series less its season are in the order of those of the series. */
const STATISTICS = {
  distance: 0,
  stepRatio: 1,
  shape: 2,
  seasonlessDistance: 3,
  seasonlessStepRatio: 4,
  seasonlessShape: 5,
  levelShift: 6,
  season: 7,
  recentSeason: 8,
  seasonShift: 9,
} as const;
/** Which each speaks for. */
const DETECTORS: readonly DetectorName[] = [
  'spike',
  'variance',
  'shape',
  'spike',
  'variance',
  'shape',
  'level-shift',
  'season',
  'season',
  'season-shift',
];
/** The shift of the season counts twice: it is also the level shift of the series less its season. */
const WEIGHT_OF_ALL = DETECTORS.length + 1;
/** Of them, those that grow with the distance of a value: the band is where these alone make an anomaly. */
const WEIGHT_OF_DISTANCES = 4;

const VOTES_OF_VIEW = 3;

const PLAIN = TAILS + DETECTORS.length * TAIL_SIZE;
const SEASONLESS = PLAIN + VIEW_SIZE;
const SEASONS = SEASONLESS + VIEW_SIZE;
const STATE_SIZE = SEASONS + SEASONS_SIZE;

/** Bytes of one series. */
export const SERIES_BYTES = STATE_SIZE * Float64Array.BYTES_PER_ELEMENT;

/**
 * The whole state of one series, zeros; no method. Over a shared buffer it may be observed by any thread, by one at a time. O(1),
 * `SERIES_BYTES`.
 *
 * @param byteOffset a multiple of eight, with `SERIES_BYTES` behind it
 */
export function newSeries(buffer?: ArrayBufferLike, byteOffset = 0): Float64Array {
  return buffer === undefined
    ? new Float64Array(STATE_SIZE)
    : new Float64Array(buffer, byteOffset, STATE_SIZE);
}

/** A record of nothing yet, no method; to be written by `observePoint` again and again. O(1). */
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
 * Judges a point of a series by the points before it, then learns it. Ten statistics of a value become tail probabilities by their own past
 * each (`tailSurprise`: Siffer et al., KDD 2017); the root mean square of their −log10 is the surprise, less as points come oftener, so that
 * chance is reported about as often in a day of any series: own method, chosen in bench/nab and bench/ms-cloud. Four are of the series as it
 * is: distance to the level, fast against slow level, recent against usual step, distance of the last values to what they have been. Three
 * of these again are of the series less its season. The last three are of what is left beside the season (or the slow level, where none
 * is): how far, how far beside the usual distance of late (volatility clusters: Engle 1982), and its recent mean. Nothing is set, and
 * nothing depends on unit or scale.
 *
 * Strictly causal; O(1): `SERIES_BYTES` a series, about two microseconds a point (bench/detect). Values and times may be anything at all.
 *
 * @param series of `newSeries`, written
 * @param unixMs of the point, UTC
 * @param value in any unit
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
 * probability exp(−silence / usual interval). 0 to 1, `ANOMALY_SCORE` at nine and a quarter usual intervals; 0 while learning. The
 * exponential law of waiting times (Feller 1950). O(1).
 *
 * @param series of `newSeries`
 * @param nowMs Unix ms
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
      if (usual > 0 && interval > GAP * usual) {
        breakShape(series, PLAIN);
        breakShape(series, SEASONLESS);
      }
      series[INTERVAL] = usual > 0 ? usual + (Math.min(interval, GAP * usual) - usual) / 64 : interval;
    }
  }
  series[LATE] = 0;
  series[LAST_MS] = unixMs;
  return true;
}

const RATES: Rates = { fast: 1, medium: 1, slow: 1 };
const PLAIN_VIEW = newViewStatistics();
const SEASONLESS_VIEW = newViewStatistics();

function surpriseOf(
  series: Float64Array,
  unixMs: number,
  value: number,
  count: number,
  verdict: Verdict,
): number {
  if (count === 1) start(series, value);
  RATES.fast = Math.max(1 / 8, 1 / count);
  RATES.medium = Math.max(1 / 64, 1 / count);
  RATES.slow = Math.max(1 / 512, 1 / count);
  const usual = read(series, SLOW);
  const floor = ROUNDING * Math.abs(usual);
  follow(series, SLOW, value, RATES.slow);
  const fast = follow(series, FAST, value, RATES.fast);
  const expected = seasonalLevel(series, SEASONS, unixMs, read(series, INTERVAL), value, usual);
  const season = expected - usual;
  const shift = follow(series, SHIFT, value - expected, RATES.fast);

  const pace = paceFactor(series);
  writeBand(series, expected, pace, verdict);
  VOTES.squares = 0;
  VOTES.most = 0;
  const hasSeason = startSeason(series, season);
  voteOfView(series, PLAIN, STATISTICS.distance, value, floor, PLAIN_VIEW, hasSeason ? 1 : 2);
  if (hasSeason) {
    const { seasonlessDistance } = STATISTICS;
    voteOfView(series, SEASONLESS, seasonlessDistance, value - season, floor, SEASONLESS_VIEW, 1);
  }
  const distance = Math.abs(value - expected);
  vote(series, STATISTICS.season, distance, floor, 1);
  vote(series, STATISTICS.recentSeason, recentDistances(series, distance, count, floor), ROUNDING, 1);
  vote(series, STATISTICS.levelShift, Math.abs(fast - PLAIN_VIEW.level), floor, 1);
  vote(series, STATISTICS.seasonShift, Math.abs(shift), floor, 2);
  const combined = (2 * Math.sqrt(VOTES.squares / WEIGHT_OF_ALL)) / pace;
  const flatLine =
    flatLineSurprise(series, FLAT_LINE, PLAIN_VIEW.step === 0, PLAIN_VIEW.usualStep > floor) / pace;
  // It grows by small steps, so what is below the threshold would keep the step across it from being an onset.
  if (flatLine >= ANOMALY_SURPRISE && flatLine > combined) {
    verdict.detector = 'flat-line';
    return flatLine;
  }
  verdict.detector = DETECTORS[VOTES.by] ?? 'spike';
  return combined;
}

function start(series: Float64Array, value: number): void {
  series[FAST] = value;
  series[SLOW] = value;
  startView(series, PLAIN, value);
}

/** As long as there has been no season the series less its season is the series: it is looked at once and counts twice. */
function startSeason(series: Float64Array, season: number): boolean {
  if (read(series, HAS_SEASON) === 1) return true;
  if (season === 0) return false;
  series[HAS_SEASON] = 1;
  series.copyWithin(SEASONLESS, PLAIN, PLAIN + VIEW_SIZE);
  const tail = TAILS + STATISTICS.seasonlessDistance * TAIL_SIZE;
  series.copyWithin(tail, TAILS, TAILS + VOTES_OF_VIEW * TAIL_SIZE);
  return true;
}

/** A distance in usual ones of late. */
function recentDistances(series: Float64Array, distance: number, count: number, floor: number): number {
  const recent = read(series, RECENT_DISTANCE);
  follow(series, RECENT_DISTANCE, distance, Math.max(1 / RECENT_POINTS, 1 / count));
  return recent > floor ? Math.min(distance / recent, MOST_RECENT_DISTANCES) : 0;
}

/** Of the point that is being judged; of equal surprises the first has it. */
const VOTES = { squares: 0, most: 0, by: 0 };

/** @param first of its three statistics */
function voteOfView(
  series: Float64Array,
  view: number,
  first: number,
  value: number,
  floor: number,
  statistics: ViewStatistics,
  weight: number,
): void {
  observeView(series, view, value, RATES, floor, statistics);
  vote(series, first, statistics.distance, floor, weight);
  vote(series, first + 1, statistics.stepRatio, ROUNDING, weight);
  vote(series, first + 2, statistics.shapeDistance, floor, weight);
}

function vote(
  series: Float64Array,
  statistic: number,
  observed: number,
  floor: number,
  weight: number,
): void {
  const surprise = tailSurprise(series, TAILS + statistic * TAIL_SIZE, observed, floor);
  VOTES.squares += weight * surprise * surprise;
  if (surprise <= VOTES.most && VOTES.most > 0) return;
  VOTES.most = surprise;
  VOTES.by = statistic;
}

function writeBand(series: Float64Array, expected: number, pace: number, verdict: Verdict): void {
  const surprise = (ANOMALY_SURPRISE * pace * Math.sqrt(WEIGHT_OF_ALL / WEIGHT_OF_DISTANCES)) / 2;
  const distance = observationOfSurprise(series, TAILS + STATISTICS.season * TAIL_SIZE, surprise);
  verdict.expected = expected;
  verdict.lower = expected - distance;
  verdict.upper = expected + distance;
}

/** 1 for a point in a quarter of an hour, 1.35 for one a minute. */
function paceFactor(series: Float64Array): number {
  const interval = Math.max(FASTEST_PACE_MS, Math.min(read(series, INTERVAL), SLOWEST_PACE_MS));
  return 1 - PACE_WEIGHT * Math.log10(interval / USUAL_PACE_MS);
}

function clamp(value: number): number {
  return Math.max(-LARGEST, Math.min(LARGEST, value));
}

function read(series: Float64Array, index: number): number {
  return series[index] ?? 0;
}
