// Hot: once a cell of every series. Bench: bench/detect.
import type { Change } from './change.ts';

/** Doubles of one test: see the constants. */
export const TEST_SIZE = 6;

/** Of the best alternative, in nats: how much likelier the recent course is under it than under what was learned. */
const EVIDENCE = 0;
const SINCE_MS = 1;
/** Mean of squared standardised deviations while all is well. */
const DISPERSION = 2;
const CELLS = 3;
const LAST_BEST_MS = 4;

/** Evidence is not piled up without end, or it would take as long to fade. */
const MOST_EVIDENCE = 40;
/** One cell says at most so much: a burst that ends within a cell is no change. */
const MOST_OF_A_CELL = 10;
const RECOVERED_MS = 30_000;
const DISPERSION_RATE = 1 / 256;
const FEWEST_CELLS = 16;
/** A single cell counts as no more than so many times the usual square, or one incident would make a series deaf. */
const MOST_SQUARE = 16;
/** From here on nothing is learned: it may be the beginning of a change. */
const DOUBTFUL = 4;
/** What was in more doubt than this is never learned as usual. */
export const CERTAIN = 12;
/** What lasts for so long is how the series is now. */
const ADOPT_AFTER_MS = 1_800_000;

/**
 * Adds a cell's log likelihood ratio to a cumulative sum that never falls below zero (Page 1954), whose false alarms at a threshold h
 * come no more often than exp(−h) a cell (Lorden 1971). Ratios are divided by the overdispersion of the series, as in quasi-likelihood
 * (McCullagh & Nelder 1989): counts of real systems come in bursts. O(1); the state is `TEST_SIZE` doubles from `at`, zeros at first.
 *
 * @param ratio of the alternative to what was learned, in nats
 * @param unixMs of the cell's end
 * @returns the evidence
 */
export function accumulate(state: Float64Array, at: number, ratio: number, unixMs: number): number {
  const scaled = Math.min(MOST_OF_A_CELL, ratio / dispersionOf(state, at));
  const before = state[at + EVIDENCE] ?? 0;
  const evidence = Math.max(0, Math.min(MOST_EVIDENCE, before + scaled));
  state[at + EVIDENCE] = evidence;
  if (before === 0 && evidence > 0) state[at + SINCE_MS] = unixMs;
  if (evidence > before) state[at + LAST_BEST_MS] = unixMs;
  return evidence;
}

/** `accumulate`, of one of several alternatives; `change` is told of the best of them. `chances`: ln of how many there are to be wrong by. */
export function weigh(
  state: Float64Array,
  at: number,
  ratio: number,
  unixMs: number,
  chances: number,
  change: Change,
): void {
  const evidence = accumulate(state, at, ratio, unixMs) - chances;
  if (evidence <= change.evidence) return;
  change.evidence = evidence;
  change.sinceMs = changedSince(state, at);
}

function evidenceOf(state: Float64Array, at: number): number {
  return state[at + EVIDENCE] ?? 0;
}

/** When the evidence began to grow from nothing: the maximum likelihood estimate of the moment of change. */
function changedSince(state: Float64Array, at: number): number {
  return state[at + SINCE_MS] ?? 0;
}

/** Of `count` tests beside each other from `at` on, as are all below. */
export function isAnyDoubtful(state: Float64Array, at: number, count: number): boolean {
  for (let index = 0; index < count; index += 1) {
    if (evidenceOf(state, at + index * TEST_SIZE) > DOUBTFUL) return true;
  }
  return false;
}

/** Evidence of small changes fades slowly; what has not grown for half a minute, and looks as ever, is over. */
export function settleRecovered(state: Float64Array, at: number, count: number, unixMs: number): void {
  for (let index = 0; index < count; index += 1) {
    const test = at + index * TEST_SIZE;
    if (unixMs - (state[test + LAST_BEST_MS] ?? 0) >= RECOVERED_MS) state[test + EVIDENCE] = 0;
  }
}

/**
 * Whether a doubt has lasted so long that it is no doubt: nothing is in doubt then, and the past is to be forgotten. To be asked of every
 * cell in doubt.
 *
 * @param sinceAt where the moment is kept at which the doubt was first asked about; 0 while there is none
 */
export function adopts(
  state: Float64Array,
  sinceAt: number,
  at: number,
  count: number,
  unixMs: number,
): boolean {
  const since = state[sinceAt] ?? 0;
  if (since === 0) {
    state[sinceAt] = unixMs;
    return false;
  }
  if (unixMs - since < ADOPT_AFTER_MS) return false;
  state[sinceAt] = 0;
  settle(state, at, count);
  return true;
}

/** Nothing is in doubt any more. */
export function settle(state: Float64Array, at: number, count: number): void {
  for (let index = 0; index < count; index += 1) state[at + index * TEST_SIZE + EVIDENCE] = 0;
}

/** Learns how much a healthy cell scatters: the square of its deviation in standard deviations of the model. */
export function learnDispersion(state: Float64Array, at: number, count: number, square: number): void {
  if (!Number.isFinite(square)) return;
  for (let index = 0; index < count; index += 1) {
    const test = at + index * TEST_SIZE;
    const cells = (state[test + CELLS] ?? 0) + 1;
    state[test + CELLS] = cells;
    const mean = state[test + DISPERSION] ?? 0;
    const rate = Math.max(DISPERSION_RATE, 1 / cells);
    state[test + DISPERSION] = mean + rate * (Math.min(square, MOST_SQUARE * Math.max(1, mean)) - mean);
  }
}

/** 1 for counts that scatter as the model says, or less. */
export function dispersionOf(state: Float64Array, at: number): number {
  if ((state[at + CELLS] ?? 0) < FEWEST_CELLS) return 1;
  return Math.max(1, state[at + DISPERSION] ?? 1);
}
