import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long work may hold the event loop: with a collection of garbage in it still far below 50 ms. */
const TURN_MS = 6;
/** Items between two looks at the clock, and in a turn at most. */
const LOOK_ITEMS = 16;
const TURN_ITEMS = 1_024;

/** Work in turns of the event loop, by the clock: items may be of any size, and the machine as busy as it may be. */
export class Turns {
  private readonly signal: AbortSignal | undefined;
  private begin = performance.now();
  private items = 0;

  /** With a signal the work stops at a turn when that is aborted. */
  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /** After each item: whether it is time for `next`. */
  isOver(): boolean {
    this.items += 1;
    if (this.items % LOOK_ITEMS !== 0) return false;
    return this.items >= TURN_ITEMS || performance.now() - this.begin >= TURN_MS;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.signal?.throwIfAborted();
    this.begin = performance.now();
    this.items = 0;
  }
}
