import { crc32 } from 'node:zlib';

import { SIGNALS } from '../../proto/columns/index.ts';
import { ENCODINGS, type JournalRecord } from './journal.ts';

/*
 * A segment file is a file header and records, all little-endian.
 *
 *   file header: magic u32 · version u32 · salt u32 · crc32 u32 of the 12 bytes before
 *   record:      salt u32 · crc32 u32 of all that follows · length of bytes u32 · items u32 ·
 *                received f64 (ms) · signal u8 · encoding u8 · zero u16 · bytes
 *
 * A record's crc32 starts from the file's random salt, too: a request cannot hold bytes that pass for a record.
 */

export const FILE_HEADER_BYTES = 16;
export const RECORD_HEADER_BYTES = 28;
/** Longer lengths are taken for damage. */
export const MAX_RECORD_BYTES = 0x2000_0000;

const FILE_MAGIC = 0x4a48504f;
const FILE_VERSION = 1;

export function encodeFileHeader(salt: number): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(FILE_MAGIC, 0);
  header.writeUInt32LE(FILE_VERSION, 4);
  header.writeUInt32LE(salt, 8);
  header.writeUInt32LE(crc32(header.subarray(0, 12)), 12);
  return header;
}

/** The file's salt; undefined when these are not the first bytes of a segment file. */
export function decodeFileHeader(header: Buffer): number | undefined {
  if (header.length < FILE_HEADER_BYTES) return undefined;
  const isKnown = header.readUInt32LE(0) === FILE_MAGIC && header.readUInt32LE(4) === FILE_VERSION;
  return isKnown && header.readUInt32LE(12) === crc32(header.subarray(0, 12))
    ? header.readUInt32LE(8)
    : undefined;
}

export function encodeRecordHeader(record: JournalRecord, salt: number): Buffer {
  const header = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  header.writeUInt32LE(salt, 0);
  header.writeUInt32LE(record.bytes.length, 8);
  header.writeUInt32LE(record.itemCount, 12);
  header.writeDoubleLE(record.receivedAtUnixMs, 16);
  header.writeUInt8(SIGNALS.indexOf(record.signal), 24);
  header.writeUInt8(ENCODINGS.indexOf(record.encoding), 25);
  header.writeUInt16LE(0, 26);
  header.writeUInt32LE(crc32(record.bytes, crc32(header.subarray(8), salt)), 4);
  return header;
}

/** Length of the record that seems to begin here, its header included; undefined when none does. */
export function recordSpan(header: Buffer, salt: number): number | undefined {
  if (header.length < RECORD_HEADER_BYTES || header.readUInt32LE(0) !== salt) return undefined;
  const length = header.readUInt32LE(8);
  return length <= MAX_RECORD_BYTES ? RECORD_HEADER_BYTES + length : undefined;
}

/** A whole record; its `bytes` are a view. Undefined when it is damaged. */
export function decodeRecord(whole: Buffer, salt: number): JournalRecord | undefined {
  if (crc32(whole.subarray(8), salt) !== whole.readUInt32LE(4)) return undefined;
  const signal = SIGNALS[whole.readUInt8(24)];
  const encoding = ENCODINGS[whole.readUInt8(25)];
  if (signal === undefined || encoding === undefined) return undefined;
  return {
    signal,
    encoding,
    itemCount: whole.readUInt32LE(12),
    receivedAtUnixMs: whole.readDoubleLE(16),
    bytes: whole.subarray(RECORD_HEADER_BYTES),
  };
}
