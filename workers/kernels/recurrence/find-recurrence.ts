/** Something that comes at the same distances: at `phaseMs`, `phaseMs + periodMs`, … since the epoch. */
export interface Recurrence {
  readonly periodMs: number;
  /** Of the first time since the epoch; less than a period. */
  readonly phaseMs: number;
  /** Within which each came. */
  readonly toleranceMs: number;
  /** Times that had their burst, and that had none, from the first to the last. */
  readonly occurrences: number;
  readonly missed: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Evidence against chance, in nats, less what looking at many periods costs. */
  readonly nats: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const SHORTEST_PERIOD_MS = 5 * MINUTE_MS;
export const LONGEST_PERIOD_MS = 7 * DAY_MS;

/** What schedulers are told, longest first. */
export const CLOCK_PERIODS_MS: readonly number[] = [
  ...[7 * DAY_MS, DAY_MS, 12 * HOUR_MS, 8 * HOUR_MS, 6 * HOUR_MS, 4 * HOUR_MS, 3 * HOUR_MS, 2 * HOUR_MS],
  ...[60, 30, 20, 15, 12, 10, 6, 5].map((minutes) => minutes * MINUTE_MS),
];
/** How exactly bursts may come; at most a fifteenth of the period. */
export const TOLERANCES_MS: readonly number[] = [10, 20, 30, 60, 150, 300].map(
  (seconds) => seconds * SECOND_MS,
);
export const MOST_OF_PERIOD = 1 / 15;
/** Times are known no better than this. */
const RESOLUTION_MS = 10_000;
const LEAST_FILLED = 0.8;
const LEAST_OCCURRENCES = 4;
const MOST_ONSETS = 64;
/** False once in a million looks. */
const LEAST_NATS = 14;

/**
 * Whether bursts recur at even distances on a fixed grid of times.
 *
 * The periods of clocks are tried first; where none fits, each distance from an older burst to the newest, divided by whole numbers. For
 * a period and tolerance the number of bursts on the grid is compared with what as many bursts at random would leave there: evidence is
 * Chernoff's bound (1952) of that binomial tail, n · KL(hits / n ‖ share of time on the grid), less the logarithm of how many grids were
 * tried. Periods from distances between onsets: Ma & Hellerstein (Mining partially periodic event patterns, ICDE 2001). Four of five
 * times must have come. O(n³) for n onsets at the worst, some 10⁵ steps.
 *
 * @param onsets Unix ms, in any order; the newest 64 are looked at, the newest one must be on the grid
 * @returns undefined: they do not
 */
export function findRecurrence(onsets: readonly number[]): Recurrence | undefined {
  const times = onsets
    .filter((time) => Number.isFinite(time) && Math.abs(time) < 8.64e15)
    .sort((one, other) => one - other)
    .slice(-MOST_ONSETS);
  const last = times.at(-1);
  if (last === undefined || times.length < LEAST_OCCURRENCES) return undefined;
  const free = freePeriods(times, last);
  const clockCost = Math.log(CLOCK_PERIODS_MS.length * TOLERANCES_MS.length);
  const freeCost = Math.log(Math.max(1, free.length) * TOLERANCES_MS.length) + clockCost;
  let best: Recurrence | undefined;
  const consider = (periodMs: number, cost: number): void => {
    for (const toleranceMs of TOLERANCES_MS) {
      if (toleranceMs > periodMs * MOST_OF_PERIOD) break;
      const found = onGrid(times, last, periodMs, toleranceMs, cost);
      if (found !== undefined && found.nats > (best?.nats ?? LEAST_NATS)) best = found;
    }
  };
  for (const periodMs of CLOCK_PERIODS_MS) consider(periodMs, clockCost);
  // With a little jitter some period beside that of the clock always fits better.
  if (best === undefined) for (const periodMs of free) consider(periodMs, freeCost);
  return best;
}

function freePeriods(times: readonly number[], last: number): readonly number[] {
  const periods = new Set<number>();
  for (const [at, time] of times.entries()) {
    for (let parts = 1; parts < times.length - at; parts += 1) {
      const periodMs = (last - time) / parts;
      if (periodMs < SHORTEST_PERIOD_MS || periodMs > LONGEST_PERIOD_MS) continue;
      periods.add(Math.round(periodMs / SECOND_MS) * SECOND_MS);
    }
  }
  return [...periods];
}

/** The grid through the newest burst; undefined where too much is missing. */
function onGrid(
  times: readonly number[],
  last: number,
  periodMs: number,
  toleranceMs: number,
  cost: number,
): Recurrence | undefined {
  const filled = new Set<number>();
  let offsets = 0;
  for (const time of times) {
    const slot = Math.round((last - time) / periodMs);
    const offset = time - (last - slot * periodMs);
    if (Math.abs(offset) > toleranceMs || filled.has(slot)) continue;
    filled.add(slot);
    offsets += offset;
  }
  const occurrences = filled.size;
  const slots = 1 + Math.max(...filled);
  if (occurrences < LEAST_OCCURRENCES || occurrences < LEAST_FILLED * slots) return undefined;
  // Bursts from before the first on the grid, too: they were not on it.
  const others = times.length - 1;
  const share = Math.min(1, (2 * toleranceMs + RESOLUTION_MS) / periodMs);
  const nats = others * divergence((occurrences - 1) / others, share) - cost;
  const centre = last + offsets / occurrences;
  return {
    periodMs,
    phaseMs: ((centre % periodMs) + periodMs) % periodMs,
    toleranceMs,
    occurrences,
    missed: slots - occurrences,
    firstMs: last - (slots - 1) * periodMs,
    lastMs: last,
    nats,
  };
}

/** Of two Bernoulli distributions, in nats; 0 where `observed` is no more than `expected`. */
function divergence(observed: number, expected: number): number {
  if (observed <= expected) return 0;
  const hit = observed * Math.log(observed / expected);
  return observed >= 1 ? hit : hit + (1 - observed) * Math.log((1 - observed) / (1 - expected));
}
