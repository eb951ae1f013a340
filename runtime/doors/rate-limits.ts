import { BurstyRateLimiter, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** What is counted apart. */
export type Budget = 'query' | 'ingest' | 'copilot';

/** By address and by key. */
export interface Rate {
  /** 0: as many as come. */
  readonly requests: number;
  readonly seconds: number;
}

export interface Spent {
  /** 0: it may go on. */
  readonly retryAfterMs: number;
  /** `RateLimit-*`; none where nothing is limited. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Of sixty intervals of a rate, ten intervals' worth may come at a time beyond it. */
const BURST_INTERVALS = 10;
const BURST_WINDOW_INTERVALS = 60;
/**
 * Closed buckets that are remembered. Each costs its sender a burst, and is open again within sixty intervals; beyond this many the
 * oldest is forgotten, and closes again with the next request that finds it empty.
 */
const MOST_CLOSED = 10_000;
const UNLIMITED: Spent = { retryAfterMs: 0, headers: {} };

/** A bucket for each address and each key: it is full again with each interval of its rate, and beside it stands one for bursts. */
export class RateLimits {
  private readonly rates: Readonly<Record<Budget, Rate>>;
  private readonly buckets: Readonly<Record<Budget, BurstyRateLimiter>>;
  private readonly closedUntilMs = new Map<string, number>();

  constructor(rates: Readonly<Record<Budget, Rate>>) {
    this.rates = rates;
    this.buckets = {
      query: bucket('query', rates.query),
      ingest: bucket('ingest', rates.ingest),
      copilot: bucket('copilot', rates.copilot),
    };
  }

  async spend(budget: Budget, key: string): Promise<Spent> {
    const limit = this.rates[budget].requests;
    if (limit === 0) return UNLIMITED;
    const { retryAfterMs, remaining, resetMs } = await consume(this.buckets[budget], key);
    return { retryAfterMs, headers: headersOf(limit, remaining, resetMs, retryAfterMs) };
  }

  /** Where an answer must be had at once: the request that empties a bucket still goes through, those after it do not. */
  spendAtOnce(budget: Budget, keys: readonly string[], nowMs: number): Spent {
    const limit = this.rates[budget].requests;
    if (limit === 0) return UNLIMITED;
    const waits = keys.map((key) => (this.closedUntilMs.get(`${budget} ${key}`) ?? 0) - nowMs);
    const waitMs = Math.max(...waits);
    if (waitMs > 0) return { retryAfterMs: waitMs, headers: headersOf(limit, 0, waitMs, waitMs) };
    for (const key of keys) {
      void consume(this.buckets[budget], key).then(({ retryAfterMs }) => {
        if (retryAfterMs > 0) this.close(`${budget} ${key}`, nowMs + retryAfterMs, nowMs);
        else this.closedUntilMs.delete(`${budget} ${key}`);
      });
    }
    return UNLIMITED;
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

function headersOf(
  limit: number,
  remaining: number,
  resetMs: number,
  retryAfterMs: number,
): Spent['headers'] {
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(Math.max(0, remaining)),
    'ratelimit-reset': String(Math.ceil(resetMs / 1_000)),
    ...(retryAfterMs > 0 && { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1_000))) }),
  };
}

function bucket(budget: Budget, { requests, seconds }: Rate): BurstyRateLimiter {
  return new BurstyRateLimiter(
    new RateLimiterMemory({ keyPrefix: budget, points: requests, duration: seconds }),
    new RateLimiterMemory({
      keyPrefix: `${budget} burst`,
      points: requests * BURST_INTERVALS,
      duration: seconds * BURST_WINDOW_INTERVALS,
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
