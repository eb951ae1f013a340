// Hot: once a point. Bench: bench/detect.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface Season {
  readonly periodMs: number;
  readonly bucketMs: number;
}

/** Monday is not the first day of the week here; which is does not matter. */
const SEASONS: readonly Season[] = [
  { periodMs: HOUR_MS, bucketMs: 5 * MINUTE_MS },
  { periodMs: DAY_MS, bucketMs: HOUR_MS / 2 },
  { periodMs: 7 * DAY_MS, bucketMs: HOUR_MS },
];

const BUCKETS = SEASONS.map(({ periodMs, bucketMs }) => Math.round(periodMs / bucketMs));
/** A season must be so much better than what is simpler. */
const BETTER = 0.8;
const ERROR_RATE = 1 / 512;
/** Points that the mean of a bucket remembers. */
const MEMORY = 60;

/** Doubles of one series' seasons: an error each, and the plain level's; a mean and a count a bucket. */
export const SEASONS_SIZE = 1 + SEASONS.length + 2 * BUCKETS.reduce((sum, buckets) => sum + buckets, 0);

/**
 * What is expected now: the plain level, or the mean of the bucket of the hour, day or week, whichever has had the least recent absolute
 * error, where a longer season must beat a simpler one by a fifth. Between the middles of two buckets it is drawn, as far as points are
 * closer than buckets. Buckets are of UTC; means forget, as the seasonal terms of Winters (1960) do. O(1). The state is `SEASONS_SIZE`
 * doubles from `at` on, zeros at first. Learns the value.
 *
 * @param intervalMs between points, usually
 * @param level in the unit of the value, known before it
 * @returns the level itself where no season is better
 */
export function seasonalLevel(
  state: Float64Array,
  at: number,
  unixMs: number,
  intervalMs: number,
  value: number,
  level: number,
): number {
  let expected = level;
  let simpler = level;
  let least = state[at] ?? 0;
  state[at] = least + ERROR_RATE * (Math.abs(value - level) - least);
  let bucketsAt = at + 1 + SEASONS.length;
  for (let index = 0; index < SEASONS.length; index += 1) {
    const season = SEASONS[index];
    const buckets = BUCKETS[index] ?? 0;
    if (season === undefined) break;
    const position = positionOf(unixMs, season, buckets);
    const place = Math.min(Math.floor(position), buckets - 1);
    const bucket = bucketsAt + 2 * place;
    const seen = state[bucket + 1] ?? 0;
    const mean = state[bucket] ?? 0;
    const guess = guessOf(state, bucketsAt, buckets, position, intervalMs / season.bucketMs, simpler);
    bucketsAt += 2 * buckets;

    const error = state[at + 1 + index] ?? 0;
    if (error < BETTER * least) {
      least = error;
      expected = guess;
    }
    state[at + 1 + index] = error + ERROR_RATE * (Math.abs(value - guess) - error);
    state[bucket] = mean + Math.max(1 / MEMORY, 1 / (seen + 1)) * (value - mean);
    state[bucket + 1] = seen + 1;
    simpler = guess;
  }
  return expected;
}

/** What `seasonalLevel` would say is expected at a moment. Learns nothing, and writes nothing. */
export function foreseenLevel(
  state: Float64Array,
  at: number,
  unixMs: number,
  intervalMs: number,
  level: number,
): number {
  let expected = level;
  let simpler = level;
  let least = state[at] ?? 0;
  let bucketsAt = at + 1 + SEASONS.length;
  for (let index = 0; index < SEASONS.length; index += 1) {
    const season = SEASONS[index];
    const buckets = BUCKETS[index] ?? 0;
    if (season === undefined) break;
    const position = positionOf(unixMs, season, buckets);
    simpler = guessOf(state, bucketsAt, buckets, position, intervalMs / season.bucketMs, simpler);
    bucketsAt += 2 * buckets;
    const error = state[at + 1 + index] ?? 0;
    if (error >= BETTER * least) continue;
    least = error;
    expected = simpler;
  }
  return expected;
}

/** Of one season; without a past of its own a season says what a simpler one does, and so is no better than it. */
function guessOf(
  state: Float64Array,
  bucketsAt: number,
  buckets: number,
  position: number,
  stepInBuckets: number,
  simpler: number,
): number {
  const place = Math.min(Math.floor(position), buckets - 1);
  const bucket = bucketsAt + 2 * place;
  if (!((state[bucket + 1] ?? 0) > 0)) return simpler;
  const mean = state[bucket] ?? 0;
  const beside = position - place - 0.5;
  const neighbour = bucketsAt + 2 * ((place + (beside < 0 ? buckets - 1 : 1)) % buckets);
  if (!((state[neighbour + 1] ?? 0) > 0)) return mean;
  const weight = Math.abs(beside) * Math.max(0, 1 - stepInBuckets);
  return mean + weight * ((state[neighbour] ?? 0) - mean);
}

/** In buckets, 0 to `buckets`. */
function positionOf(unixMs: number, { periodMs, bucketMs }: Season, buckets: number): number {
  const inPeriodMs = unixMs - periodMs * Math.floor(unixMs / periodMs);
  return Math.max(0, Math.min(inPeriodMs / bucketMs, buckets));
}
