/** Counts of a pattern, and of all records of its service, by cells of equal length: complete ones, oldest first; NaN before it was watched. */
export interface PatternCells {
  readonly pattern: Float64Array;
  readonly all: Float64Array;
}

/** In nats; `expected` and `observed` are records of the cells looked at. */
export interface PatternChange {
  readonly nats: number;
  readonly observed: number;
  readonly expected: number;
  /** Cells that it has lasted. */
  readonly cells: number;
}

const RECENT_CELLS = 3;
const BETWEEN_CELLS = 3;
const LEAST_USUAL_CELLS = 15;
const RISE = 4;
const LEAST_RISEN = 20;
const STEADY_CELLS = 30;
const STEADY_SHARE = 0.8;
const LEAST_SILENT_CELLS = 5;
/** Times the longest silence so far. */
const SILENCE = 3;

/**
 * A pattern that has come far more often for three cells than ever before: log likelihood ratio (Wilks 1938) of the Poisson count
 * against the rate that its usual ratio to the service's other records, or its usual rate, predicts (the larger one), divided by the
 * dispersion of the usual cells (Pearson's χ² by its degrees of freedom: McCullagh & Nelder 1989). Besides four times as many, twice the
 * most of any stretch as long, and in each of the cells: bursts that have been before are none; these are rules of ours. O(cells).
 *
 * @returns undefined where it has not, or too little is known
 */
export function riseOf({ pattern, all }: PatternCells): PatternChange | undefined {
  const end = pattern.length;
  const usual = usualOf(pattern, all, end - RECENT_CELLS - BETWEEN_CELLS);
  if (usual.cells < LEAST_USUAL_CELLS) return undefined;
  let [observed, others] = [0, 0];
  let least = Number.POSITIVE_INFINITY;
  for (let at = end - RECENT_CELLS; at < end; at += 1) {
    const count = pattern[at] ?? Number.NaN;
    observed += count;
    others += (all[at] ?? Number.NaN) - count;
    least = Math.min(least, count);
  }
  if (!(observed >= LEAST_RISEN) || !Number.isFinite(others)) return undefined;
  const expected = Math.max(usual.ratio * others, ((usual.count + 0.5) / usual.cells) * RECENT_CELLS);
  if (observed < RISE * expected || least < (2 * expected) / RECENT_CELLS) return undefined;
  if (observed < 2 * mostOf(pattern, end - RECENT_CELLS)) return undefined;
  const ratio = observed * Math.log(observed / expected) - (observed - expected);
  return { nats: ratio / usual.dispersion, observed, expected, cells: RECENT_CELLS };
}

/**
 * A pattern that came steadily for an hour of cells and has stopped while its service goes on: the records expected since then, by its
 * ratio to the service's others, are the log likelihood of none (Poisson), divided by the dispersion. Besides, the silence is three times
 * as long as any before; that and what is steady are rules of ours. O(cells).
 *
 * @returns undefined where it is not, or too little is known
 */
export function absenceOf({ pattern, all }: PatternCells): PatternChange | undefined {
  let silent = 0;
  while (silent < pattern.length && pattern[pattern.length - 1 - silent] === 0) silent += 1;
  const until = pattern.length - silent;
  if (silent < LEAST_SILENT_CELLS || until < STEADY_CELLS) return undefined;
  let present = 0;
  for (let at = until - STEADY_CELLS; at < until; at += 1) present += Number((pattern[at] ?? 0) > 0);
  if (present < STEADY_SHARE * STEADY_CELLS || silent < SILENCE * longestSilence(pattern, until)) {
    return undefined;
  }
  const usual = usualOf(pattern, all, until);
  let records = 0;
  for (let at = until; at < pattern.length; at += 1) records += all[at] ?? 0;
  const expected = usual.ratio * records;
  return { nats: expected / usual.dispersion, observed: 0, expected, cells: silent };
}

/**
 * Evidence, in nats, that a pattern was not there before: what its count among the records since its first one predicts for those before.
 * The log likelihood of none of them (Poisson); own method, for counts of records of one service. 0 of what are no counts. O(1).
 */
export function noveltyOf(count: number, recordsSince: number, recordsBefore: number): number {
  const areCounts = [count, recordsSince, recordsBefore].every((each) => each > 0 && each < Infinity);
  return areCounts ? Math.min(recordsBefore, count * (recordsBefore / Math.max(count, recordsSince))) : 0;
}

/** `ratio`: to the other records of the service; 0 where there are none. */
function usualOf(
  pattern: Float64Array,
  all: Float64Array,
  end: number,
): { readonly cells: number; readonly count: number; readonly ratio: number; readonly dispersion: number } {
  let [cells, count, others] = [0, 0, 0];
  for (let at = 0; at < end; at += 1) {
    const of = all[at] ?? Number.NaN;
    if (!(of > 0)) continue;
    cells += 1;
    count += pattern[at] ?? 0;
    others += of - (pattern[at] ?? 0);
  }
  const ratio = others > 0 ? (count + 0.5) / others : 0;
  const mean = count / Math.max(1, cells);
  let squares = 0;
  for (let at = 0; at < end; at += 1) {
    const of = all[at] ?? Number.NaN;
    if (!(of > 0)) continue;
    const own = pattern[at] ?? 0;
    const expected = ratio > 0 ? ratio * (of - own) : mean;
    squares += (own - expected) ** 2 / Math.max(expected, 0.1);
  }
  return { cells, count, ratio, dispersion: Math.max(1, squares / Math.max(1, cells - 1)) };
}

/** Of any `RECENT_CELLS` cells in a row. */
function mostOf(pattern: Float64Array, end: number): number {
  let [sum, most] = [0, 0];
  for (let at = 0; at < end; at += 1) {
    sum += known(pattern[at]);
    if (at >= RECENT_CELLS) sum -= known(pattern[at - RECENT_CELLS]);
    most = Math.max(most, sum);
  }
  return most;
}

function known(count = Number.NaN): number {
  return Number.isNaN(count) ? 0 : count;
}

function longestSilence(pattern: Float64Array, end: number): number {
  let [longest, current] = [0, 0];
  let hasBegun = false;
  for (let at = 0; at < end; at += 1) {
    const count = pattern[at] ?? Number.NaN;
    if (count > 0) hasBegun = true;
    current = count === 0 && hasBegun ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}
