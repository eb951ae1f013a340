import type { AnyBatch, ServiceBatch } from '../../proto/columns/index.ts';
import type { SegmentSource } from '../ports/index.ts';

/** The memory that windows and archive share. */
export interface ArchiveMemory {
  /** The batches of this segment cannot be freed just now. */
  pin(segment: number | undefined): void;
  /** Bytes that are held beside the windows; negative when they are given back. */
  borrow(bytes: number): void;
  sizeOf(batch: AnyBatch): number;
}

/** A segment read again for the archive, charged to the memory that the windows have as long as it is held. */
export class SegmentLoad {
  private readonly source: SegmentSource;
  private readonly memory: ArchiveMemory;
  private heldBytes = 0;

  constructor({ source, memory }: { readonly source: SegmentSource; readonly memory: ArchiveMemory }) {
    this.source = source;
    this.memory = memory;
  }

  /** All of a segment; `inMemory` where there is no other place. */
  async batchesOf(segment: number, inMemory: readonly ServiceBatch[]): Promise<readonly ServiceBatch[]> {
    if (!this.source.has(segment)) return inMemory;
    const all: ServiceBatch[] = [];
    for await (const batches of this.source.read(segment)) {
      let bytes = 0;
      for (const { batch } of batches) bytes += this.memory.sizeOf(batch as AnyBatch);
      this.memory.borrow(bytes);
      this.heldBytes += bytes;
      for (const each of batches) all.push(each);
    }
    return all;
  }

  giveBack(): void {
    this.memory.borrow(-this.heldBytes);
    this.heldBytes = 0;
  }
}
