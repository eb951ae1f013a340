import { DrainRate } from './drain-rate.ts';

const LEAST_MS = 1_000;
const MOST_MS = 60_000;
/** Senders that were refused together shall not come back together. */
const JITTER = 0.25;

export interface RetryDelayOptions {
  /** Over which the rate is averaged: about the time between two lumps that are drained. */
  readonly halfLifeMs: number;
  /** Bytes too many just now, those of this request not counted. */
  readonly excessBytes: () => number;
  /** Monotonic ms. */
  readonly now: () => number;
  /** The time in which the rate is measured, where it is not all of the time; in ms. */
  readonly drainClock?: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * How long a refused sender should wait: until, at the rate at which room was made lately, the excess and all that was
 * refused before it and has not come back yet has found room. 1 to 60 s.
 */
export class RetryDelay {
  private readonly options: RetryDelayOptions;
  private readonly rate: DrainRate;
  /** Refused, and expected to come back before what is refused now. */
  private aheadBytes = 0;
  private aheadAtMs: number;

  constructor(options: RetryDelayOptions) {
    this.options = options;
    this.rate = new DrainRate(options.halfLifeMs, options.drainClock ?? options.now);
    this.aheadAtMs = options.now();
  }

  /** Room was made. */
  drained(bytes: number): void {
    this.rate.add(bytes);
  }

  /** Of a request of so many bytes that is being refused. */
  delayMs(bytes: number): number {
    const bytesPerMs = this.rate.bytesPerSecond() / 1_000;
    const nowMs = this.options.now();
    this.aheadBytes = Math.max(0, this.aheadBytes - bytesPerMs * (nowMs - this.aheadAtMs)) + bytes;
    this.aheadAtMs = nowMs;
    // Whoever was refused comes back after a minute at most: what is ahead cannot be more than a minute's refusals.
    const waitMs = (Math.max(0, this.options.excessBytes()) + this.aheadBytes) / bytesPerMs;
    this.aheadBytes = Math.min(this.aheadBytes, bytesPerMs * MOST_MS);
    const jittered = waitMs * (1 + JITTER * (this.options.random() - 0.5) * 2);
    // At the bounds, too, not all at once: below the most, above the least.
    const spreadMs = LEAST_MS * JITTER * this.options.random();
    if (!(jittered < MOST_MS)) return Math.round(MOST_MS - spreadMs * (MOST_MS / LEAST_MS));
    return Math.round(Math.max(LEAST_MS + spreadMs, jittered));
  }
}
