import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import { DIGEST_BYTES, type JournalRecord } from './journal.ts';
import { segmentNumbers } from './segment-file.ts';

/*
 * Beside each sealed segment, a file of the digests of its requests, which stays for a while when the segment is gone:
 * a client may send a request again whose reply it never got. All little-endian.
 *
 *   magic u32 · crc32 u32 of all that follows · newest request f64 (ms) · digests, 16 bytes each
 *
 * A file that cannot be read is thrown away: nothing but a client's retry would go unrecognised.
 */

const MAGIC = 0x444a504f;
const HEADER_BYTES = 16;

/** Of one segment, while it is written. */
export interface SegmentDigests {
  newestUnixMs: number;
  readonly digests: Uint8Array[];
}

function pathOf(directory: string, segment: number): string {
  return join(directory, `${String(segment).padStart(16, '0')}.digests`);
}

export function noDigests(): SegmentDigests {
  return { newestUnixMs: 0, digests: [] };
}

/** Copies the digest. */
export function noteDigest(into: SegmentDigests, { digest, receivedAtUnixMs }: JournalRecord): void {
  if (!digest) return;
  into.digests.push(Uint8Array.from(digest));
  into.newestUnixMs = Math.max(into.newestUnixMs, receivedAtUnixMs);
}

export interface DigestFilesOptions {
  readonly directory: string;
  /** After its newest request, a released segment's digests stay for so long. */
  readonly keepMs: number;
  /** Of all files together. The oldest go first. */
  readonly maxDigests: number;
  readonly isSynced: boolean;
  /** Unix ms. */
  readonly now: () => number;
}

/** The digest files of a journal's directory. One call at a time. */
export class DigestFiles {
  private readonly options: DigestFilesOptions;
  /** By segment, oldest first. */
  private readonly known = new Map<number, { readonly newestUnixMs: number; readonly count: number }>();

  constructor(options: DigestFilesOptions) {
    this.options = options;
  }

  /** Those of segments that are gone, oldest first; what is too old or unreadable is removed. */
  async *readReleased(
    unreleased: ReadonlySet<number>,
  ): AsyncGenerator<SegmentDigests & { readonly segment: number }, void, undefined> {
    for (const segment of await segmentNumbers(this.options.directory, 'digests')) {
      // Those of segments that are still there are found in them.
      if (unreleased.has(segment)) continue;
      const found = await this.read(segment);
      if (!found) {
        await rm(pathOf(this.options.directory, segment), { force: true });
        continue;
      }
      this.known.set(segment, { newestUnixMs: found.newestUnixMs, count: found.digests.length });
      yield { segment, ...found };
    }
  }

  async write(segment: number, { newestUnixMs, digests }: SegmentDigests): Promise<void> {
    if (digests.length === 0 || this.options.keepMs === 0) return;
    const bytes = Buffer.concat([Buffer.alloc(HEADER_BYTES), ...digests]);
    bytes.writeUInt32LE(MAGIC, 0);
    bytes.writeDoubleLE(newestUnixMs, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
    const file = await open(pathOf(this.options.directory, segment), 'w', 0o600);
    try {
      await file.writeFile(bytes);
      if (this.options.isSynced) await file.datasync();
    } finally {
      await file.close();
    }
    this.known.set(segment, { newestUnixMs, count: digests.length });
  }

  /** Removes those of released segments that are too old or too many. */
  async expire(isUnreleased: (segment: number) => boolean): Promise<void> {
    let total = 0;
    for (const { count } of this.known.values()) total += count;
    const oldestMs = this.options.now() - this.options.keepMs;
    for (const [segment, { newestUnixMs, count }] of this.known) {
      if (isUnreleased(segment) || (newestUnixMs >= oldestMs && total <= this.options.maxDigests)) return;
      await rm(pathOf(this.options.directory, segment), { force: true });
      this.known.delete(segment);
      total -= count;
    }
  }

  private async read(segment: number): Promise<SegmentDigests | undefined> {
    const bytes = await readFile(pathOf(this.options.directory, segment));
    const isWhole =
      bytes.length >= HEADER_BYTES &&
      bytes.readUInt32LE(0) === MAGIC &&
      bytes.readUInt32LE(4) === crc32(bytes.subarray(8));
    if (!isWhole) return undefined;
    const newestUnixMs = bytes.readDoubleLE(8);
    if (newestUnixMs < this.options.now() - this.options.keepMs) return undefined;
    const digests: Uint8Array[] = [];
    for (let at = HEADER_BYTES; at + DIGEST_BYTES <= bytes.length; at += DIGEST_BYTES) {
      digests.push(bytes.subarray(at, at + DIGEST_BYTES));
    }
    return { newestUnixMs, digests };
  }
}
