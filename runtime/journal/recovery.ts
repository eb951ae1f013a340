import { open, rename, rm, stat } from 'node:fs/promises';

import { noDigests, noteDigest, type SegmentDigests } from './digest-files.ts';
import type { JournalRecord, SealedSegment } from './journal.ts';
import { readSegment, type SegmentPart } from './segment-reader.ts';
import { segmentNumbers, segmentPath, syncDirectory } from './segment-file.ts';

/** What was not as it should be in a segment file. `bytes` are lost, or were never acknowledged when torn. */
export type JournalDamage =
  | {
      readonly type: 'torn-tail-cut';
      readonly segment: number;
      readonly offset: number;
      readonly sizeBytes: number;
    }
  | {
      readonly type: 'records-damaged';
      readonly segment: number;
      readonly offset: number;
      readonly sizeBytes: number;
    }
  | {
      readonly type: 'segment-set-aside';
      readonly segment: number;
      readonly path: string;
      readonly sizeBytes: number;
    };

export interface Recovered {
  readonly segments: readonly SealedSegment[];
  /** Number of an empty last segment; what was cut from it was never acknowledged. */
  readonly emptyLast: number | undefined;
  readonly highest: number;
  /** Of the newest segment: what requests are known by. */
  readonly key: Uint8Array | undefined;
  readonly damages: readonly JournalDamage[];
}

interface Inspection {
  readonly segment: SealedSegment;
  readonly damages: readonly JournalDamage[];
  readonly digests: SegmentDigests;
  readonly key: Uint8Array | undefined;
}

export interface RecoveryListener {
  /** A segment that was found, and what its requests are known by. In order. */
  onSegment?(segment: SealedSegment, digests: SegmentDigests): Promise<void> | void;
  /** Bytes of segments that were read so far, and in all. */
  onProgress?(doneBytes: number, totalBytes: number): void;
}

/** Reads a segment through, and cuts off a torn tail. */
async function inspect(
  directory: string,
  number: number,
  onProgress: (offset: number) => void,
): Promise<Inspection> {
  const path = segmentPath(directory, number);
  const file = await open(path, 'r+');
  const damages: JournalDamage[] = [];
  const digests = noDigests();
  let recordCount = 0;
  let itemCount = 0;
  let key: Uint8Array | undefined;
  try {
    for await (const part of readSegment(file)) {
      if (part.type === 'record') {
        recordCount += 1;
        itemCount += part.record.itemCount;
        noteDigest(digests, part.record);
        onProgress(part.end);
      } else if (part.type === 'head') key = part.head.key;
      else damages.push(await repair(part, number, path, file));
    }
    const { size: sizeBytes } = await file.stat();
    return { segment: { number, recordCount, itemCount, sizeBytes }, damages, digests, key };
  } finally {
    await file.close();
  }
}

async function repair(
  part: Exclude<SegmentPart, { type: 'record' | 'head' }>,
  segment: number,
  path: string,
  file: { truncate(length: number): Promise<void>; sync(): Promise<void> },
): Promise<JournalDamage> {
  const { sizeBytes } = part;
  switch (part.type) {
    case 'torn':
      await file.truncate(part.offset);
      await file.sync();
      return { type: 'torn-tail-cut', segment, offset: part.offset, sizeBytes };
    case 'damage':
      return { type: 'records-damaged', segment, offset: part.offset, sizeBytes };
    case 'unknown': {
      const aside = `${path}.damaged`;
      await rename(path, aside);
      return { type: 'segment-set-aside', segment, path: aside, sizeBytes };
    }
  }
}

/** Finds the segments of a directory and mends what an unfinished write left; removes empty segments but the last. */
export async function recover(directory: string, listener: RecoveryListener = {}): Promise<Recovered> {
  const numbers = await segmentNumbers(directory);
  const totalBytes = await sizeOf(directory, numbers);
  let doneBytes = 0;
  const highest = numbers.at(-1) ?? 0;
  const segments: SealedSegment[] = [];
  const damages: JournalDamage[] = [];
  let emptyLast: number | undefined;
  let key: Uint8Array | undefined;
  for (const number of numbers) {
    const {
      segment,
      damages: found,
      digests,
      key: itsKey,
    } = await inspect(directory, number, (offset) => listener.onProgress?.(doneBytes + offset, totalBytes));
    doneBytes += segment.sizeBytes;
    key = itsKey ?? key;
    damages.push(...found);
    if (segment.recordCount > 0) {
      segments.push(segment);
      await listener.onSegment?.(segment, digests);
    } else if (found.some(({ type }) => type !== 'torn-tail-cut')) continue;
    else if (number === highest) emptyLast = number;
    else await rm(segmentPath(directory, number), { force: true });
  }
  if (damages.length > 0) await syncDirectory(directory);
  return { segments, emptyLast, highest, key, damages };
}

async function sizeOf(directory: string, numbers: readonly number[]): Promise<number> {
  let total = 0;
  for (const number of numbers) total += (await stat(segmentPath(directory, number))).size;
  return total;
}

/** Records of one segment. Their bytes are good until the next is asked for. */
export async function* recordsOf(
  directory: string,
  segment: number,
): AsyncGenerator<JournalRecord, void, undefined> {
  const file = await open(segmentPath(directory, segment), 'r');
  try {
    for await (const part of readSegment(file)) if (part.type === 'record') yield part.record;
  } finally {
    await file.close();
  }
}
