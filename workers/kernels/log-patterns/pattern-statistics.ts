export interface PatternStatisticsOptions {
  /** Length of a bucket of counts. */
  readonly bucketMs?: number;
  /** Buckets without a line after which a pattern that used to come is gone. */
  readonly goneAfterBuckets?: number;
  /** Buckets for which a pattern is new. */
  readonly newBuckets?: number;
  /** What comes within so many buckets of the start was there before. */
  readonly learningBuckets?: number;
  /** Patterns kept; above, those longest unseen are forgotten. */
  readonly mostPatterns?: number;
}

export type PatternTrend = 'new' | 'gone' | 'rising' | 'periodic' | 'steady';

export interface PatternActivity {
  readonly id: string;
  readonly trend: PatternTrend;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly count: number;
  /** Mean lines of a bucket over recent buckets, and over those before. */
  readonly recentRate: number;
  readonly usualRate: number;
  /** Between bursts, of a periodic pattern. */
  readonly periodMs?: number;
}

/** Plain data, for JSON. */
export interface PatternActivityState {
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly count: number;
  readonly bucket: number;
  readonly inBucket: number;
  readonly fast: number;
  readonly slow: number;
  readonly bursts: number;
  readonly lastBurstMs: number;
  readonly meanGapMs: number;
  readonly gapDeviationMs: number;
}

interface Activity {
  readonly firstSeenMs: number;
  lastSeenMs: number;
  count: number;
  bucket: number;
  inBucket: number;
  fast: number;
  slow: number;
  bursts: number;
  lastBurstMs: number;
  meanGapMs: number;
  gapDeviationMs: number;
}

/** Weights of a new bucket: half-lives of about 3 and 60 buckets. */
const FAST = 0.2;
const SLOW = 0.0115;
/** Before, rates are of too little to be compared. */
const LEAST_BUCKETS = 10;
/** Rising: a recent rate so many times the usual one, and so many standard deviations of a Poisson count above it. */
const RISING_RATIO = 2;
const RISING_DEVIATIONS = 4;
/** Periodic: so many gaps between bursts, whose mean absolute deviation is at most this share of their mean. */
const PERIODIC_GAPS = 4;
const PERIODIC_SPREAD = 0.1;
const GAP_WEIGHT = 0.25;
/** Of a clock; gaps between any two times are then finite. */
const LATEST_MS = 8.64e15;
/** Gone: silent for so many periods, or mean gaps between bursts. */
const PERIODS = 2;
const GAPS = 5;

/**
 * What log patterns do over time, from counts in buckets: two exponentially weighted rates (Roberts 1959) and the gaps between bursts, O(1) memory
 * and time for each pattern and batch, O(patterns) for `activities`. Time is the caller's, in milliseconds; what comes late counts in the
 * current bucket; times that no clock has and counts that are none are passed over. What is new, gone, rising and periodic are rules of ours.
 */
export class PatternStatistics {
  readonly #bucketMs: number;
  readonly #goneAfterBuckets: number;
  readonly #newBuckets: number;
  readonly #learningBuckets: number;
  readonly #mostPatterns: number;
  /** In order of the last line. */
  readonly #activities = new Map<string, Activity>();
  #startMs: number | undefined;

  constructor(options: PatternStatisticsOptions = {}) {
    this.#bucketMs = options.bucketMs ?? 10_000;
    this.#goneAfterBuckets = options.goneAfterBuckets ?? 60;
    this.#newBuckets = options.newBuckets ?? LEAST_BUCKETS;
    this.#learningBuckets = options.learningBuckets ?? LEAST_BUCKETS;
    this.#mostPatterns = Math.max(1, options.mostPatterns ?? 4_096);
  }

  get size(): number {
    return this.#activities.size;
  }

  /** `count` lines of a pattern at a time. */
  observe(id: string, timeMs: number, count = 1): void {
    if (!(Math.abs(timeMs) <= LATEST_MS) || !(count > 0 && count <= Number.MAX_SAFE_INTEGER)) return;
    this.#startMs ??= timeMs;
    const activity = this.#activities.get(id) ?? this.#start(timeMs);
    this.#activities.delete(id);
    this.#activities.set(id, activity);
    this.#advance(activity, this.#bucketOf(timeMs));
    if (timeMs - activity.lastSeenMs > this.#bucketMs) noteBurst(activity, timeMs);
    activity.lastSeenMs = Math.max(activity.lastSeenMs, timeMs);
    activity.inBucket += count;
    activity.count += count;
    if (this.#activities.size > this.#mostPatterns) this.#forgetOldest();
  }

  /** Gives the lines of a pattern to the one that took it in. */
  merge(from: string, into: string): void {
    const merged = this.#activities.get(from);
    if (merged === undefined || from === into) return;
    this.#activities.delete(from);
    const kept = this.#activities.get(into);
    if (kept === undefined) {
      this.#activities.set(into, merged);
      return;
    }
    const bucket = Math.max(kept.bucket, merged.bucket);
    this.#advance(kept, bucket);
    this.#advance(merged, bucket);
    this.#activities.set(into, {
      ...kept,
      firstSeenMs: Math.min(kept.firstSeenMs, merged.firstSeenMs),
      lastSeenMs: Math.max(kept.lastSeenMs, merged.lastSeenMs),
      count: kept.count + merged.count,
      inBucket: kept.inBucket + merged.inBucket,
      fast: kept.fast + merged.fast,
      slow: kept.slow + merged.slow,
    });
  }

