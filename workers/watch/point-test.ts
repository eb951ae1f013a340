// Hot: once a point. Bench: bench/detect.
import { observePoint, type Change, type Verdict } from '../kernels/detect/index.ts';

const EVIDENCE = 0;
const SINCE_MS = 1;
/** The band as it was before the change: beyond it the change lasts. */
const LOWER = 2;
const UPPER = 3;
const EXPECTED = 4;
const HELD_SINCE_MS = 5;
const BAND_LOWER = 6;
const BAND_UPPER = 7;
const BAND_EXPECTED = 8;

/** Doubles beside those of the series itself. */
export const POINT_TEST_SIZE = 9;

/** Surprise of a single point, in powers of ten, that speaks for a change, and what a power counts in nats: half, since points depend on each other. */
const SURPRISING = 4.5;
const NATS_A_POWER = Math.LN10 / 2;
const SURPRISE_OF_HALF = 4;
const MOST_OF_A_POINT = 10;
const MOST_EVIDENCE = 40;
/** From here on the band is held. */
const HOLDS_FROM = 6;
const FADES_BY = 4;
const ADOPT_AFTER_MS = 1_800_000;

/**
 * Judges a value by the detectors (`observePoint`), and piles up their surprise over points: one onset is no change. Detectors get used to a
 * new level within minutes; evidence stays for as long as values are beyond the band of before, half an hour at most.
 *
 * @param state `POINT_TEST_SIZE` doubles, zeros at first
 * @param series of `newSeries`
 * @param verdict written: with the band of before while a change lasts
 * @param change written
 */
export function testPoint(
  state: Float64Array,
  series: Float64Array,
  unixMs: number,
  value: number,
  verdict: Verdict,
  change: Change,
): void {
  observePoint(series, unixMs, value, verdict);
  change.observed = value;
  if (verdict.state !== 'live') {
    change.evidence = verdict.state === 'learning' ? 0 : read(state, EVIDENCE);
    change.isLearning = verdict.state === 'learning';
    keepBand(state, verdict);
    return;
  }
  change.isLearning = false;
  const surprise = (SURPRISE_OF_HALF * verdict.score) / Math.max(1e-9, 1 - verdict.score);
  const before = read(state, EVIDENCE);
  if (before === 0) {
    state[SINCE_MS] = unixMs;
    state[LOWER] = read(state, BAND_LOWER);
    state[UPPER] = read(state, BAND_UPPER);
    state[EXPECTED] = read(state, BAND_EXPECTED);
  }
  const gained = Math.min(MOST_OF_A_POINT, NATS_A_POWER * (surprise - SURPRISING));
  const evidence = Math.max(
    0,
    Math.min(MOST_EVIDENCE, before + heldGain(state, before, gained, value, unixMs)),
  );
  state[EVIDENCE] = evidence;
  keepBand(state, verdict);
  change.evidence = evidence;
  change.sinceMs = read(state, SINCE_MS);
  if (evidence > 0) {
    verdict.lower = read(state, LOWER);
    verdict.upper = read(state, UPPER);
    verdict.expected = read(state, EXPECTED);
  }
  change.expected = verdict.expected;
}

/** Forgets what is in doubt, not what was learned. */
export function settlePoint(state: Float64Array): void {
  state[EVIDENCE] = 0;
  state[HELD_SINCE_MS] = 0;
}

function heldGain(
  state: Float64Array,
  before: number,
  gained: number,
  value: number,
  unixMs: number,
): number {
  const byDistance = gainOfDistance(state, value);
  if (before < HOLDS_FROM) {
    state[HELD_SINCE_MS] = unixMs;
    return isSmallInteger(value) ? Math.min(gained, byDistance) : gained;
  }
  const isBeyond = value < read(state, LOWER) || value > read(state, UPPER);
  if (!isBeyond) return Math.min(gained, -FADES_BY);
  return unixMs - read(state, HELD_SINCE_MS) < ADOPT_AFTER_MS ? Math.max(0, byDistance) : -FADES_BY;
}

/** By the band of before, whose half is as far as a surprise of four powers of ten is; tails are taken as heavy: surprise grows with the root. */
function gainOfDistance(state: Float64Array, value: number): number {
  const expected = read(state, EXPECTED);
  const counted = isSmallInteger(value) ? SURPRISE_OF_HALF * Math.sqrt(Math.abs(expected) + 1) : 0;
  const half = Math.max((read(state, UPPER) - read(state, LOWER)) / 2, counted, Math.abs(expected) * 1e-6);
  const surprise =
    SURPRISE_OF_HALF * Math.sqrt(Math.abs(value - expected) / Math.max(half, Number.MIN_VALUE));
  return Math.min(MOST_OF_A_POINT, NATS_A_POWER * (surprise - SURPRISING));
}

/** Lengths of queues and the like: however constant they were, they come in ones, and scatter by their root. */
function isSmallInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 1_000;
}

function keepBand(state: Float64Array, verdict: Verdict): void {
  if (verdict.state === 'missing' || verdict.state === 'late') return;
  state[BAND_LOWER] = verdict.lower;
  state[BAND_UPPER] = verdict.upper;
  state[BAND_EXPECTED] = verdict.expected;
}

function read(state: Float64Array, index: number): number {
  return state[index] ?? 0;
}
