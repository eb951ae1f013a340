import { rm } from 'node:fs/promises';

import type { FoundDigest } from './journal.ts';
import type { JournalDamage } from './recovery.ts';
import type { Durability } from './segment-file.ts';

export interface FileJournalOptions {
  readonly directory: string;
  readonly durability?: Durability;
  /** Least time between the starts of two commits, 0 to 5 ms: what comes meanwhile shares one write and one sync. */
  readonly commitIntervalMs?: number;
  readonly maxSegmentBytes?: number;
  readonly maxSegmentItems?: number;
  /** A batch of one row takes several KB once it is decoded, and a segment may be decoded as a whole. */
  readonly maxSegmentRecords?: number;
  /** From a segment's first record. Every segment costs the archive ≈ 0.1 s of CPU, however small. */
  readonly maxSegmentAgeMs?: number;
  /** Of all unreleased segments together; at the quota appends are refused. */
  readonly quotaBytes?: number;
  /** Of records that wait to be written; beyond it appends are refused. */
  readonly maxQueuedBytes?: number;
  /** The highest segment the archive knows to be complete: numbers begin above it. */
  readonly startAbove?: number;
  /** So long after a request its digest is kept, though its segment be released; 0: not at all. */
  readonly keepDigestsMs?: number;
  /** Of released segments. */
  readonly maxKeptDigests?: number;
  /** Unix ms. */
  readonly now?: () => number;
  /** Removes the file of a segment that is released, if it is there: of a large one that takes the file system some 0.1 s. */
  readonly removeFile?: (path: string) => Promise<void>;
  /** Told of every request that may come again, oldest first, while opening. */
  readonly onDigest?: (found: FoundDigest) => void;
  /** Bytes of segments read so far and in all, while opening. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Told of every place that could not be read, while opening. */
  readonly onDamage?: (damage: JournalDamage) => void;
  /** Told when a write or the removal of a file fails. */
  readonly onFailure?: (cause: unknown) => void;
}

export const DEFAULTS = {
  durability: 'fsync',
  commitIntervalMs: 2,
  maxSegmentBytes: 256 * 1024 * 1024,
  maxSegmentItems: 320_000,
  maxSegmentRecords: 16_384,
  maxSegmentAgeMs: 30_000,
  quotaBytes: 8 * 1024 * 1024 * 1024,
  maxQueuedBytes: 256 * 1024 * 1024,
  startAbove: 0,
  keepDigestsMs: 0,
  maxKeptDigests: 2 ** 20,
  now: Date.now,
  removeFile: (path: string) => rm(path, { force: true }),
  onDigest: () => undefined,
  onProgress: () => undefined,
  onDamage: () => undefined,
  onFailure: () => undefined,
} satisfies Omit<FileJournalOptions, 'directory'>;

export type Settings = Required<FileJournalOptions>;