  /** All that is known of a pattern, for `restore`. */
  stateOf(id: string): PatternActivityState | undefined {
    const activity = this.#activities.get(id);
    return activity && { ...activity };
  }

  /** Goes on with what was known; of a pattern that came since, as with a merge. */
  restore(id: string, state: PatternActivityState): void {
    const kept = `${id}\0`;
    this.#activities.set(kept, { ...state });
    this.merge(kept, id);
    if (this.#activities.size > this.#mostPatterns) this.#forgetOldest();
  }

  /** Gives a pattern up. */
  forget(id: string): void {
    this.#activities.delete(id);
  }

  /** Of one pattern at a time; undefined if it is not known. `watchedSinceMs`: of what sends it; without it since the first line of any. */
  activity(id: string, nowMs: number, watchedSinceMs = this.#startMs ?? 0): PatternActivity | undefined {
    const activity = this.#activities.get(id);
    if (activity === undefined) return undefined;
    const seen = { ...activity };
    this.#advance(seen, this.#bucketOf(nowMs));
    // The weights of the buckets since the first one sum to less than 1 while there are few.
    const buckets = Math.max(1, seen.bucket - this.#bucketOf(seen.firstSeenMs));
    const usualRate = seen.slow / (1 - (1 - SLOW) ** buckets);
    const recentRate = seen.fast / (1 - (1 - FAST) ** buckets);
    const isPeriodic =
      seen.bursts > PERIODIC_GAPS &&
      seen.gapDeviationMs <= Math.max(this.#bucketMs / 2, PERIODIC_SPREAD * seen.meanGapMs);
    const { firstSeenMs, lastSeenMs, count } = seen;
    const periodMs = isPeriodic ? { periodMs: seen.meanGapMs } : {};
    const isSinceStart = firstSeenMs - watchedSinceMs < this.#learningBuckets * this.#bucketMs;
    const trend = this.#trendOf(seen, nowMs, { buckets, usualRate, recentRate, isPeriodic, isSinceStart });
    return { id, trend, firstSeenMs, lastSeenMs, count, recentRate, usualRate, ...periodMs };
  }

  /** All patterns, those longest unseen first. */
  activities(nowMs: number): PatternActivity[] {
    return [...this.#activities.keys()].flatMap((id) => this.activity(id, nowMs) ?? []);
  }

  #trendOf(
    seen: Activity,
    nowMs: number,
    is: {
      readonly buckets: number;
      readonly usualRate: number;
      readonly recentRate: number;
      readonly isPeriodic: boolean;
      readonly isSinceStart: boolean;
    },
  ): PatternTrend {
    const silentMs = nowMs - seen.lastSeenMs;
    const patienceMs = this.#goneAfterBuckets * this.#bucketMs;
    const livedMs = seen.lastSeenMs - seen.firstSeenMs;
    const usualMs = is.isPeriodic
      ? PERIODS * seen.meanGapMs
      : (GAPS * livedMs) / Math.max(1, seen.bursts - 1);
    // What came for a moment alone did not use to come; what has come without a pause has no gaps to be compared with.
    const isSilent = silentMs > Math.max(patienceMs, seen.bursts > 1 ? usualMs : 0);
    if (isSilent && livedMs >= patienceMs) return 'gone';
    if (is.isPeriodic) return 'periodic';
    if (is.buckets <= this.#newBuckets && !is.isSinceStart) return 'new';
    if (is.buckets <= LEAST_BUCKETS) return 'steady';
    // An exponentially weighted mean of Poisson counts has this share of the variance of one.
    const deviation = Math.sqrt(Math.max(is.usualRate, SLOW) * (FAST / (2 - FAST)));
    const isAbove = is.recentRate > is.usualRate + RISING_DEVIATIONS * deviation;
    return isAbove && is.recentRate > RISING_RATIO * is.usualRate ? 'rising' : 'steady';
  }

  #start(timeMs: number): Activity {
    return {
      firstSeenMs: timeMs,
      lastSeenMs: timeMs,
      count: 0,
      bucket: this.#bucketOf(timeMs),
      inBucket: 0,
      fast: 0,
      slow: 0,
      bursts: 1,
      lastBurstMs: timeMs,
      meanGapMs: 0,
      gapDeviationMs: 0,
    };
  }

  #bucketOf(timeMs: number): number {
    return Math.floor(timeMs / this.#bucketMs);
  }

  /** Closes the current bucket and the empty ones up to `bucket` at once. */
  #advance(activity: Activity, bucket: number): void {
    const passed = bucket - activity.bucket;
    if (!(passed > 0)) return;
    activity.fast = (activity.fast * (1 - FAST) + FAST * activity.inBucket) * (1 - FAST) ** (passed - 1);
    activity.slow = (activity.slow * (1 - SLOW) + SLOW * activity.inBucket) * (1 - SLOW) ** (passed - 1);
    activity.inBucket = 0;
    activity.bucket = bucket;
  }

  #forgetOldest(): void {
    for (const id of this.#activities.keys()) {
      this.#activities.delete(id);
      return;
    }
  }
}

function noteBurst(activity: Activity, timeMs: number): void {
  const gap = timeMs - activity.lastBurstMs;
  activity.lastBurstMs = timeMs;
  activity.bursts += 1;
  if (activity.bursts === 2) {
    activity.meanGapMs = gap;
    return;
  }
  activity.gapDeviationMs += GAP_WEIGHT * (Math.abs(gap - activity.meanGapMs) - activity.gapDeviationMs);
  activity.meanGapMs += GAP_WEIGHT * (gap - activity.meanGapMs);
}
