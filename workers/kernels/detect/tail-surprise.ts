// Hot: six calls a point. Bench: bench/detect.

/** Doubles of one tail model. */
export const TAIL_SIZE = 24;

/** Share of observations above the quantile that is tracked. */
const TAIL_SHARE = 0.2;
/** Forgets with a memory of so many observations. */
const MEMORY = 500;
const WARM_UP = 20;
const LEAST_SHAPE = 0.05;
const MOST_SHAPE = 0.5;
/** A single excess counts as at most so many mean excesses, or it would hide the next. */
const MOST_EXCESS = 20;
const LARGEST_SURPRISE = 40;

const COUNT = 0;
const QUANTILE = 1;
const MEAN = 2;
const SQUARE = 3;
/** The first observations until they are as many as the warm-up; afterwards how many excesses were seen. */
const EXCESSES = 4;

/**
 * How surprising a statistic is beside its own past: −log10 of its tail probability, 0 below the 80 % quantile. Above a quantile that is
 * tracked by stochastic approximation (Robbins & Monro 1951) the excesses are taken as generalised Pareto, fitted by their first two
 * moments, which forget (peaks over threshold, as in SPOT: Siffer et al., KDD 2017). So one number means the same for statistics of any
 * scale and tail. Then learns the observation. O(1); the state is `TAIL_SIZE` doubles from `at` on, zeros at first.
 *
 * @param observed 0 or more, finite
 * @param floor differences as small as this are rounding
 */
export function tailSurprise(state: Float64Array, at: number, observed: number, floor: number): number {
  const count = read(state, at + COUNT);
  state[at + COUNT] = count + 1;
  if (count < WARM_UP) {
    warmUp(state, at, count, observed);
    return 0;
  }
  const excess = observed - read(state, at + QUANTILE);
  const surprise = excess > 0 ? surpriseOfExcess(state, at, excess, floor) : 0;
  learn(state, at, observed, count + 1);
  return surprise;
}

/** The observation that would be as surprising as this; the inverse of `tailSurprise`. */
export function observationOfSurprise(state: Float64Array, at: number, surprise: number): number {
  const mean = read(state, at + MEAN);
  const shape = shapeOf(mean, read(state, at + SQUARE));
  const beyond = Math.max(0, surprise + Math.log10(TAIL_SHARE));
  return read(state, at + QUANTILE) + (mean * (1 - shape) * (10 ** (shape * beyond) - 1)) / shape;
}

function surpriseOfExcess(state: Float64Array, at: number, excess: number, floor: number): number {
  const mean = Math.max(read(state, at + MEAN), floor, Number.MIN_VALUE);
  const shape = shapeOf(mean, read(state, at + SQUARE));
  const beyond = Math.log10(1 + (shape * excess) / (mean * (1 - shape))) / shape;
  return Math.min(LARGEST_SURPRISE, beyond - Math.log10(TAIL_SHARE));
}

/** Of the generalised Pareto distribution, by moments. */
function shapeOf(mean: number, square: number): number {
  const variance = square - mean * mean;
  if (!(variance > 0)) return LEAST_SHAPE;
  return Math.max(LEAST_SHAPE, Math.min(MOST_SHAPE, 0.5 * (1 - (mean * mean) / variance)));
}

function learn(state: Float64Array, at: number, observed: number, count: number): void {
  const mean = read(state, at + MEAN);
  const rate = Math.max(1 / MEMORY, 1 / count);
  const step = 4 * Math.max(0.02, 3 * rate) * mean;
  const quantile =
    read(state, at + QUANTILE) + step * ((observed > read(state, at + QUANTILE) ? 1 : 0) - TAIL_SHARE);
  state[at + QUANTILE] = quantile;
  const excess = observed - quantile;
  if (!(excess > 0)) return;
  const seen = read(state, at + EXCESSES) + 1;
  state[at + EXCESSES] = seen;
  const weight = Math.max(1 / (MEMORY * TAIL_SHARE), 1 / (seen + 2));
  const kept = mean > 0 ? Math.min(excess, MOST_EXCESS * mean) : excess;
  state[at + MEAN] = mean + weight * (kept - mean);
  state[at + SQUARE] = read(state, at + SQUARE) + weight * (kept * kept - read(state, at + SQUARE));
}

function warmUp(state: Float64Array, at: number, count: number, observed: number): void {
  state[at + EXCESSES + count] = observed;
  if (count + 1 < WARM_UP) return;
  const first = state.subarray(at + EXCESSES, at + EXCESSES + WARM_UP).sort();
  const high = read(first, WARM_UP * (1 - TAIL_SHARE));
  const mean = (high - read(first, WARM_UP / 2)) / 2;
  state[at + QUANTILE] = high;
  state[at + MEAN] = mean;
  state[at + SQUARE] = 2 * mean * mean;
  state[at + EXCESSES] = 0;
}

function read(state: Float64Array, index: number): number {
  return state[index] ?? 0;
}
