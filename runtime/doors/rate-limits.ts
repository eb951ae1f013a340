import { TokenBucket } from 'limiter';

/** What is counted apart. */
export type Budget = 'query' | 'ingest' | 'copilot';

/** Of the bucket that each address and each key has. */
export interface Rate {
  /** That come in each `seconds`; 0: as many as are asked for. */
  readonly requests: number;
  readonly seconds: number;
  /** That the bucket holds, and that may go out at once. */
  readonly capacity: number;
}

export interface Spent {
  /** 0: it may go on. */
  readonly retryAfterMs: number;
  /** `RateLimit-*`, of the bucket: what it holds, what is left, seconds until it is full. None where nothing is limited. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Of one budget; the bucket that was asked longest ago is forgotten first, and is full when its owner comes back. */
const MOST_BUCKETS = 50_000;
const UNLIMITED: Spent = { retryAfterMs: 0, headers: {} };

/**
 * Token buckets, one for each address and each key: in any stretch of time there pass no more requests than a bucket holds and than
 * have come in since.
 */
export class RateLimits {
  private readonly rates: Readonly<Record<Budget, Rate>>;
  private readonly buckets: Readonly<Record<Budget, Map<string, TokenBucket>>> = {
    query: new Map(),
    ingest: new Map(),
    copilot: new Map(),
  };

  constructor(rates: Readonly<Record<Budget, Rate>>) {
    this.rates = rates;
  }

  spend(budget: Budget, key: string): Spent {
    const rate = this.rates[budget];
    if (rate.requests === 0) return UNLIMITED;
    const bucket = this.bucketOf(budget, key);
    // Something may come in between the two: then it is there for the next.
    const retryAfterMs = bucket.tryRemoveTokens(1) ? 0 : Math.max(1, bucket.getWaitTime(1));
    return { retryAfterMs, headers: headersOf(bucket, rate, retryAfterMs) };
  }

  bucketCount(budget: Budget): number {
    return this.buckets[budget].size;
  }

  private bucketOf(budget: Budget, key: string): TokenBucket {
    const buckets = this.buckets[budget];
    const bucket = buckets.get(key) ?? fullBucket(this.rates[budget]);
    // Last again, in the order in which they are forgotten.
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size > MOST_BUCKETS) buckets.delete(buckets.keys().next().value ?? '');
    return bucket;
  }
}

function fullBucket({ requests, seconds, capacity }: Rate): TokenBucket {
  const bucket = new TokenBucket({
    bucketSize: capacity,
    tokensPerInterval: requests,
    interval: seconds * 1_000,
  });
  // The library begins with an empty one.
  bucket.content = capacity;
  return bucket;
}

function headersOf(bucket: TokenBucket, { capacity }: Rate, retryAfterMs: number): Spent['headers'] {
  return {
    'ratelimit-limit': String(capacity),
    'ratelimit-remaining': String(Math.floor(bucket.content)),
    'ratelimit-reset': String(Math.ceil(bucket.getWaitTime(capacity) / 1_000)),
    ...(retryAfterMs > 0 && { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
  };
}
