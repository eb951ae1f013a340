import type { FileHandle } from 'node:fs/promises';

import type { JournalRecord } from './journal.ts';
import {
  FILE_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  decodeFileHeader,
  decodeRecord,
  recordSpan,
  type FileHead,
} from './record.ts';

const WINDOW_BYTES = 1024 * 1024;

/** A file read forwards through one window; a view it gives is good until the next call. */
class FileWindow {
  private buffer = Buffer.allocUnsafe(WINDOW_BYTES);
  private start = 0;
  private filled = 0;
  private readonly file: FileHandle;
  private readonly sizeBytes: number;

  constructor(file: FileHandle, sizeBytes: number) {
    this.file = file;
    this.sizeBytes = sizeBytes;
  }

  /** Up to `length` bytes from `offset`; fewer only at the file's end. */
  async view(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.min(length, Math.max(0, this.sizeBytes - offset));
    if (offset < this.start || offset + wanted > this.start + this.filled) await this.fill(offset, wanted);
    return this.buffer.subarray(offset - this.start, Math.min(offset - this.start + wanted, this.filled));
  }

  private async fill(offset: number, length: number): Promise<void> {
    if (length > this.buffer.length) this.buffer = Buffer.allocUnsafe(length);
    this.start = offset;
    this.filled = 0;
    while (this.filled < length) {
      const { bytesRead } = await this.file.read(
        this.buffer,
        this.filled,
        this.buffer.length - this.filled,
        offset + this.filled,
      );
      if (bytesRead === 0) break;
      this.filled += bytesRead;
    }
  }
}

export type SegmentPart =
  /** First, unless the file does not begin as a segment does. */
  | { readonly type: 'head'; readonly head: FileHead }
  /** `end` is where the next record begins. The record's bytes are good until the next part is asked for. */
  | { readonly type: 'record'; readonly record: JournalRecord; readonly end: number }
  /** Unreadable bytes with readable records behind them. */
  | { readonly type: 'damage'; readonly offset: number; readonly sizeBytes: number }
  /** Unreadable bytes up to the end: what a write that did not finish leaves. */
  | { readonly type: 'torn'; readonly offset: number; readonly sizeBytes: number }
  /** The file does not begin as a segment does. */
  | { readonly type: 'unknown'; readonly sizeBytes: number };

async function readRecordAt(
  window: FileWindow,
  offset: number,
  head: FileHead,
): Promise<{ record: JournalRecord; end: number } | undefined> {
  const span = recordSpan(await window.view(offset, RECORD_HEADER_BYTES), head);
  if (span === undefined) return undefined;
  const whole = await window.view(offset, span);
  if (whole.length < span) return undefined;
  const record = decodeRecord(whole, head);
  return record && { record, end: offset + span };
}

/** Where the next readable record begins, from `offset` on. */
async function findRecord(
  window: FileWindow,
  offset: number,
  sizeBytes: number,
  head: FileHead,
): Promise<number | undefined> {
  const mark = Buffer.alloc(4);
  mark.writeUInt32LE(head.salt);
  let at = offset;
  while (at + RECORD_HEADER_BYTES <= sizeBytes) {
    const view = await window.view(at, WINDOW_BYTES);
    const found = view.indexOf(mark);
    if (found < 0) {
      // The mark may stand across the end of this view.
      at += Math.max(1, view.length - mark.length + 1);
      continue;
    }
    at += found;
    if (await readRecordAt(window, at, head)) return at;
    at += 1;
  }
  return undefined;
}

/** All that a segment file holds, in order. */
export async function* readSegment(file: FileHandle): AsyncGenerator<SegmentPart, void, undefined> {
  const { size } = await file.stat();
  const window = new FileWindow(file, size);
  const head = decodeFileHeader(await window.view(0, FILE_HEADER_BYTES));
  if (!head) {
    if (size > 0) {
      const type = size < FILE_HEADER_BYTES ? 'torn' : 'unknown';
      yield type === 'torn' ? { type, offset: 0, sizeBytes: size } : { type, sizeBytes: size };
    }
    return;
  }
  yield { type: 'head', head };
  let offset = FILE_HEADER_BYTES;
  while (offset < size) {
    const found = await readRecordAt(window, offset, head);
    if (found) {
      yield { type: 'record', ...found };
      offset = found.end;
      continue;
    }
    const next = await findRecord(window, offset + 1, size, head);
    const end = next ?? size;
    yield { type: next === undefined ? 'torn' : 'damage', offset, sizeBytes: end - offset };
    offset = end;
  }
}
