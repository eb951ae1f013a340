/** Bounds would hardly be narrower for more. */
const MOST_COUNTED = 200;
/** Beyond the highest that was learned nobody knows: half as much again. */
const BEYOND_KNOWN = 1.5;

/** What is expected of one second, and between which values it hardly ever is not. */
export interface Band {
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Where a quantile of the values of a second falls, when values come at random (Poisson) and are of a known distribution, whatever its shape:
 * it is above a bound when so many of the values are, and of these and of the others there are Poisson numbers independent of each other
 * (thinning). O(buckets + count × log buckets).
 *
 * @param distribution weights by buckets, one above 0 at least
 * @param boundOf lower bound of a bucket; of the one after the last, too
 * @param quantile above 0 and below 1, by the nearest rank
 * @param count values a second on average, above 0; seconds without a value are left out
 * @param beyond share of seconds whose quantile is not in the band
 */
export function quantileBand(
  distribution: Float64Array,
  boundOf: (bucket: number) => number,
  quantile: number,
  count: number,
  beyond: number,
): Band {
  const upTo = new Float64Array(distribution.length);
  let total = 0;
  for (let bucket = 0; bucket < upTo.length; bucket += 1) upTo[bucket] = total += distribution[bucket] ?? 0;
  const last = distribution.findLastIndex((weight) => weight > 0);
  const counted = Math.min(count, MOST_COUNTED);
  const firstWhere = (isSo: (below: number) => boolean): number => {
    let [from, to] = [0, last];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isSo((upTo[middle] ?? 0) / total)) to = middle;
      else from = middle + 1;
    }
    return from;
  };
  const least = firstWhere((below) => chanceAbove(1 - below, quantile, counted) < 1 - beyond / 2);
  const most = firstWhere((below) => chanceAbove(1 - below, quantile, counted) <= beyond / 2);
  return {
    expected: boundOf(firstWhere((below) => below >= quantile) + 0.5),
    lower: boundOf(
      Math.max(
        least,
        distribution.findIndex((weight) => weight > 0),
      ),
    ),
    upper: most < last ? boundOf(most + 1) : BEYOND_KNOWN * boundOf(last + 1),
  };
}

/** That the quantile is of those values of which a `share` is. */
function chanceAbove(share: number, quantile: number, count: number): number {
  const above = count * share;
  const below = count - above;
  const belowForEach = quantile / (1 - quantile);
  let chance = 0;
  let ofAbove = Math.exp(-above);
  let ofBelow = Math.exp(-below);
  let upToBelow = ofBelow;
  let counted = 0;
  let left = 1 - ofAbove;
  for (let each = 1; left > 1e-9 && each <= 3 * MOST_COUNTED; each += 1) {
    ofAbove *= above / each;
    left -= ofAbove;
    // So few others that the quantile is one of these; a rounding error is not one more.
    const most = Math.ceil(each * belowForEach - 1e-9) - 1;
    for (; counted < most && ofBelow > 0; upToBelow += ofBelow) ofBelow *= below / ++counted;
    chance += ofAbove * Math.min(1, upToBelow);
  }
  return chance / (1 - Math.exp(-count));
}
