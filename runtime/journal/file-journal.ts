import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import type { DirectoryLock } from '../directory-lock/index.ts';
import { noDigests, noteDigest, type DigestFiles } from './digest-files.ts';
import type { Settings } from './file-journal-options.ts';
import type { AppendOutcome, Journal, JournalRecord, JournalStatistics, SealedSegment } from './journal.ts';
import {
  FILE_HEADER_BYTES,
  KEY_BYTES,
  MAX_RECORD_BYTES,
  RECORD_HEADER_BYTES,
  digestOf,
  recordBytes,
} from './record.ts';
import { recordsOf, type Recovered } from './recovery.ts';
import { SegmentFile, segmentPath } from './segment-file.ts';

interface Waiting {
  readonly record: JournalRecord;
  readonly deliver: (segment: number) => void;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (thrown: unknown) => void;
}

type Counts = { -readonly [Name in keyof Omit<JournalStatistics, 'usedBytes' | 'pendingSegments'>]: number };

/** See `openFileJournal`. */
export class FileJournal implements Journal {
  private readonly settings: Settings;
  private readonly lock: DirectoryLock;
  private readonly digestFiles: DigestFiles;
  private readonly key: Uint8Array;
  private readonly sealed: Map<number, SealedSegment>;
  private readonly listeners = new Set<(segment: SealedSegment) => void>();
  private readonly counts: Counts;
  private queue: Waiting[] = [];
  private queuedBytes = 0;
  private sealedBytes = 0;
  private nextNumber: number;
  private active: SegmentFile | undefined;
  private activeDigests = noDigests();
  private ageTimer: NodeJS.Timeout | undefined;
  private lastCommitAt = -Infinity;
  /** Everything that touches files runs in this chain, one after the other, but the removal of segments. */
  private turn: Promise<void> = Promise.resolve();
  /** Removals, one after the other. */
  private removing: Promise<void> = Promise.resolve();
  private isCommitPlanned = false;
  private closing: Promise<void> | undefined;

  constructor(
    settings: Settings,
    lock: DirectoryLock,
    digestFiles: DigestFiles,
    { segments: found, damages, key }: Recovered,
    nextNumber: number,
  ) {
    this.settings = settings;
    this.lock = lock;
    this.digestFiles = digestFiles;
    this.key = key ?? randomBytes(KEY_BYTES);
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
      releasedBytes: 0,
      tornBytes: sumOf(true),
      damagedBytes: sumOf(false),
    };
  }

  digest(record: Pick<JournalRecord, 'signal' | 'encoding' | 'bytes'>): Uint8Array {
    return digestOf(this.key, record);
  }

  append(given: JournalRecord, deliver: (segment: number) => void): Promise<AppendOutcome> {
    if (this.closing) return Promise.resolve(this.unavailable(new Error('the journal is closed')));
    const sizeBytes = recordBytes(given);
    if (sizeBytes > MAX_RECORD_BYTES) {
      return Promise.resolve(this.unavailable(new RangeError(`a record of ${sizeBytes} bytes is too large`)));
    }
    if (!this.hasRoom(given.bytes.length)) {
      this.counts.refusedFull += 1;
      return Promise.resolve({ refused: 'journal-full' });
    }
    this.queuedBytes += sizeBytes;
    const record = given.digest ? given : { ...given, digest: this.digest(given) };
    return new Promise((resolve, reject) => {
      this.queue.push({ record, deliver, resolve, reject });
      this.planCommit();
    });
  }

  hasRoom(sizeBytes: number): boolean {
    const { quotaBytes, maxQueuedBytes } = this.settings;
    const neededBytes = sizeBytes + RECORD_HEADER_BYTES;
    const usedBytes = this.usedBytes() + this.queuedBytes;
    if (this.queuedBytes > 0 && this.queuedBytes + neededBytes > maxQueuedBytes) return false;
    // An empty journal takes any record: one that is larger than the quota would else be refused for ever.
    return usedBytes + neededBytes <= quotaBytes || usedBytes <= FILE_HEADER_BYTES;
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
    const removed = this.removing.then(() => this.remove(segment));
    this.removing = removed.catch(() => undefined);
    return removed;
  }

  pending(): readonly SealedSegment[] {
    return [...this.sealed.values()];
  }

  async *read(segment: number): AsyncGenerator<JournalRecord, void, undefined> {
    if (this.sealed.has(segment)) yield* recordsOf(this.settings.directory, segment);
  }

  canRead(segment: number): boolean {
    return this.sealed.has(segment);
  }

  statistics(): JournalStatistics {
    return { ...this.counts, usedBytes: this.usedBytes(), pendingSegments: this.sealed.size };
  }

  close(): Promise<void> {
    this.closing ??= this.removing.then(() =>
      this.inTurn(async () => {
        clearTimeout(this.ageTimer);
        try {
          await this.commitAll();
          await this.active?.close();
        } finally {
          this.active = undefined;
          await this.lock.release();
        }
      }),
    );
    return this.closing;
  }

  /** Also used while opening: finds out early whether the directory can be written. */
  async openActive(): Promise<SegmentFile> {
    const { directory, durability } = this.settings;
    if (!this.active) {
      this.active = await SegmentFile.create(directory, this.nextNumber, durability, this.key);
      this.nextNumber += 1;
    }
    return this.active;
  }

  /** Commits go on meanwhile. */
  private async remove(segment: number): Promise<void> {
    const known = this.sealed.get(segment);
    if (!known) return;
    // The next number must stand in a file's name before the last one goes, or it would be given again.
    await this.inTurn(async () => {
      if (!this.closing) await this.openActive().catch(this.settings.onFailure);
    });
    await this.settings.removeFile(segmentPath(this.settings.directory, segment));
    this.sealed.delete(segment);
    this.sealedBytes -= known.sizeBytes;
    this.counts.releasedBytes += known.sizeBytes;
    await this.inTurn(() => this.digestFiles.expire((number) => this.sealed.has(number)));
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
      for (const { record } of taken) noteDigest(this.activeDigests, record);
      this.settle(taken, segment.number);
      if (this.isAtBound(segment)) await this.sealActive();
    } catch (cause) {
      this.settings.onFailure(cause);
      for (const { resolve } of taken) resolve(this.unavailable(cause));
    }
  }

  /** From the queue's front, what fits into the active segment; at least one. */
  private takeWaiting(): Waiting[] {
    const { sizeBytes = 0, itemCount = 0, recordCount = 0 } = this.active ?? {};
    const filled = { sizeBytes, itemCount, recordCount };
    let takenBytes = 0;
    let count = 0;
    for (const { record } of this.queue) {
      if (count > 0 && this.isAtBound(filled)) break;
      takenBytes += recordBytes(record);
      filled.sizeBytes += recordBytes(record);
      filled.itemCount += record.itemCount;
      filled.recordCount += 1;
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

  private isAtBound(segment: Omit<SealedSegment, 'number'>): boolean {
    const { maxSegmentBytes, maxSegmentItems, maxSegmentRecords } = this.settings;
    return (
      segment.sizeBytes >= maxSegmentBytes ||
      segment.itemCount >= maxSegmentItems ||
      segment.recordCount >= maxSegmentRecords
    );
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
    const digests = this.activeDigests;
    this.activeDigests = noDigests();
    await this.digestFiles.write(number, digests).catch(this.settings.onFailure);
    for (const listener of this.listeners) listener(sealed);
    return number;
  }
}
