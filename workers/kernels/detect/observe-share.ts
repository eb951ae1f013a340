// Hot: once a cell of every series. Bench: bench/detect.
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
import type { Change } from './change.ts';

/** Shares under which failures are tested for: a few more, many, nearly all. */
const ALTERNATIVES = [0.05, 0.3, 0.8] as const;
const LN_ALTERNATIVES = Math.log(ALTERNATIVES.length);

const TRIALS = 0;
const EVENTS = 1;
const RECENT_TRIALS = 2;
const RECENT_EVENTS = 3;
const DOUBTFUL_SINCE_MS = 4;
/** What came while it was in doubt, and how strong the doubt was: learned after all if it went away by itself. */
const WITHHELD_TRIALS = 5;
const WITHHELD_EVENTS = 6;
const WORST_DOUBT = 7;
const TESTS = 8;

/** Doubles of one series. */
export const SHARE_SIZE = TESTS + ALTERNATIVES.length * TEST_SIZE;

/** Trials that are remembered, and that are needed before anything is said. */
const MEMORY = 20_000;
const LEARNING_TRIALS = 40;
/** Half an event, and in a series that has had none so many trials more: nothing is certain after few. */
const PRIOR_EVENTS = 0.5;
const PRIOR_TRIALS = 100;
/** From here on the scatter is learned. */
const SCATTER_TRIALS = 20;
/** Fewer are expected of nobody: a single failure must not be news after a million successes. */
const LEAST_SHARE = 0.003;
const RECENT_TRIALS_KEPT = 60;
/** So much more than the usual share is as ever. */
const AS_EVER = 0.02;

/**
 * Whether events (failures) among trials (requests) became more frequent than they have been: a sequential likelihood ratio test of a
 * proportion (Wald 1945, as a cumulative sum: Page 1954) against three alternatives at once. A series of which nothing failed so far is
 * judged by how many trials say so. Causal, O(1), `SHARE_SIZE` doubles from `at` on, zeros at first; 0.1 µs a cell.
 *
 * @param events of the cell, 0 to `trials`; other figures are not learned from
 * @param unixMs of the cell's end, Unix ms
 * @param change written: `observed` and `expected` are shares
 */
export function observeShare(
  state: Float64Array,
  at: number,
  events: number,
  trials: number,
  unixMs: number,
  change: Change,
): void {
  change.evidence = 0;
  if (!(trials > 0) || !(events >= 0) || events > trials || !Number.isFinite(trials + unixMs)) {
    describe(state, at, change);
    return;
  }
  const learned = read(state, at + TRIALS);
  const share = expectedShare(state, at);
  const fade = Math.max(0, 1 - trials / RECENT_TRIALS_KEPT);
  state[at + RECENT_TRIALS] = read(state, at + RECENT_TRIALS) * fade + trials;
  state[at + RECENT_EVENTS] = read(state, at + RECENT_EVENTS) * fade + events;
  if (learned >= LEARNING_TRIALS) {
    recover(state, at, unixMs, share);
    test(state, at, events, trials, unixMs, share, change);
  }
  const isInDoubt = change.evidence > 0 && isAnyDoubtful(state, at + TESTS, ALTERNATIVES.length);
  const isAdopted =
    isInDoubt && adopts(state, at + DOUBTFUL_SINCE_MS, at + TESTS, ALTERNATIVES.length, unixMs);
  if (isAdopted) takeRecent(state, at);
  if (!isInDoubt || isAdopted) {
    learnWithheld(state, at);
    learn(state, at, events, trials, share);
  } else {
    state[at + WITHHELD_TRIALS] = read(state, at + WITHHELD_TRIALS) + trials;
    state[at + WITHHELD_EVENTS] = read(state, at + WITHHELD_EVENTS) + events;
    state[at + WORST_DOUBT] = Math.max(read(state, at + WORST_DOUBT), change.evidence);
  }
  if (!isInDoubt) state[at + DOUBTFUL_SINCE_MS] = 0;
  describe(state, at, change);
}

/** Forgets what is in doubt, not what was learned: after a gap of which nobody knows anything. No method of its own. O(1). */
export function settleShare(state: Float64Array, at: number): void {
  settle(state, at + TESTS, ALTERNATIVES.length);
  state[at + DOUBTFUL_SINCE_MS] = 0;
  state.fill(0, at + WITHHELD_TRIALS, at + WORST_DOUBT + 1);
}

