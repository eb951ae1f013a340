import { setImmediate as nextTurn } from 'node:timers/promises';

/** Of a turn of the event loop. */
const LEAST_MS = 1;
const MOST_MS = 6;

/**
 * Work that shares the event loop with whatever else is to do: in each turn it takes as long as all others took since its
 * last one, so that it keeps up with them, but no longer than 6 ms.
 */
export class LoopShare {
  private begin = performance.now();
  private lengthMs = LEAST_MS;

  /** After each piece of work: whether it is time for `next`. */
  isOver(): boolean {
    return performance.now() - this.begin >= this.lengthMs;
  }

  async next(): Promise<void> {
    const end = performance.now();
    await nextTurn();
    this.begin = performance.now();
    this.lengthMs = Math.min(MOST_MS, Math.max(LEAST_MS, this.begin - end));
  }
}
