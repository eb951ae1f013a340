// Hot: once a point. Bench: bench/detect.

/** Values in a lag vector. */
const LAGS = 6;
/** Past lag vectors that are kept. */
const KEPT = 32;
/** A vector is kept for about so many points. */
const MEMORY = 2_000;
const LEAST_KEPT = 6;

const SEEN = 0;
const FILLED = 1;
const SEED = 2;
const RECENT = 3;
const VECTORS = RECENT + LAGS;

/** Doubles of one series' neighbours. */
export const NEIGHBOURS_SIZE = VECTORS + KEPT * LAGS;

/**
 * Distance of the last six values to the second nearest of 32 lag vectors of the past, an ageing random sample (Vitter's reservoir, 1985,
 * with a bounded count); 0 as long as there are too few. A shape that never was is far from all (as in KNN-CAD: Burnaev & Ishimtsev
 * 2016, whose conformal step is `tailSurprise`). O(192). The state is `NEIGHBOURS_SIZE` doubles from `at` on, zeros at first.
 */
export function neighbourDistance(state: Float64Array, at: number, value: number): number {
  const recent = at + RECENT;
  state.copyWithin(recent, recent + 1, recent + LAGS);
  state[recent + LAGS - 1] = value;
  const filled = (state[at + FILLED] ?? 0) + 1;
  state[at + FILLED] = Math.min(filled, LAGS);
  if (filled < LAGS) return 0;

  const seen = state[at + SEEN] ?? 0;
  const kept = Math.min(seen, KEPT);
  const distance = kept < LEAST_KEPT ? 0 : secondNearest(state, at, kept);
  keep(state, at, seen);
  return distance;
}

/** After a gap: the values before it are no neighbours of those after it. */
export function forgetRecent(state: Float64Array, at: number): void {
  state[at + FILLED] = 0;
}

/** Written out for the six lags, whose recent values are read once: a whole point costs a tenth less than with a loop over them. */
function secondNearest(state: Float64Array, at: number, kept: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let second = Number.POSITIVE_INFINITY;
  const recent = at + RECENT;
  const [a, b, c] = [state[recent] ?? 0, state[recent + 1] ?? 0, state[recent + 2] ?? 0];
  const [d, e, f] = [state[recent + 3] ?? 0, state[recent + 4] ?? 0, state[recent + 5] ?? 0];
  const end = at + VECTORS + kept * LAGS;
  for (let vector = at + VECTORS; vector < end; vector += LAGS) {
    const byA = (state[vector] ?? 0) - a;
    const byB = (state[vector + 1] ?? 0) - b;
    const byC = (state[vector + 2] ?? 0) - c;
    const byD = (state[vector + 3] ?? 0) - d;
    const byE = (state[vector + 4] ?? 0) - e;
    const byF = (state[vector + 5] ?? 0) - f;
    const square = byA * byA + byB * byB + byC * byC + byD * byD + byE * byE + byF * byF;
    if (square < nearest) {
      second = nearest;
      nearest = square;
    } else if (square < second) {
      second = square;
    }
  }
  return Math.sqrt(second);
}

/** Deterministic, so that a replay of a stream answers the same. */
function keep(state: Float64Array, at: number, seen: number): void {
  state[at + SEEN] = seen + 1;
  let row = seen;
  if (seen >= KEPT) {
    const random = (Math.imul(state[at + SEED] ?? 0, 1_103_515_245) + 12_345) & 0x7fffffff;
    state[at + SEED] = random;
    row = Math.floor((random / 0x80000000) * Math.min(seen + 1, MEMORY));
  }
  if (row >= KEPT) return;
  const vector = at + VECTORS + row * LAGS;
  state.copyWithin(vector, at + RECENT, at + RECENT + LAGS);
}
