// Hot: once a cell of every series. Bench: bench/detect.
import type { Change } from './change.ts';
import { foreseenLevel, seasonalLevel, SEASONS_SIZE } from './seasonal-level.ts';
import {
  adopts,
  CERTAIN,
  dispersionOf,
  isAnyDoubtful,
  learnDispersion,
  settle,
  settleRecovered,
  TEST_SIZE,
  weigh,
} from './sequential-test.ts';

/** Rates under which a change is tested for, in multiples of the expected one. */
const FACTORS = [1.8, 4, 0.5, 0.1] as const;
const LN_FACTORS = Math.log(FACTORS.length);

const SECONDS = 0;
const RATE = 1;
const RECENT_RATE = 2;
const DOUBTFUL_SINCE_MS = 3;
const EVENTS = 4;
/** What came while it was in doubt, and how strong the doubt was: learned after all if it went away by itself. */
const WITHHELD_EVENTS = 5;
const WITHHELD_SECONDS = 6;
const WORST_DOUBT = 7;
const TESTS = 8;
const SEASONS = TESTS + FACTORS.length * TEST_SIZE;

/** Doubles of one series. */
export const COUNT_SIZE = SEASONS + SEASONS_SIZE;

const MEMORY_SECONDS = 600;
/** Rare events are remembered for longer, until there are so many, but not so long that the day changes meanwhile. */
const MEMORY_EVENTS = 30;
const LONGEST_MEMORY_SECONDS = 1_800;
/** Of a series without events it counts for how long there were none. */
const LONGEST_WATCHED_SECONDS = 21_600;
/** Of a series that has had no event in its time: half of one. */
const PRIOR_EVENTS = 0.5;
const LEAST_SEASON = PRIOR_EVENTS / LONGEST_WATCHED_SECONDS;
/** Between these multiples of the expected rate all is as ever. */
const LEAST_AS_EVER = 0.7;
const MOST_AS_EVER = 1.5;
const RECENT_SECONDS = 15;
const LEARNING_SECONDS = 240;
/** From here on the scatter is learned. */
const SCATTER_SECONDS = 60;
/** More is no count, and no time. */
const LARGEST = 1e12;

/**
 * Whether events of a series (requests, log records, increments of a counter) come more or less often than they have been coming: a
 * cumulative sum of Poisson likelihood ratios (Lucas 1985) against four alternatives, where the expected rate is the recent one
 * or the season's of this time, whichever explains the cell better, and uncertain while few events are known (gamma prior). Counts that
 * scatter more than Poisson's weigh less. Causal, O(1), `COUNT_SIZE` doubles from `at` on, zeros at first; 0.2 µs a cell.
 *
 * @param count of events, 0 or more
 * @param seconds that were counted; more than 0
 * @param unixMs of the cell's end, Unix ms; other figures are not learned from
 * @param change written: `observed` and `expected` are events a second
 */
export function observeCount(
  state: Float64Array,
  at: number,
  count: number,
  seconds: number,
  unixMs: number,
  change: Change,
): void {
  change.evidence = 0;
  const isSane = count >= 0 && count <= LARGEST && seconds >= 1 / LARGEST && seconds <= LARGEST;
  if (!isSane || !Number.isFinite(unixMs)) {
    describe(state, at, change);
    return;
  }
  const watched = read(state, at + SECONDS);
  const rate = count / seconds;
  const usual = expectedRate(state, at);
  // A season learned from what is in doubt would explain it away.
  const learned = isAnyDoubtful(state, at + TESTS, FACTORS.length) ? usual : rate;
  const seasonal = seasonalLevel(state, at + SEASONS, unixMs, 1_000 * seconds, learned, usual);
  const uncertain = uncertaintyOf(usual, watched);
  const season = Math.max(seasonal, LEAST_SEASON);
  const expected = Math.max(
    leastOf(usual, uncertain, season),
    Math.min(rate, mostOf(usual, uncertain, season)),
  );
  const recent = Math.min(1, seconds / RECENT_SECONDS);
  state[at + RECENT_RATE] = read(state, at + RECENT_RATE) * (1 - recent) + rate * recent;
  const isLive = watched >= LEARNING_SECONDS;
  if (isLive) {
    recover(state, at, unixMs, expected);
    test(state, at, count, seconds, unixMs, expected, change);
  }
  const isInDoubt = isLive && isAnyDoubtful(state, at + TESTS, FACTORS.length);
  const isAdopted = isInDoubt && adopts(state, at + DOUBTFUL_SINCE_MS, at + TESTS, FACTORS.length, unixMs);
  if (isAdopted) takeRecent(state, at);
  if (!isInDoubt || isAdopted) {
    if (watched >= SCATTER_SECONDS) {
      const mean = expected * seconds;
      const square = ((count - mean) * (count - mean)) / Math.max(mean, 0.25);
      learnDispersion(state, at + TESTS, FACTORS.length, square);
    }
    learnWithheld(state, at);
    learn(state, at, count, seconds);
  } else {
    state[at + WITHHELD_EVENTS] = read(state, at + WITHHELD_EVENTS) + count;
    state[at + WITHHELD_SECONDS] = read(state, at + WITHHELD_SECONDS) + seconds;
    state[at + WORST_DOUBT] = Math.max(read(state, at + WORST_DOUBT), change.evidence);
  }
  if (!isInDoubt) state[at + DOUBTFUL_SINCE_MS] = 0;
  describe(state, at, change);
}

