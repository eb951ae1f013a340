import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { lockDirectory, type DirectoryLock } from '../directory-lock/index.ts';
import type {
  AppendOutcome,
  Journal,
  JournalRecord,
  JournalStatistics,
  ReplayedRecord,
  SealedSegment,
} from './journal.ts';
import { MAX_RECORD_BYTES } from './record.ts';
import { recover, replaySegment, type JournalDamage } from './recovery.ts';
import { SegmentFile, recordBytes, segmentPath, type Durability } from './segment-file.ts';

export interface FileJournalOptions {
  readonly directory: string;
  readonly durability?: Durability;
  /** Least time between the starts of two commits, 0 to 5 ms: what comes meanwhile shares one write and one sync. */
  readonly commitIntervalMs?: number;
  readonly maxSegmentBytes?: number;
  readonly maxSegmentItems?: number;
  /** From a segment's first record. Every segment costs the archive ≈ 0.1 s of CPU, however small. */
  readonly maxSegmentAgeMs?: number;
  /** Of all unreleased segments together; at the quota appends are refused. */
  readonly quotaBytes?: number;
  /** Of records that wait to be written; beyond it appends are refused. */
  readonly maxQueuedBytes?: number;
  /** Numbers begin above it: the highest segment the archive knows. */
  readonly startAbove?: number;
  /** Told of every place that could not be read, while opening. */
  readonly onDamage?: (damage: JournalDamage) => void;
  /** Told when a write or the removal of a file fails. */
  readonly onFailure?: (cause: unknown) => void;
}

const DEFAULTS = {
  durability: 'fsync',
  commitIntervalMs: 2,
  maxSegmentBytes: 256 * 1024 * 1024,
  maxSegmentItems: 320_000,
  maxSegmentAgeMs: 30_000,
  quotaBytes: 8 * 1024 * 1024 * 1024,
  maxQueuedBytes: 256 * 1024 * 1024,
  startAbove: 0,
  onDamage: () => undefined,
  onFailure: () => undefined,
} satisfies Omit<FileJournalOptions, 'directory'>;

type Settings = Required<FileJournalOptions>;

interface Waiting {
  readonly record: JournalRecord;
  readonly deliver: (segment: number) => void;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (thrown: unknown) => void;
}

type Counts = { -readonly [Name in keyof Omit<JournalStatistics, 'usedBytes' | 'pendingSegments'>]: number };

class FileJournal implements Journal {
  private readonly settings: Settings;
  private readonly lock: DirectoryLock;
  private readonly found: readonly number[];
  private readonly sealed: Map<number, SealedSegment>;
  private readonly listeners = new Set<(segment: SealedSegment) => void>();
  private readonly counts: Counts;
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private sealedBytes = 0;
  private nextNumber: number;
  private active: SegmentFile | undefined;
  private ageTimer: NodeJS.Timeout | undefined;
  private lastCommitAt = -Infinity;
  /** Everything that touches files runs in this chain, one after the other. */
  private turn: Promise<void> = Promise.resolve();
  private isCommitPlanned = false;
  private closing: Promise<void> | undefined;

  constructor(
    settings: Settings,
    lock: DirectoryLock,
    found: readonly SealedSegment[],
    nextNumber: number,
    damages: readonly JournalDamage[],
  ) {
    this.settings = settings;
    this.lock = lock;
    this.found = found.map(({ number }) => number);
    this.sealed = new Map(found.map((segment) => [segment.number, segment]));
    this.sealedBytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.nextNumber = nextNumber;
    const sumOf = (isTorn: boolean): number =>
      damages.reduce(
        (sum, { type, sizeBytes }) => ((type === 'torn-tail-cut') === isTorn ? sum + sizeBytes : sum),
        0,
      );
    this.counts = {
      appendedRecords: 0,
      appendedBytes: 0,
      commits: 0,
      refusedFull: 0,
      refusedUnavailable: 0,
      tornBytes: sumOf(true),
      damagedBytes: sumOf(false),
    };
  }

  append(record: JournalRecord, deliver: (segment: number) => void): Promise<AppendOutcome> {
    if (this.closing) return Promise.resolve(this.unavailable(new Error('the journal is closed')));
    const sizeBytes = recordBytes(record);
    if (sizeBytes > MAX_RECORD_BYTES) {
      return Promise.resolve(this.unavailable(new RangeError(`a record of ${sizeBytes} bytes is too large`)));
    }
    const { quotaBytes, maxQueuedBytes } = this.settings;
    const isFull = this.usedBytes() + this.queuedBytes + sizeBytes > quotaBytes;
    if (isFull || this.queuedBytes + sizeBytes > maxQueuedBytes) {
      this.counts.refusedFull += 1;
      return Promise.resolve({ refused: 'journal-full' });
    }
    this.queuedBytes += sizeBytes;
    return new Promise((resolve, reject) => {
      this.queue.push({ record, deliver, resolve, reject });
      this.planCommit();
    });
  }

  seal(): Promise<number | undefined> {
    return this.inTurn(async () => {
      await this.commitAll();
      return this.sealActive();
    });
  }

