// Hot: for every piece of every OTLP request. Bench: bench/ingest.
import type { BudgetWatcher } from '../../http/index.ts';
import { RetryDelay } from '../../ingest/index.ts';

/** Requests are held for as long as they take to arrive and to become durable: mostly less than a second. */
const HALF_LIFE_MS = 2_000;
/** A budget this full is crowded. Of one that is not, little is given back because little is taken. */
const CROWDED_SHARE = 0.5;
/** Until it is measured: as if all had been given back within the last second. */
const ASSUMED_DRAIN_MS = 1_000;

export interface RoomDelayOptions {
  readonly limitBytes: number;
  /** Monotonic ms. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * When a sender should come back for whose request there was no room: by how fast requests that had their way gave
 * theirs back, in the time in which the budget was crowded. What is refused gives its bytes back too, and makes no room that
 * it did not take.
 */
export class RoomDelay implements BudgetWatcher {
  private readonly crowdedBytes: number;
  private readonly now: () => number;
  private readonly delay: RetryDelay;
  /** Without the time since `crowdedSinceMs`. */
  private crowdedMs = 0;
  private crowdedSinceMs: number | undefined;

  constructor({ limitBytes, now, random }: RoomDelayOptions) {
    this.crowdedBytes = limitBytes * CROWDED_SHARE;
    this.now = now;
    this.delay = new RetryDelay({
      halfLifeMs: HALF_LIFE_MS,
      // A budget is never more than full.
      excessBytes: () => 0,
      now,
      drainClock: () =>
        this.crowdedMs + (this.crowdedSinceMs === undefined ? 0 : now() - this.crowdedSinceMs),
      random,
    });
    this.delay.drained(limitBytes);
    this.crowdedMs = ASSUMED_DRAIN_MS;
  }

  taken(usedBytes: number): void {
    if (this.crowdedSinceMs === undefined && usedBytes >= this.crowdedBytes) this.crowdedSinceMs = this.now();
  }

  given(bytes: number, isDone: boolean, usedBytes: number): void {
    if (this.crowdedSinceMs === undefined) return;
    if (isDone) this.delay.drained(bytes);
    if (usedBytes >= this.crowdedBytes) return;
    this.crowdedMs += this.now() - this.crowdedSinceMs;
    this.crowdedSinceMs = undefined;
  }

  /** 1 to 60 s, for a request of so many bytes, as sent and inflated. */
  delayMs(bytes: number): number {
    return this.delay.delayMs(bytes);
  }
}