function recover(state: Float64Array, at: number, unixMs: number, share: number): void {
  const recent = read(state, at + RECENT_EVENTS) / Math.max(1, read(state, at + RECENT_TRIALS));
  if (recent > share + AS_EVER) return;
  settleRecovered(state, at + TESTS, ALTERNATIVES.length, unixMs);
}

function test(
  state: Float64Array,
  at: number,
  events: number,
  trials: number,
  unixMs: number,
  share: number,
  change: Change,
): void {
  for (let index = 0; index < ALTERNATIVES.length; index += 1) {
    const alternative = share + (1 - share) * (ALTERNATIVES[index] ?? 1);
    const ratio =
      events * Math.log(alternative / share) + (trials - events) * Math.log((1 - alternative) / (1 - share));
    // Three tests are three chances of being wrong.
    weigh(state, at + TESTS + index * TEST_SIZE, ratio, unixMs, LN_ALTERNATIVES, change);
  }
}

function learn(state: Float64Array, at: number, events: number, trials: number, share: number): void {
  const variance = trials * share * (1 - share);
  if (read(state, at + TRIALS) >= SCATTER_TRIALS) {
    const deviation = events - trials * share;
    // Of fewer than was expected nothing is learned: rare events would look less scattered than they are.
    const square = (deviation * deviation) / Math.max(variance, 0.25);
    learnDispersion(state, at + TESTS, ALTERNATIVES.length, square);
  }
  remember(state, at, events, trials);
}

/** Chance makes doubts, too; a share that left them all out would be too low, and make more of them. */
function learnWithheld(state: Float64Array, at: number): void {
  const trials = read(state, at + WITHHELD_TRIALS);
  if (trials === 0) return;
  if (read(state, at + WORST_DOUBT) < CERTAIN) remember(state, at, read(state, at + WITHHELD_EVENTS), trials);
  state.fill(0, at + WITHHELD_TRIALS, at + WORST_DOUBT + 1);
}

function remember(state: Float64Array, at: number, events: number, trials: number): void {
  const fade = Math.max(0, 1 - trials / MEMORY);
  state[at + TRIALS] = read(state, at + TRIALS) * fade + trials;
  state[at + EVENTS] = read(state, at + EVENTS) * fade + events;
}

/** What is known of a share. */
export interface UsualShare {
  readonly share: number;
  /** What it may be at most, as far as few trials can tell. */
  readonly most: number;
  /** Variance of a healthy cell, in multiples of the binomial one; 1 at least. */
  readonly scatter: number;
}

/** What was learned of the share, as the test has it; undefined while learning. Nothing is written. */
export function usualShare(state: Float64Array, at: number): UsualShare | undefined {
  const trials = read(state, at + TRIALS);
  if (trials < LEARNING_TRIALS) return undefined;
  const share = read(state, at + EVENTS) / trials;
  return { share, most: expectedShare(state, at), scatter: dispersionOf(state, at + TESTS) };
}

/** The past is forgotten. */
function takeRecent(state: Float64Array, at: number): void {
  state[at + TRIALS] = read(state, at + RECENT_TRIALS);
  state[at + EVENTS] = read(state, at + RECENT_EVENTS);
  state.fill(0, at + WITHHELD_TRIALS, at + WORST_DOUBT + 1);
}

function expectedShare(state: Float64Array, at: number): number {
  const events = read(state, at + EVENTS);
  const trials = read(state, at + TRIALS);
  const share = Math.min(1, (events + PRIOR_EVENTS) / (trials + (events > 0 ? 1 : PRIOR_TRIALS)));
  // The upper end of what it may be, or a series known from few trials would be reported for its own past.
  const uncertain = events > 0 ? Math.sqrt((share * (1 - share)) / Math.max(1, trials)) : 0;
  return Math.max(LEAST_SHARE, Math.min(0.999, share + uncertain));
}

function describe(state: Float64Array, at: number, change: Change): void {
  const recent = read(state, at + RECENT_TRIALS);
  change.expected = read(state, at + EVENTS) / Math.max(1, read(state, at + TRIALS));
  change.observed = recent > 0 ? read(state, at + RECENT_EVENTS) / recent : 0;
  change.isLearning = read(state, at + TRIALS) < LEARNING_TRIALS;
}

function read(state: Float64Array, index: number): number {
  return state[index] ?? 0;
}