/** What is known of a rate, in events a second. */
export interface UsualCount {
  /** The most likely: the recent rate, or the season's. */
  readonly rate: number;
  /** Between these nothing is held against the series. */
  readonly least: number;
  readonly most: number;
  /** Variance of a healthy cell, in multiples of Poisson's; 1 at least. */
  readonly scatter: number;
}

/** What is expected of cells of `seconds` at a moment, as the test has it; undefined while learning. Nothing is written. */
export function usualCount(
  state: Float64Array,
  at: number,
  unixMs: number,
  seconds: number,
): UsualCount | undefined {
  const watched = read(state, at + SECONDS);
  if (watched < LEARNING_SECONDS) return undefined;
  const usual = expectedRate(state, at);
  const uncertain = uncertaintyOf(usual, watched);
  const foreseen = foreseenLevel(state, at + SEASONS, unixMs, 1_000 * seconds, usual);
  const season = Math.max(foreseen, LEAST_SEASON);
  return {
    rate: foreseen === usual ? read(state, at + RATE) : season,
    least: leastOf(usual, uncertain, season),
    most: mostOf(usual, uncertain, season),
    scatter: dispersionOf(state, at + TESTS),
  };
}

/**
 * A series that turns up now has been without events for as long as whatever it belongs to was watched: a rule of ours. O(1).
 *
 * @param watchedSeconds six hours at most count; what is no time counts as none
 */
export function startSilent(state: Float64Array, at: number, watchedSeconds: number): void {
  state[at + SECONDS] = watchedSeconds > 0 ? Math.min(watchedSeconds, LONGEST_WATCHED_SECONDS) : 0;
}

/** Forgets what is in doubt, not what was learned: after a gap of which nobody knows anything. No method of its own. O(1). */
export function settleCount(state: Float64Array, at: number): void {
  settle(state, at + TESTS, FACTORS.length);
  state[at + DOUBTFUL_SINCE_MS] = 0;
  state.fill(0, at + WITHHELD_EVENTS, at + WORST_DOUBT + 1);
}

function uncertaintyOf(usual: number, watched: number): number {
  return Math.sqrt(usual / memoryOf(usual, Math.max(watched, LEARNING_SECONDS)));
}

function leastOf(usual: number, uncertain: number, season: number): number {
  return Math.min(Math.max(usual - uncertain, usual / 2), season);
}

function mostOf(usual: number, uncertain: number, season: number): number {
  return Math.max(usual + uncertain, season);
}

function recover(state: Float64Array, at: number, unixMs: number, expected: number): void {
  const factor = read(state, at + RECENT_RATE) / expected;
  if (factor < LEAST_AS_EVER || factor > MOST_AS_EVER) return;
  settleRecovered(state, at + TESTS, FACTORS.length, unixMs);
}

function test(
  state: Float64Array,
  at: number,
  count: number,
  seconds: number,
  unixMs: number,
  expected: number,
  change: Change,
): void {
  for (let index = 0; index < FACTORS.length; index += 1) {
    const factor = FACTORS[index] ?? 1;
    const ratio = count * Math.log(factor) - expected * seconds * (factor - 1);
    weigh(state, at + TESTS + index * TEST_SIZE, ratio, unixMs, LN_FACTORS, change);
  }
}

/** Chance makes doubts, too; a rate that left them all out would be too low, and make more of them. */
function learnWithheld(state: Float64Array, at: number): void {
  const seconds = read(state, at + WITHHELD_SECONDS);
  if (seconds === 0) return;
  if (read(state, at + WORST_DOUBT) < CERTAIN) learn(state, at, read(state, at + WITHHELD_EVENTS), seconds);
  state.fill(0, at + WITHHELD_EVENTS, at + WORST_DOUBT + 1);
}

function learn(state: Float64Array, at: number, count: number, seconds: number): void {
  const watched = Math.min(LONGEST_WATCHED_SECONDS, read(state, at + SECONDS) + seconds);
  state[at + SECONDS] = watched;
  const known = read(state, at + EVENTS);
  const rate = read(state, at + RATE);
  const weight = seconds / Math.max(seconds, memoryOf(rate, watched));
  state[at + RATE] = rate + weight * (count / seconds - rate);
  state[at + EVENTS] = Math.min(MEMORY_EVENTS, known + count);
}

/** Until a few events are known the memory is all of the time; then it forgets. */
function memoryOf(rate: number, watched: number): number {
  const forEvents =
    rate > 0 ? Math.min(LONGEST_MEMORY_SECONDS, MEMORY_EVENTS / rate) : LONGEST_MEMORY_SECONDS;
  return Math.min(watched, Math.max(MEMORY_SECONDS, forEvents));
}

/** The past is forgotten. */
function takeRecent(state: Float64Array, at: number): void {
  state[at + RATE] = read(state, at + RECENT_RATE);
  state.fill(0, at + WITHHELD_EVENTS, at + WORST_DOUBT + 1);
}

/** The mean of a gamma distribution after what was seen. */
function expectedRate(state: Float64Array, at: number): number {
  const watched = Math.max(read(state, at + SECONDS), LEARNING_SECONDS);
  return read(state, at + RATE) + PRIOR_EVENTS / watched;
}

function describe(state: Float64Array, at: number, change: Change): void {
  change.expected = read(state, at + RATE);
  change.observed = read(state, at + RECENT_RATE);
  change.isLearning = read(state, at + SECONDS) < LEARNING_SECONDS;
}

function read(state: Float64Array, index: number): number {
  return state[index] ?? 0;
}
