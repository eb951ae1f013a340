/** An hour in which a metric had points: a plain list, as it is kept. */
export type SeriesHour = readonly [
  /** Since 1970. */
  hour: number,
  /** Different series since the metric was first watched, at the end of the hour. */
  series: number,
];

export interface SeriesGrowth {
  /** New in the last `WATCHED_HOURS`. */
  readonly added: number;
  readonly perDay: number;
}

/** Growth is judged over so many hours. */
const WATCHED_HOURS = 6;
/** Of them, those that brought new ones at least. */
const GROWING_HOURS = 5;
const LEAST_ADDED = 500;
/** Beyond what estimates are off by: k minimum values have a standard error of 4.4 %. */
const LEAST_SHARE = 0.15;
/** What comes to an end slows down: the later half brings at least so much of the earlier. */
const LASTING = 0.5;

/**
 * Whether a metric gets new series without end: in the last six hours 500 and 15 % of all there were, in five of the hours at least, and in the
 * later three hardly fewer than in the three before. A deploy is one hour of it, a start levels off; both are none.
 * A rule of practice, of no paper. O(1).
 *
 * @param hours ascending, one an hour, each with the series so far; where hours are missing or come twice there is no judgement
 * @returns in series; undefined where it does not, or that is not known
 */
export function judgeGrowth(hours: readonly SeriesHour[]): SeriesGrowth | undefined {
  const recent = hours.slice(-(WATCHED_HOURS + 1));
  const [first] = recent;
  if (!first || recent.length <= WATCHED_HOURS || !recent.every(([hour], at) => hour === first[0] + at)) {
    return undefined;
  }
  const steps = recent.slice(1).map(([, series], at) => series - (recent[at]?.[1] ?? series));
  const sum = (some: readonly number[]): number => some.reduce((total, step) => total + step, 0);
  const added = sum(steps);
  const isLarge = added >= Math.max(LEAST_ADDED, LEAST_SHARE * first[1]) && added < Infinity;
  const isSteady = steps.filter((step) => step > 0).length >= GROWING_HOURS;
  const half = WATCHED_HOURS / 2;
  if (!isLarge || !isSteady || sum(steps.slice(half)) < LASTING * sum(steps.slice(0, half))) return undefined;
  return { added, perDay: (added / WATCHED_HOURS) * 24 };
}
