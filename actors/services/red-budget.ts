import { RED_RING_SECONDS } from '../../proto/live/index.ts';
import type { RedKept, RedSize } from '../service/index.ts';

/** Of what the windows may have: for the figures of services, and as much for those of their operations. */
const SHARE = 1 / 8;
const LEAST_SECONDS = 10;
const SHRINK = 0.8;
/** Below this share of the bound the seconds grow again. */
const RELAXED = 0.7;

/**
 * How many seconds of RED figures are kept: the whole ring, or fewer when so many services and operations are active
 * that it would take too much memory.
 */
export class RedBudget {
  private readonly maxBytes: number;
  private readonly seconds = { whole: RED_RING_SECONDS, operations: RED_RING_SECONDS };
  usedBytes = 0;

  constructor(windowMaxBytes: number) {
    this.maxBytes = windowMaxBytes * SHARE;
  }

  /** Once a second. What to keep, when that is not all. */
  adjust(sizes: Iterable<RedSize>, nowSecond: number): RedKept | undefined {
    const bytes = { whole: 0, operations: 0 };
    for (const { whole, operations } of sizes) {
      bytes.whole += whole.bytes;
      bytes.operations += operations.bytes;
    }
    this.usedBytes = bytes.whole + bytes.operations;
    for (const part of ['whole', 'operations'] as const) {
      const seconds = this.seconds[part];
      if (bytes[part] > this.maxBytes) {
        this.seconds[part] = Math.max(LEAST_SECONDS, Math.floor(seconds * SHRINK));
      } else if (bytes[part] < this.maxBytes * RELAXED) {
        this.seconds[part] = Math.min(RED_RING_SECONDS, seconds + 1);
      }
    }
    const { whole, operations } = this.seconds;
    if (whole === RED_RING_SECONDS && operations === RED_RING_SECONDS) return undefined;
    return { whole: nowSecond - whole, operations: nowSecond - operations };
  }
}
