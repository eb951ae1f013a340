import type { ServiceBatch } from '../../proto/columns/index.ts';

/** All that one journal segment holds, in the order it was accepted. */
export interface ArchiveSegment {
  /** Positive; grows by one from segment to segment over the life of the installation. */
  readonly number: number;
  readonly batches: readonly ServiceBatch[];
}

/** The cold tier, as its one writer sees it. */
export interface TelemetryArchive {
  /** Highest segment that is completely archived; 0 on a new installation. */
  archivedThrough(): Promise<number>;
  /**
   * Writes a segment: all its tables, then the mark that it is complete. Segments come in order, one at a time.
   * Idempotent: a segment given again (after a crash or a failed call) doubles no row. Rejects with
   * `StorageUnavailableError` when the store cannot be reached or refuses; the caller tries again later.
   */
  insert(segment: ArchiveSegment): Promise<void>;
}
