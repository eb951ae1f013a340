// Hot: once a cell of every series. Bench: bench/detect.
import type { Change } from './change.ts';
import {
  adopts,
  dispersionOf,
  isAnyDoubtful,
  learnDispersion,
  settle,
  settleRecovered,
  TEST_SIZE,
  weigh,
} from './sequential-test.ts';

/** Buckets of durations: each a quarter wider than the one before, from 1 µs to about half an hour. */
const BUCKETS = 96;
const LEAST_NANOS = 1_000;
const INVERSE_LOG_STEP = 1 / Math.log(1.25);

/** Durations are told apart by where they stand in the usual distribution: up to its 80, 95 and 99.5 % quantiles, above, and far above. */
const CLASSES = 5;
const QUANTILES = [0.8, 0.95, 0.995] as const;
/** Three times the longest usual ones. */
const FAR_BUCKETS = 5;
/** Nothing above the usual is taken for less probable. */
const LEAST_OF_CLASS = [0.1, 0.02, 0.01, 0.004, 0.001] as const;
/** Shares of classes when requests are somewhat slower, and when most are. */
const SLOWER = [
  [0.5, 0.2, 0.18, 0.08, 0.04],
  [0.2, 0.1, 0.15, 0.2, 0.35],
] as const;
const LN_SLOWER = Math.log(SLOWER.length);

const TOTAL = 0;
const RECENT_TOTAL = 1;
const DOUBTFUL_SINCE_MS = 2;
const TESTS = 3;
const USUAL = TESTS + SLOWER.length * TEST_SIZE;
const RECENT = USUAL + BUCKETS;

export const DURATION_BUCKETS = BUCKETS;
/** Doubles of one series. */
export const DURATIONS_SIZE = RECENT + BUCKETS;

const MEMORY = 20_000;
const LEARNING_REQUESTS = 100;
const RECENT_REQUESTS = 30;
/** Up to so many times the usual is as ever: a bucket, and a little. */
const AS_EVER = 1.3;

const counts = new Float64Array(BUCKETS);
const tally = new Float64Array(CLASSES);
const shares = new Float64Array(CLASSES);

/**
 * Whether requests became slower: their classes by the quantiles of what was usual, in a sequential likelihood ratio test of a multinomial
 * (a cumulative sum, Page 1954) against two alternatives. No shape of the distribution is assumed, a few requests are enough when all are
 * far off, and a mean is never thrown by one. Causal, O(buckets), `DURATIONS_SIZE` doubles from `at` on, zeros at first; 0.5 µs a cell.
 *
 * @param durationsNano of the cell, ns, with `weights` requests each, from `from` to `to` (left out); what is no duration is passed over
 * @param unixMs of the cell's end, Unix ms
 * @param change written: `observed` and `expected` are medians in ns, or 90 % quantiles where these differ more
 */
export function observeDurations(
  state: Float64Array,
  at: number,
  durationsNano: Float64Array,
  weights: Float64Array,
  from: number,
  to: number,
  unixMs: number,
  change: Change,
): void {
  change.evidence = 0;
  const requests = collect(durationsNano, weights, from, to);
  if (requests > 0 && Number.isFinite(unixMs)) {
    const fade = Math.max(0, 1 - requests / RECENT_REQUESTS);
    blend(state, at + RECENT, at + RECENT_TOTAL, fade, requests);
    const isLive = read(state, at + TOTAL) >= LEARNING_REQUESTS;
    if (isLive) {
      classify(state, at);
      recover(state, at, unixMs, change);
      test(state, at, unixMs, change);
    }
    const isInDoubt = isLive && isAnyDoubtful(state, at + TESTS, SLOWER.length);
    const isAdopted = isInDoubt && adopts(state, at + DOUBTFUL_SINCE_MS, at + TESTS, SLOWER.length, unixMs);
    if (isAdopted) takeRecent(state, at);
    if (!isInDoubt || isAdopted) {
      if (isLive) scatter(state, at, requests);
      blend(state, at + USUAL, at + TOTAL, Math.max(0, 1 - requests / MEMORY), requests);
    }
    if (!isInDoubt) state[at + DOUBTFUL_SINCE_MS] = 0;
  }
  describe(state, at, change);
}

/** The requests of a cell by bucket, in `counts`. */
function collect(durationsNano: Float64Array, weights: Float64Array, from: number, to: number): number {
  counts.fill(0);
  let requests = 0;
  for (let index = from; index < to; index += 1) {
    const weight = read(weights, index);
    const duration = read(durationsNano, index);
    if (!(weight > 0) || !(duration >= 0) || !Number.isFinite(weight)) continue;
    const bucket = bucketOf(duration);
    counts[bucket] = read(counts, bucket) + weight;
    requests += weight;
  }
  return requests;
}

