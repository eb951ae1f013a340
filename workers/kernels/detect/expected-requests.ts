import { usualCount } from './observe-count.ts';
import { addUsualDurations, DURATION_BUCKETS, durationBound } from './observe-durations.ts';
import { usualShare } from './observe-share.ts';
import { quantileBand, type Band } from './quantile-band.ts';

/** `learning` too little is known; `idle` there were no requests of late, of which anything could be expected. */
export type Expectation = Band | 'learning' | 'idle';

export interface ExpectedRequests {
  /** Requests a second. */
  readonly requests: Expectation;
  /** Requests that fail, a second. */
  readonly errors: Expectation;
  /** The 95 % quantile of the durations of a second's requests, in ns. */
  readonly p95: Expectation;
}

/** One of what a service does: how often of late, and the states of its tests where there are any. */
export interface OperationState {
  /** Requests a second of late. */
  readonly rate: number;
  /** Of `observeShare`. */
  readonly errors: Float64Array | undefined;
  /** Of `observeDurations`. */
  readonly latency: Float64Array | undefined;
}

/** Share of healthy seconds that are not in a band, and the standard deviations that such a second is away. */
const BEYOND = 0.001;
const DEVIATIONS = 3.29;
const QUANTILE = 0.95;
/** Requests a second: what comes less often weighs nothing beside what comes. */
const LEAST_RATE = 1e-4;
/** More is no rate. */
const MOST_RATE = 1e12;
/** Operations of which enough is known must be so much of all requests. */
const LEAST_KNOWN = 0.5;

/**
 * What the tests of a service's figures expect of a second of them: the values that a second leaves once in a thousand while all is as it
 * was learned. Tests decide over many seconds, so one second beyond the band is not yet an anomaly, nor is a small change that stays
 * within it none.
 *
 * Requests: from what `observeCount` holds against nobody, less and more a quasi-Poisson deviation. Errors: the sum over operations of what `observeShare` learned, at the rates of late, with the
 * deviation of a count. p95: of the distributions that `observeDurations` learned, mixed by the rates of late; the band is where the 95 %
 * quantile of so many requests falls (`quantileBand`). All widened by how much more than the models say the series scatters.
 * O(operations × buckets).
 *
 * @param requests of `observeCount`, or undefined where nothing is watched
 * @param operations whose rates are no rates are passed over
 * @param unixMs of the second, Unix ms
 * @param cellSeconds that requests are counted over
 */
export function expectedRequests(
  requests: Float64Array | undefined,
  operations: readonly OperationState[],
  unixMs: number,
  cellSeconds: number,
): ExpectedRequests {
  const usual = requests && usualCount(requests, 0, unixMs, cellSeconds);
  return {
    requests: usual
      ? {
          expected: usual.rate,
          lower: leastCount(usual.least, usual.scatter),
          upper: mostCount(usual.most, usual.scatter),
        }
      : 'learning',
    errors: expectedErrors(operations),
    p95: expectedQuantile(operations),
  };
}

function expectedErrors(operations: readonly OperationState[]): Expectation {
  let all = 0;
  let known = 0;
  let expected = 0;
  let most = 0;
  let scatter = 0;
  for (const { rate, errors } of operations) {
    if (!(rate >= LEAST_RATE && rate <= MOST_RATE)) continue;
    all += rate;
    const usual = errors && usualShare(errors, 0);
    if (usual === undefined) continue;
    known += rate;
    expected += rate * usual.share;
    most += rate * usual.most;
    scatter += rate * usual.most * usual.scatter;
  }
  if (all === 0) return 'idle';
  if (known < LEAST_KNOWN * all) return 'learning';
  const scattering = most > 0 ? scatter / most : 1;
  const whole = all / known;
  return {
    expected: whole * expected,
    lower: leastCount(whole * expected, scattering),
    // No more than all requests.
    upper: Math.max(
      whole * expected,
      Math.min(mostCount(whole * most, scattering), mostCount(all, scattering)),
    ),
  };
}

function expectedQuantile(operations: readonly OperationState[]): Expectation {
  const distribution = new Float64Array(DURATION_BUCKETS);
  let all = 0;
  let known = 0;
  let scatter = 0;
  for (const { rate, latency } of operations) {
    if (!(rate >= LEAST_RATE && rate <= MOST_RATE)) continue;
    all += rate;
    const scattering = latency && addUsualDurations(latency, 0, rate, distribution);
    if (scattering === undefined) continue;
    known += rate;
    scatter += rate * scattering;
  }
  if (all === 0) return 'idle';
  if (known < LEAST_KNOWN * all) return 'learning';
  return quantileBand(distribution, durationBound, QUANTILE, all / (scatter / known), BEYOND);
}

/** That hardly any count is below: on the scale of square roots deviations are the same for every mean (Anscombe 1948). */
function leastCount(mean: number, scatter: number): number {
  const root = Math.max(0, Math.sqrt(mean) - (DEVIATIONS / 2) * Math.sqrt(scatter));
  return root * root;
}

/** That hardly any is above, where skewness counts: the first term of Cornish & Fisher (1938) for Poisson counts. */
function mostCount(mean: number, scatter: number): number {
  return mean + DEVIATIONS * Math.sqrt(mean * scatter) + (scatter * (DEVIATIONS * DEVIATIONS - 1)) / 6;
}
