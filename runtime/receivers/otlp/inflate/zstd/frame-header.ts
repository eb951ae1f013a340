import type { Frame } from '../framed-codec.ts';
import { littleEndian, littleEndian64 } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';

/** What RFC 8878 asks decoders to support, and encoders not to exceed by default. */
export const MAX_WINDOW_BYTES = 8 * 2 ** 20;

const FRAME_MAGIC = 0xfd2fb528;

export interface ZstdFrame extends Frame {
  readonly windowBytes: number;
}

/** RFC 8878, 3.1.1.1. */
export function readFrameHeader(source: Uint8Array, start: number): ZstdFrame {
  if (source.length < start + 6) throw new MalformedBody('a frame is cut short');
  if (littleEndian(source, start, 4) !== FRAME_MAGIC) {
    throw new MalformedBody('a frame does not begin with the mark of zstd');
  }
  return readDescriptor(source, start + 4);
}

const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

function readDescriptor(source: Uint8Array, start: number): ZstdFrame {
  const descriptor = source[start] ?? 0;
  const isSingleSegment = (descriptor & 32) !== 0;
  if ((descriptor & 8) !== 0) throw new MalformedBody('a reserved bit is set');
  const idStart = start + (isSingleSegment ? 1 : 2);
  const idBytes = DICTIONARY_ID_BYTES[descriptor & 3] ?? 0;
  if (littleEndian(source, idStart, idBytes) !== 0) {
    throw new MalformedBody('it needs a dictionary; send without one');
  }
  const sizeStart = idStart + idBytes;
  const sizeBytes = contentSizeBytes(descriptor);
  const next = sizeStart + sizeBytes;
  if (next > source.length) throw new MalformedBody('a frame is cut short');
  const contentBytes = sizeBytes === 0 ? undefined : readContentSize(source, sizeStart, sizeBytes);
  const windowBytes = isSingleSegment ? (contentBytes ?? 0) : readWindow(source[start + 1] ?? 0);
  return { windowBytes, contentBytes, hasChecksum: (descriptor & 4) !== 0, next };
}

/** Of a single segment the length is always sent. */
function contentSizeBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0;
  const code = descriptor >> 6;
  return code === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[code] ?? 0);
}

function readContentSize(source: Uint8Array, start: number, count: number): number {
  if (count === 8) return littleEndian64(source, start);
  return littleEndian(source, start, count) + (count === 2 ? 256 : 0);
}

function readWindow(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  const windowBytes = base + (base / 8) * (descriptor & 7);
  if (windowBytes > MAX_WINDOW_BYTES) {
    throw new MalformedBody(
      `its window is ${windowBytes} bytes, and at most ${MAX_WINDOW_BYTES} are read; compress with a window log of at most 23`,
    );
  }
  return windowBytes;
}