/** How many requests of the cell are of each class, in `tally`, and the usual shares of classes, in `shares`. */
function classify(state: Float64Array, at: number): void {
  const total = Math.max(1, read(state, at + TOTAL));
  tally.fill(0);
  shares.fill(0);
  let kind = 0;
  let below = 0;
  let farFrom = BUCKETS;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    if (kind === 3 && bucket >= farFrom) kind = 4;
    const usual = read(state, at + USUAL + bucket) / total;
    tally[kind] = read(tally, kind) + read(counts, bucket);
    shares[kind] = read(shares, kind) + usual;
    below += usual;
    while (kind < 3 && below >= (QUANTILES[kind] ?? 1) - 1e-9) {
      kind += 1;
      if (kind === 3) farFrom = bucket + 1 + FAR_BUCKETS;
    }
  }
  let sum = 0;
  for (let each = 0; each < CLASSES; each += 1) {
    const share = Math.max(read(shares, each), LEAST_OF_CLASS[each] ?? 1);
    shares[each] = share;
    sum += share;
  }
  for (let each = 0; each < CLASSES; each += 1) shares[each] = read(shares, each) / sum;
}

/** Forgets what is in doubt, not what was learned: after a gap of which nobody knows anything. No method of its own. O(1). */
export function settleDurations(state: Float64Array, at: number): void {
  settle(state, at + TESTS, SLOWER.length);
  state[at + DOUBTFUL_SINCE_MS] = 0;
}

function recover(state: Float64Array, at: number, unixMs: number, change: Change): void {
  describe(state, at, change);
  if (change.observed > AS_EVER * change.expected) return;
  settleRecovered(state, at + TESTS, SLOWER.length, unixMs);
}

function test(state: Float64Array, at: number, unixMs: number, change: Change): void {
  for (let index = 0; index < SLOWER.length; index += 1) {
    const alternative = SLOWER[index];
    let ratio = 0;
    for (let each = 0; each < CLASSES; each += 1) {
      ratio += read(tally, each) * Math.log((alternative?.[each] ?? 1) / read(shares, each));
    }
    weigh(state, at + TESTS + index * TEST_SIZE, ratio, unixMs, LN_SLOWER, change);
  }
}

/** Requests above the 95 % quantile against how many there should be. */
function scatter(state: Float64Array, at: number, requests: number): void {
  const share = read(shares, 2) + read(shares, 3) + read(shares, 4);
  const deviation = read(tally, 2) + read(tally, 3) + read(tally, 4) - requests * share;
  const square = (deviation * deviation) / Math.max(requests * share * (1 - share), 0.25);
  learnDispersion(state, at + TESTS, SLOWER.length, square);
}

/**
 * Adds what was learned of durations, as `weight` requests, to a distribution of `DURATION_BUCKETS` that several series share. Nothing of
 * the state is written.
 *
 * @returns variance of a healthy cell, in multiples of the binomial one; undefined while learning, and nothing is added
 */
export function addUsualDurations(
  state: Float64Array,
  at: number,
  weight: number,
  distribution: Float64Array,
): number | undefined {
  const total = read(state, at + TOTAL);
  if (total < LEARNING_REQUESTS) return undefined;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const share = read(state, at + USUAL + bucket) / total;
    distribution[bucket] = read(distribution, bucket) + weight * share;
  }
  return dispersionOf(state, at + TESTS);
}

/** In ns, of one of `DURATION_BUCKETS`, and of what lies between two bounds on the scale of logarithms. */
export function durationBound(bucket: number): number {
  return LEAST_NANOS * 1.25 ** bucket;
}

/** The past is forgotten. */
function takeRecent(state: Float64Array, at: number): void {
  state.copyWithin(at + USUAL, at + RECENT, at + RECENT + BUCKETS);
  state[at + TOTAL] = read(state, at + RECENT_TOTAL);
}

function blend(state: Float64Array, buckets: number, totalAt: number, fade: number, requests: number): void {
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    state[buckets + bucket] = read(state, buckets + bucket) * fade + read(counts, bucket);
  }
  state[totalAt] = read(state, totalAt) * fade + requests;
}

function describe(state: Float64Array, at: number, change: Change): void {
  const usual = read(state, at + TOTAL);
  const recent = read(state, at + RECENT_TOTAL);
  change.isLearning = usual < LEARNING_REQUESTS;
  change.expected = quantileOf(state, at + USUAL, usual, 0.5);
  change.observed = quantileOf(state, at + RECENT, recent, 0.5);
  const expectedTail = quantileOf(state, at + USUAL, usual, 0.9);
  const observedTail = quantileOf(state, at + RECENT, recent, 0.9);
  if (observedTail * change.expected <= expectedTail * change.observed) return;
  change.expected = expectedTail;
  change.observed = observedTail;
}

function quantileOf(state: Float64Array, buckets: number, total: number, share: number): number {
  let below = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    below += read(state, buckets + bucket);
    if (below >= share * total && below > 0) return durationBound(bucket + 0.5);
  }
  return 0;
}

function bucketOf(durationNano: number): number {
  const bucket = Math.floor(Math.log(Math.max(1, durationNano / LEAST_NANOS)) * INVERSE_LOG_STEP);
  return Math.min(BUCKETS - 1, bucket);
}

function read(state: Float64Array, index: number): number {
  return state[index] ?? 0;
}
