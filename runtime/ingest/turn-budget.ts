/** Of a turn of the event loop, for requests; one that has begun is finished. */
const MOST_MS = 10;

/**
 * Spreads requests that are ready at the same time over turns of the event loop, first come, first served: once they have
 * taken their part of a turn, what comes waits for the next, so that live frames and replies keep their beat.
 */
export class TurnBudget {
  private readonly now: () => number;
  private readonly waiting: (() => void)[] = [];
  /** Of this turn; undefined until the first request of it. */
  private beganMs: number | undefined;

  /** `now`: ms. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Calls `work` at once, or in the first turn that has time for it. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.isSpent()) return work();
    return new Promise((resolve) => {
      this.waiting.push(() => {
        resolve(work());
      });
    });
  }

  private isSpent(): boolean {
    if (this.beganMs === undefined) {
      this.beganMs = this.now();
      setImmediate(this.end);
    }
    return this.waiting.length > 0 || this.now() - this.beganMs >= MOST_MS;
  }

  /** Those who wait are not called before the next turn: this one is as long as it may be. */
  private readonly end = (): void => {
    this.beganMs = undefined;
    if (this.waiting.length > 0) setImmediate(this.resume);
  };

  private readonly resume = (): void => {
    const beganMs = this.now();
    this.beganMs = beganMs;
    do this.waiting.shift()?.();
    while (this.waiting.length > 0 && this.now() - beganMs < MOST_MS);
    setImmediate(this.waiting.length > 0 ? this.resume : this.end);
  };
}