  onSealed(listener: (segment: SealedSegment) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  release(segment: number): Promise<void> {
    return this.inTurn(async () => {
      const known = this.sealed.get(segment);
      if (!known) return;
      // The next number must stand in a file's name before the last one goes, or it would be given again.
      if (!this.closing) await this.openActive().catch(this.settings.onFailure);
      await rm(segmentPath(this.settings.directory, segment), { force: true });
      this.sealed.delete(segment);
      this.sealedBytes -= known.sizeBytes;
    });
  }

  pending(): readonly SealedSegment[] {
    return [...this.sealed.values()];
  }

  async *replay(): AsyncGenerator<ReplayedRecord, void, undefined> {
    for (const segment of this.found) {
      if (this.sealed.has(segment)) yield* replaySegment(this.settings.directory, segment);
    }
  }

  statistics(): JournalStatistics {
    return { ...this.counts, usedBytes: this.usedBytes(), pendingSegments: this.sealed.size };
  }

  close(): Promise<void> {
    this.closing ??= this.inTurn(async () => {
      clearTimeout(this.ageTimer);
      try {
        await this.commitAll();
        await this.active?.close();
      } finally {
        this.active = undefined;
        await this.lock.release();
      }
    });
    return this.closing;
  }

  /** Also used while opening: finds out early whether the directory can be written. */
  async openActive(): Promise<SegmentFile> {
    const { directory, durability } = this.settings;
    if (!this.active) {
      this.active = await SegmentFile.create(directory, this.nextNumber, durability);
      this.nextNumber += 1;
    }
    return this.active;
  }

  private usedBytes(): number {
    return this.sealedBytes + (this.active?.sizeBytes ?? 0);
  }

  private unavailable(cause: unknown): AppendOutcome {
    this.counts.refusedUnavailable += 1;
    return { refused: 'journal-unavailable', cause };
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  private planCommit(): void {
    if (this.isCommitPlanned) return;
    this.isCommitPlanned = true;
    void this.inTurn(async () => {
      const waitMs = this.lastCommitAt + this.settings.commitIntervalMs - performance.now();
      if (waitMs > 0 && !this.closing) await sleep(waitMs);
      this.isCommitPlanned = false;
      await this.commitAll();
    });
  }

  private async commitAll(): Promise<void> {
    while (this.queue.length > 0) await this.commitOnce();
  }

  private async commitOnce(): Promise<void> {
    this.lastCommitAt = performance.now();
    const taken = this.takeWaiting();
    try {
      const segment = await this.openActive();
      const wasEmpty = segment.recordCount === 0;
      await segment.write(taken.map(({ record }) => record));
      this.counts.commits += 1;
      if (wasEmpty) this.startAge();
      this.settle(taken, segment.number);
      if (this.isAtBound(segment)) await this.sealActive();
    } catch (cause) {
      this.settings.onFailure(cause);
      for (const { resolve } of taken) resolve(this.unavailable(cause));
    }
  }

  /** From the queue's front, what fits into the active segment; at least one. */
  private takeWaiting(): Waiting[] {
    const { maxSegmentBytes, maxSegmentItems } = this.settings;
    let sizeBytes = this.active?.sizeBytes ?? 0;
    let items = this.active?.itemCount ?? 0;
    let takenBytes = 0;
    let count = 0;
    for (const { record } of this.queue) {
      if (count > 0 && (sizeBytes >= maxSegmentBytes || items >= maxSegmentItems)) break;
      sizeBytes += recordBytes(record);
      takenBytes += recordBytes(record);
      items += record.itemCount;
      count += 1;
    }
    this.queuedBytes -= takenBytes;
    if (count === this.queue.length) {
      const all = this.queue;
      this.queue = [];
      return all;
    }
    return this.queue.splice(0, count);
  }

  private settle(taken: readonly Waiting[], segment: number): void {
    for (const { record, deliver, resolve, reject } of taken) {
      this.counts.appendedRecords += 1;
      this.counts.appendedBytes += record.bytes.length;
      try {
        deliver(segment);
        resolve({ segment });
      } catch (thrown) {
        reject(thrown);
      }
    }
  }

  private isAtBound(segment: SegmentFile): boolean {
    const { maxSegmentBytes, maxSegmentItems } = this.settings;
    return segment.sizeBytes >= maxSegmentBytes || segment.itemCount >= maxSegmentItems;
  }

  private startAge(): void {
    clearTimeout(this.ageTimer);
    this.ageTimer = setTimeout(() => {
      void this.inTurn(() => this.sealActive());
    }, this.settings.maxSegmentAgeMs).unref();
  }

  private async sealActive(): Promise<number | undefined> {
    const segment = this.active;
    if (!segment || segment.recordCount === 0) return undefined;
    clearTimeout(this.ageTimer);
    const { number, recordCount, itemCount, sizeBytes } = segment;
    const sealed = { number, recordCount, itemCount, sizeBytes };
    this.active = undefined;
    this.sealed.set(number, sealed);
    this.sealedBytes += sizeBytes;
    await segment.close().catch(this.settings.onFailure);
    for (const listener of this.listeners) listener(sealed);
    return number;
  }
}

/**
 * Opens a journal of files in a directory, which one process may use at a time. Segments found there are sealed and
 * wait to be replayed and released. Rejects with `DirectoryInUseError`, or the file system's error.
 */
export async function openFileJournal(options: FileJournalOptions): Promise<Journal> {
  const settings: Settings = { ...DEFAULTS, ...options };
  const { directory, durability, startAbove, onDamage } = settings;
  const lock = await lockDirectory(directory, 'OPHION_DATA_DIR');
  try {
    const { segments, emptyLast, highest, damages } = await recover(directory);
    for (const damage of damages) onDamage(damage);
    // Without sync an empty file may have held records that were delivered: its number is not given again.
    const mayReuse = emptyLast !== undefined && durability === 'fsync' && emptyLast > startAbove;
    const nextNumber = mayReuse ? emptyLast : Math.max(highest, startAbove) + 1;
    const journal = new FileJournal(settings, lock, segments, nextNumber, damages);
    await journal.openActive();
    if (emptyLast !== undefined && !mayReuse) await rm(segmentPath(directory, emptyLast), { force: true });
    return journal;
  } catch (error) {
    await lock.release();
    throw error;
  }
}
