import { BurstyRateLimiter, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** What is counted apart. */
export type Budget = 'query' | 'ingest';

export interface RateLimitOptions {
  /** Requests a second, by address and by key; 0: as many as come. */
  readonly perSecond: Readonly<Record<Budget, number>>;
}

export interface Spent {
  /** 0: it may go on. */
  readonly retryAfterMs: number;
  /** `RateLimit-*`; none where nothing is limited. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A minute may have so many seconds' worth of requests at a time beyond its rate. */
const BURST_SECONDS = 10;
const BURST_WINDOW_SECONDS = 60;
/**
 * Closed buckets that are remembered. Each costs its sender a burst, and is open again within a minute; beyond this many the
 * oldest is forgotten, and closes again with the next request that finds it empty.
 */
const MOST_CLOSED = 10_000;
const UNLIMITED: Spent = { retryAfterMs: 0, headers: {} };

/** A bucket for each address and each key: filled at a steady rate, and deep enough for a burst. */
export class RateLimits {
  private readonly perSecond: RateLimitOptions['perSecond'];
  private readonly buckets: Readonly<Record<Budget, BurstyRateLimiter>>;
  private readonly closedUntilMs = new Map<string, number>();

  constructor({ perSecond }: RateLimitOptions) {
    this.perSecond = perSecond;
    this.buckets = { query: bucket('query', perSecond.query), ingest: bucket('ingest', perSecond.ingest) };
  }

  async spend(budget: Budget, key: string): Promise<Spent> {
    const limit = this.perSecond[budget];
    if (limit === 0) return UNLIMITED;
    const { retryAfterMs, remaining, resetMs } = await consume(this.buckets[budget], key);
    const headers = {
      'ratelimit-limit': String(limit),
      'ratelimit-remaining': String(Math.max(0, remaining)),
      'ratelimit-reset': String(Math.ceil(resetMs / 1_000)),
      ...(retryAfterMs > 0 && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
    };
    return { retryAfterMs, headers };
  }

  /** Where an answer must be had at once: the request that empties a bucket still goes through, those after it do not. */
  spendAtOnce(budget: Budget, keys: readonly string[], nowMs: number): number {
    if (this.perSecond[budget] === 0) return 0;
    const waits = keys.map((key) => (this.closedUntilMs.get(`${budget} ${key}`) ?? 0) - nowMs);
    const waitMs = Math.max(...waits);
    if (waitMs > 0) return waitMs;
    for (const key of keys) {
      void consume(this.buckets[budget], key).then(({ retryAfterMs }) => {
        if (retryAfterMs > 0) this.close(`${budget} ${key}`, nowMs + retryAfterMs, nowMs);
        else this.closedUntilMs.delete(`${budget} ${key}`);
      });
    }
    return 0;
  }

  get closedCount(): number {
    return this.closedUntilMs.size;
  }

  private close(bucket: string, untilMs: number, nowMs: number): void {
    this.closedUntilMs.delete(bucket);
    if (this.closedUntilMs.size >= MOST_CLOSED) this.makeRoom(nowMs);
    this.closedUntilMs.set(bucket, untilMs);
  }

  private makeRoom(nowMs: number): void {
    for (const [bucket, untilMs] of this.closedUntilMs) {
      if (untilMs <= nowMs) this.closedUntilMs.delete(bucket);
    }
    if (this.closedUntilMs.size < MOST_CLOSED) return;
    for (const bucket of [...this.closedUntilMs.keys()].slice(0, MOST_CLOSED / 10)) {
      this.closedUntilMs.delete(bucket);
    }
  }
}

function bucket(budget: Budget, perSecond: number): BurstyRateLimiter {
  return new BurstyRateLimiter(
    new RateLimiterMemory({ keyPrefix: budget, points: perSecond, duration: 1 }),
    new RateLimiterMemory({
      keyPrefix: `${budget} burst`,
      points: perSecond * BURST_SECONDS,
      duration: BURST_WINDOW_SECONDS,
    }),
  );
}

interface Consumed {
  readonly retryAfterMs: number;
  readonly remaining: number;
  readonly resetMs: number;
}

async function consume(limiter: BurstyRateLimiter, key: string): Promise<Consumed> {
  try {
    const { remainingPoints, msBeforeNext } = await limiter.consume(key);
    return { retryAfterMs: 0, remaining: remainingPoints, resetMs: msBeforeNext };
  } catch (refused) {
    if (refused instanceof Error) throw refused;
    const { msBeforeNext } = refused as RateLimiterRes;
    return { retryAfterMs: Math.max(1, msBeforeNext), remaining: 0, resetMs: msBeforeNext };
  }
}
