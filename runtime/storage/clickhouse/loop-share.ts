import { setImmediate as nextTurn } from 'node:timers/promises';

/** Of a turn of the event loop. */
const LEAST_MS = 1;
const MOST_MS = 6;

/**
 * Work that shares the event loop with whatever else is to do: in each turn it takes as long as all others took since its
 * last one, so that it keeps up with them, but no longer than 6 ms.
 */
export class LoopShare {
  private readonly now: () => number;
  private beganMs: number;
  private lengthMs = LEAST_MS;

  /** `now`: ms. */
  constructor(now: () => number = () => performance.now()) {
    this.now = now;
    this.beganMs = now();
  }

  /** After each piece of work: whether it is time for `next`. */
  isOver(): boolean {
    return this.now() - this.beganMs >= this.lengthMs;
  }

  async next(): Promise<void> {
    const endedMs = this.now();
    await nextTurn();
    this.beganMs = this.now();
    this.lengthMs = Math.min(MOST_MS, Math.max(LEAST_MS, this.beganMs - endedMs));
  }
}
