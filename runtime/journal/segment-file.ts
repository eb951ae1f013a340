import { randomInt } from 'node:crypto';
import { constants, open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { writeParts } from '../files/index.ts';
import type { JournalRecord } from './journal.ts';
import {
  FILE_HEADER_BYTES,
  encodeFileHeader,
  encodeRecordHeader,
  recordBytes,
  type FileHead,
} from './record.ts';

/**
 * - `fsync`: a record is on the disk before it is delivered; survives loss of power.
 * - `os`: it is in the operating system's cache; survives the end of the process.
 */
export type Durability = 'fsync' | 'os';

export function segmentPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(16, '0')}.segment`);
}

/** Numbers of the files of one kind in a directory, lowest first. */
export async function segmentNumbers(directory: string, kind = 'segment'): Promise<readonly number[]> {
  const names = await readdir(directory);
  return names
    .map((name) => /^(\d{16})\.([a-z]+)$/.exec(name))
    .flatMap((match) => (match?.[2] === kind ? Number(match[1]) : []))
    .sort((a, b) => a - b);
}

/** Makes created, renamed and removed files of a directory last. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Linux writes and syncs in one call if told so when a file is opened: one way to libuv's threads and back less for each
 * commit. Elsewhere this may stop at the disk's own cache, where datasync does not.
 */
export const SYNCS_WHILE_WRITING = process.platform === 'linux';
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/** The segment file being written. One call at a time. */
export class SegmentFile {
  readonly number: number;
  recordCount = 0;
  itemCount = 0;
  /** Up to here the file is good. */
  sizeBytes = FILE_HEADER_BYTES;
  private readonly file: FileHandle;
  private readonly head: FileHead;
  private readonly durability: Durability;
  private hasLooseEnd = false;

  private constructor(number: number, file: FileHandle, head: FileHead, durability: Durability) {
    this.number = number;
    this.file = file;
    this.head = head;
    this.durability = durability;
  }

  /** The file and its name are on the disk when this resolves, so that its number is never given again. */
  static async create(
    directory: string,
    number: number,
    durability: Durability,
    key: Uint8Array,
  ): Promise<SegmentFile> {
    const head = { salt: randomInt(2 ** 32), key };
    const flags = syncsWhileWriting(durability) ? NEW_FILE | constants.O_DSYNC : NEW_FILE;
    // Not O_EXCL: what an earlier attempt left behind holds no record.
    const file = await open(segmentPath(directory, number), flags, 0o600);
    try {
      await file.write(encodeFileHeader(head));
      await file.sync();
      await syncDirectory(directory);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new SegmentFile(number, file, head, durability);
  }

  /** Writes records as one, or none of them. */
  async write(records: readonly JournalRecord[]): Promise<void> {
    await this.writeThrough(records);
    for (const record of records) {
      this.recordCount += 1;
      this.itemCount += record.itemCount;
      this.sizeBytes += recordBytes(record);
    }
  }

  async close(): Promise<void> {
    try {
      if (this.hasLooseEnd) await this.cutLooseEnd();
    } finally {
      await this.file.close();
    }
  }

  private async writeThrough(records: readonly JournalRecord[]): Promise<void> {
    if (this.hasLooseEnd) await this.cutLooseEnd();
    const parts = records.flatMap((record) => [encodeRecordHeader(record, this.head), record.bytes]);
    try {
      this.hasLooseEnd = true;
      await writeParts(this.file, parts, this.sizeBytes);
      if (this.durability === 'fsync' && !SYNCS_WHILE_WRITING) await this.file.datasync();
      this.hasLooseEnd = false;
    } catch (error) {
      // Cut now if that works (it gives a full disk air), else before the next write.
      await this.cutLooseEnd().catch(() => undefined);
      throw error;
    }
  }

  private async cutLooseEnd(): Promise<void> {
    await this.file.truncate(this.sizeBytes);
    if (this.durability === 'fsync') await this.file.datasync();
    this.hasLooseEnd = false;
  }
}

function syncsWhileWriting(durability: Durability): boolean {
  return durability === 'fsync' && SYNCS_WHILE_WRITING;
}
