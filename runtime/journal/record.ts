import { createCipheriv } from 'node:crypto';
import { crc32 } from 'node:zlib';

import { SIGNALS } from '../../proto/columns/index.ts';
import { DIGEST_BYTES, ENCODINGS, type JournalRecord } from './journal.ts';
import { JournalTooNewError } from './journal-too-new-error.ts';

/*
 * A segment file is a file header and records, all little-endian.
 *
 *   file header: magic u32 · version u32 · salt u32 · key, 16 bytes · crc32 u32 of the 28 bytes before
 *   record:      salt u32 · crc32 u32 of the 36 bytes that follow · length of bytes u32 · items u32 ·
 *                received f64 (ms) · signal u8 · encoding u8 · zero u16 · digest, 16 bytes · bytes
 *
 * The digest is the checksum of the bytes, too: taking one of 450 KB costs 110 µs, a crc32 beside it 130 µs more.
 * A record's crc32 starts from the file's random salt: a request cannot hold bytes that pass for a record.
 */

export const FILE_HEADER_BYTES = 32;
export const RECORD_HEADER_BYTES = 44;
export const KEY_BYTES = 16;
/** Longer lengths are taken for damage. */
export const MAX_RECORD_BYTES = 0x2000_0000;

const FILE_MAGIC = 0x4a48504f;
const FILE_VERSION = 2;
const DIGEST_OFFSET = 28;

/** What a segment file says of itself. */
export interface FileHead {
  readonly salt: number;
  readonly key: Uint8Array;
}

export function encodeFileHeader({ salt, key }: FileHead): Buffer {
  const header = Buffer.alloc(FILE_HEADER_BYTES);
  header.writeUInt32LE(FILE_MAGIC, 0);
  header.writeUInt32LE(FILE_VERSION, 4);
  header.writeUInt32LE(salt, 8);
  header.set(key, 12);
  header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
  return header;
}

/**
 * Undefined when these are not the first bytes of a segment file. Throws a `JournalTooNewError` when they are those of a newer
 * version's, which keeps the header as it is.
 */
export function decodeFileHeader(header: Buffer): FileHead | undefined {
  if (header.length < FILE_HEADER_BYTES || header.readUInt32LE(0) !== FILE_MAGIC) return undefined;
  if (header.readUInt32LE(28) !== crc32(header.subarray(0, 28))) return undefined;
  const version = header.readUInt32LE(4);
  if (version > FILE_VERSION) throw new JournalTooNewError(version, FILE_VERSION);
  return version === FILE_VERSION
    ? { salt: header.readUInt32LE(8), key: Uint8Array.from(header.subarray(12, 12 + KEY_BYTES)) }
    : undefined;
}

/**
 * GMAC under a key that no sender knows: two requests that differ have one digest with a chance of 2^-100 at most, and
 * nobody can make two that do.
 */
export function digestOf(
  key: Uint8Array,
  { signal, encoding, bytes }: Pick<JournalRecord, 'signal' | 'encoding' | 'bytes'>,
): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce[0] = SIGNALS.indexOf(signal);
  nonce[1] = ENCODINGS.indexOf(encoding);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  cipher.setAAD(bytes);
  cipher.final();
  return cipher.getAuthTag();
}

/** Of a record in its file. */
export function recordBytes({ bytes }: JournalRecord): number {
  return RECORD_HEADER_BYTES + bytes.length;
}

/** All of a record that stands before its bytes. */
export function encodeRecordHeader(record: JournalRecord, { salt, key }: FileHead): Buffer {
  const header = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  header.writeUInt32LE(salt, 0);
  header.writeUInt32LE(record.bytes.length, 8);
  header.writeUInt32LE(record.itemCount, 12);
  header.writeDoubleLE(record.receivedAtUnixMs, 16);
  header.writeUInt8(SIGNALS.indexOf(record.signal), 24);
  header.writeUInt8(ENCODINGS.indexOf(record.encoding), 25);
  header.writeUInt16LE(0, 26);
  header.set(record.digest ?? digestOf(key, record), DIGEST_OFFSET);
  header.writeUInt32LE(crc32(header.subarray(8), salt), 4);
  return header;
}

/** Length of the record that seems to begin here, its header included; undefined when none does. */
export function recordSpan(header: Buffer, { salt }: FileHead): number | undefined {
  if (header.length < RECORD_HEADER_BYTES || header.readUInt32LE(0) !== salt) return undefined;
  const length = header.readUInt32LE(8);
  return length <= MAX_RECORD_BYTES ? RECORD_HEADER_BYTES + length : undefined;
}

/** A whole record; its `bytes` and `digest` are views. Undefined when it is damaged. */
export function decodeRecord(whole: Buffer, { salt, key }: FileHead): JournalRecord | undefined {
  if (crc32(whole.subarray(8, RECORD_HEADER_BYTES), salt) !== whole.readUInt32LE(4)) return undefined;
  const signal = SIGNALS[whole.readUInt8(24)];
  const encoding = ENCODINGS[whole.readUInt8(25)];
  if (signal === undefined || encoding === undefined) return undefined;
  const digest = whole.subarray(DIGEST_OFFSET, DIGEST_OFFSET + DIGEST_BYTES);
  const bytes = whole.subarray(RECORD_HEADER_BYTES);
  if (!digest.equals(digestOf(key, { signal, encoding, bytes }))) return undefined;
  return {
    signal,
    encoding,
    itemCount: whole.readUInt32LE(12),
    receivedAtUnixMs: whole.readDoubleLE(16),
    digest,
    bytes,
  };
}
