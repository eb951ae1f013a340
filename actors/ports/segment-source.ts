import type { ServiceBatch } from '../../proto/columns/index.ts';

/** Where the batches of a durable segment can be had again once they are no longer in memory. */
export interface SegmentSource {
  /** Request by request, in the order they were accepted. Rejects when the segment cannot be read just now. */
  read(segment: number): AsyncIterable<readonly ServiceBatch[]>;
  /** False where memory is the only place. */
  has(segment: number): boolean;
}
