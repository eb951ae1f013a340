import { randomBytes } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';

import { lockDirectory, type DirectoryLock } from '../directory-lock/index.ts';
import type { AppendOutcome, Journal, JournalRecord, JournalStatistics, SealedSegment } from './journal.ts';
import { KEY_BYTES, digestOf, recordBytes } from './record.ts';
import { recordsOf, recover, type JournalDamage } from './recovery.ts';
import { segmentPath } from './segment-file.ts';

export interface MemoryJournalOptions {
  /** Where a journal of files may have left segments: they are read and released, nothing is written. */
  readonly directory: string;
  /** Numbers begin above it. */
  readonly startAbove: number;
  readonly maxSegmentItems: number;
  readonly maxSegmentRecords?: number;
  readonly maxSegmentAgeMs: number;
  readonly onDamage?: (damage: JournalDamage) => void;
}

interface Open {
  readonly number: number;
  recordCount: number;
  itemCount: number;
  sizeBytes: number;
}

const DEFAULT_SEGMENT_RECORDS = 16_384;

/** Numbers segments and forgets what is in them: whoever wants a segment must have kept what was delivered. */
class MemoryJournal implements Journal {
  private readonly options: Required<Omit<MemoryJournalOptions, 'onDamage'>>;
  private readonly lock: DirectoryLock | undefined;
  /** On the disk. */
  private readonly leftOver: Set<number>;
  private readonly sealed: Map<number, SealedSegment>;
  private readonly listeners = new Set<(segment: SealedSegment) => void>();
  private readonly counts = {
    appendedRecords: 0,
    appendedBytes: 0,
    refusedUnavailable: 0,
    releasedBytes: 0,
  };
  private readonly key = randomBytes(KEY_BYTES);
  private nextNumber: number;
  private active: Open | undefined;
  private ageTimer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(
    options: MemoryJournalOptions,
    lock: DirectoryLock | undefined,
    found: readonly SealedSegment[],
    nextNumber: number,
  ) {
    this.options = { maxSegmentRecords: DEFAULT_SEGMENT_RECORDS, ...options };
    this.lock = lock;
    this.leftOver = new Set(found.map(({ number }) => number));
    this.sealed = new Map(found.map((segment) => [segment.number, segment]));
    this.nextNumber = nextNumber;
  }

  digest(record: Pick<JournalRecord, 'signal' | 'encoding' | 'bytes'>): Uint8Array {
    return digestOf(this.key, record);
  }

  async append(record: JournalRecord, deliver: (segment: number) => void): Promise<AppendOutcome> {
    if (this.isClosed) {
      this.counts.refusedUnavailable += 1;
      return { refused: 'journal-unavailable', cause: new Error('the journal is closed') };
    }
    const segment = this.openActive();
    segment.recordCount += 1;
    segment.itemCount += record.itemCount;
    segment.sizeBytes += recordBytes(record);
    this.counts.appendedRecords += 1;
    this.counts.appendedBytes += record.bytes.length;
    try {
      deliver(segment.number);
    } finally {
      const { maxSegmentItems, maxSegmentRecords } = this.options;
      const isAtBound = segment.itemCount >= maxSegmentItems || segment.recordCount >= maxSegmentRecords;
      if (isAtBound) this.sealActive();
    }
    return Promise.resolve({ segment: segment.number });
  }

  hasRoom(): boolean {
    return true;
  }

  seal(): Promise<number | undefined> {
    return Promise.resolve(this.sealActive());
  }

  onSealed(listener: (segment: SealedSegment) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async release(segment: number): Promise<void> {
    const known = this.sealed.get(segment);
    if (!known) return;
    this.sealed.delete(segment);
    this.counts.releasedBytes += known.sizeBytes;
    if (!this.leftOver.delete(segment)) return;
    await rm(segmentPath(this.options.directory, segment), { force: true });
  }

  pending(): readonly SealedSegment[] {
    return [...this.sealed.values()];
  }

  async *read(segment: number): AsyncGenerator<JournalRecord, void, undefined> {
    if (this.leftOver.has(segment)) yield* recordsOf(this.options.directory, segment);
    else if (this.sealed.has(segment)) throw new Error(`segment ${segment} was never written`);
  }

  canRead(segment: number): boolean {
    return this.leftOver.has(segment);
  }

  statistics(): JournalStatistics {
    let usedBytes = 0;
    for (const number of this.leftOver) usedBytes += this.sealed.get(number)?.sizeBytes ?? 0;
    return {
      ...this.counts,
      commits: this.counts.appendedRecords,
      refusedFull: 0,
      tornBytes: 0,
      damagedBytes: 0,
      usedBytes,
      pendingSegments: this.sealed.size,
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.ageTimer);
    await this.lock?.release();
  }

  private openActive(): Open {
    if (!this.active) {
      this.active = { number: this.nextNumber, recordCount: 0, itemCount: 0, sizeBytes: 0 };
      this.nextNumber += 1;
      this.ageTimer = setTimeout(() => this.sealActive(), this.options.maxSegmentAgeMs).unref();
    }
    return this.active;
  }

  private sealActive(): number | undefined {
    const segment = this.active;
    if (!segment) return undefined;
    clearTimeout(this.ageTimer);
    this.active = undefined;
    this.sealed.set(segment.number, segment);
    for (const listener of this.listeners) listener(segment);
    return segment.number;
  }
}

/**
 * A journal without durability: nothing is written, and what the process holds goes with it. Segments that a journal
 * of files left in the directory are pending and can be read. Rejects as `openFileJournal` does.
 */
export async function openMemoryJournal(options: MemoryJournalOptions): Promise<Journal> {
  const { directory, startAbove } = options;
  const isThere = await stat(directory).then(
    () => true,
    () => false,
  );
  if (!isThere) return new MemoryJournal(options, undefined, [], startAbove + 1);
  const lock = await lockDirectory(directory, 'OPHION_DATA_DIR');
  try {
    const { segments, highest, damages } = await recover(directory);
    for (const damage of damages) options.onDamage?.(damage);
    return new MemoryJournal(options, lock, segments, Math.max(highest, startAbove) + 1);
  } catch (error) {
    await lock.release();
    throw error;
  }
}
