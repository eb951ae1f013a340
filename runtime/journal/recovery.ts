import { open, rename, rm } from 'node:fs/promises';

import type { ReplayedRecord, SealedSegment } from './journal.ts';
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

interface Recovered {
  readonly segments: readonly SealedSegment[];
  /** Number of an empty last segment; what was cut from it was never acknowledged. */
  readonly emptyLast: number | undefined;
  readonly highest: number;
  readonly damages: readonly JournalDamage[];
}

interface Inspection {
  readonly segment: SealedSegment;
  readonly damages: readonly JournalDamage[];
}

/** Reads a segment through, and cuts off a torn tail. */
async function inspect(directory: string, number: number): Promise<Inspection> {
  const path = segmentPath(directory, number);
  const file = await open(path, 'r+');
  const damages: JournalDamage[] = [];
  let recordCount = 0;
  let itemCount = 0;
  try {
    for await (const part of readSegment(file)) {
      if (part.type === 'record') {
        recordCount += 1;
        itemCount += part.record.itemCount;
      } else damages.push(await repair(part, number, path, file));
    }
    const { size: sizeBytes } = await file.stat();
    return { segment: { number, recordCount, itemCount, sizeBytes }, damages };
  } finally {
    await file.close();
  }
}

async function repair(
  part: Exclude<SegmentPart, { type: 'record' }>,
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
export async function recover(directory: string): Promise<Recovered> {
  const numbers = await segmentNumbers(directory);
  const highest = numbers.at(-1) ?? 0;
  const segments: SealedSegment[] = [];
  const damages: JournalDamage[] = [];
  let emptyLast: number | undefined;
  for (const number of numbers) {
    const { segment, damages: found } = await inspect(directory, number);
    damages.push(...found);
    if (segment.recordCount > 0) segments.push(segment);
    else if (found.some(({ type }) => type !== 'torn-tail-cut')) continue;
    else if (number === highest) emptyLast = number;
    else await rm(segmentPath(directory, number), { force: true });
  }
  if (damages.length > 0) await syncDirectory(directory);
  return { segments, emptyLast, highest, damages };
}

/** Records of one segment, their bytes copied. */
export async function* replaySegment(
  directory: string,
  segment: number,
): AsyncGenerator<ReplayedRecord, void, undefined> {
  const file = await open(segmentPath(directory, segment), 'r');
  try {
    for await (const part of readSegment(file)) {
      if (part.type !== 'record') continue;
      yield { ...part.record, segment, bytes: Uint8Array.from(part.record.bytes) };
    }
  } finally {
    await file.close();
  }
}
