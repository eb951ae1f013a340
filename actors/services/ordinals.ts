import type { Signal } from '../../proto/columns/index.ts';

/** Requests of a segment may still come when the next one has begun; not so long after. */
const SEGMENTS_KEPT = 8;

/**
 * Numbers the items of each segment and signal in the order they came. The archive numbers them in the same order, so
 * that an item has one number wherever it is.
 */
export class Ordinals {
  private readonly counts = new Map<number, Record<Signal, number>>();

  /** The number of the first of these items. */
  take(segment: number, signal: Signal, items: number): number {
    let counts = this.counts.get(segment);
    if (!counts) {
      counts = { traces: 0, metrics: 0, logs: 0 };
      this.counts.set(segment, counts);
      this.counts.delete(segment - SEGMENTS_KEPT);
    }
    const first = counts[signal];
    counts[signal] += items;
    return first;
  }
}
