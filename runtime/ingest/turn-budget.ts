/** Of a turn of the event loop, for requests; one that has begun is finished. */
const MOST_MS = 10;
/** Of bodies that wait: more would only be read into memory sooner than they can be decoded. */
const MOST_WAITING_BYTES = 8 * 2 ** 20;

interface Waiting {
  readonly bodyBytes: number;
  readonly begin: () => void;
}

/**
 * Spreads requests that are ready at the same time over turns of the event loop, first come, first served: once they have
 * taken their part of a turn, what comes waits for the next, so that live frames and replies keep their beat.
 */
export class TurnBudget {
  private readonly now: () => number;
  private readonly waiting: Waiting[] = [];
  private waitingBytes = 0;
  /** Of this turn; undefined while nothing is to be done at its end: `end` or `resume` is called once a turn, by nobody else. */
  private beganMs: number | undefined;

  /** `now`: ms. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
  }

  /** Calls `work` at once, or in the first turn that has time for it; before that when too much waits behind it. */
  run<T>(bodyBytes: number, work: () => Promise<T>): Promise<T> {
    if (!this.isSpent()) return work();
    return new Promise((resolve) => {
      const begin = (): void => {
        resolve(work());
      };
      this.waiting.push({ bodyBytes, begin });
      this.waitingBytes += bodyBytes;
      while (this.waitingBytes > MOST_WAITING_BYTES) this.beginOldest();
    });
  }

  private beginOldest(): void {
    const oldest = this.waiting.shift();
    if (!oldest) return;
    this.waitingBytes -= oldest.bodyBytes;
    oldest.begin();
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
    if (this.waiting.length > 0) setImmediate(this.resume);
    else this.beganMs = undefined;
  };

  private readonly resume = (): void => {
    const beganMs = this.now();
    this.beganMs = beganMs;
    do this.beginOldest();
    while (this.waiting.length > 0 && this.now() - beganMs < MOST_MS);
    setImmediate(this.waiting.length > 0 ? this.resume : this.end);
  };
}
