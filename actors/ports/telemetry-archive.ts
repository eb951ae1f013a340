import type { ServiceBatch } from '../../proto/columns/index.ts';

/** All that one journal segment holds, in the order it was accepted. */
export interface ArchiveSegment {
  /** Positive; grows by one from segment to segment over the life of the installation. */
  readonly number: number;
  readonly batches: readonly ServiceBatch[];
}

/** A segment in the form in which the store takes it. */
export interface PreparedSegment {
  /**
   * Writes all its tables, then the mark that it is complete. Segments come in order, one at a time. Idempotent: called
   * again (or prepared again, after a crash) it doubles no row. Rejects with `StorageUnavailableError` when the store
   * cannot be reached or refuses: the caller tries again later; with `PreparedSegmentGoneError` when it must be prepared again.
   */
  insert(): Promise<void>;
}

/** The cold tier, as its one writer sees it. */
export interface TelemetryArchive {
  /** Highest segment that is completely archived; 0 on a new installation. */
  archivedThrough(): Promise<number>;
  /**
   * Once it resolves, the segment's batches are needed no more. Segments come in order, one at a time; the one before may
   * be on its way into the store meanwhile. Rejects with `StorageUnavailableError`, too, or with what kept it from being written down.
   */
  prepare(segment: ArchiveSegment): Promise<PreparedSegment>;
}

/** Both steps, one after the other. */
export async function insertSegment(archive: TelemetryArchive, segment: ArchiveSegment): Promise<void> {
  const prepared = await archive.prepare(segment);
  await prepared.insert();
}
