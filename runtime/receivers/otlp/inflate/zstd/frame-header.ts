import { littleEndian } from '../little-endian.ts';
import { MalformedBody } from '../malformed-body.ts';
import { endOfSkippable } from '../skippable-frame.ts';

/** What RFC 8878 asks decoders to support, and encoders not to exceed by default. */
export const MAX_WINDOW_BYTES = 8 * 2 ** 20;

const FRAME_MAGIC = 0xfd2fb528;

export type FrameHeader =
  | { readonly kind: 'skippable'; readonly next: number }
  | {
      readonly kind: 'frame';
      readonly windowBytes: number;
      /** Undefined when it was not sent. */
      readonly contentBytes: number | undefined;
      readonly hasChecksum: boolean;
      readonly next: number;
    };

/** RFC 8878, 3.1.1.1. */
export function readFrameHeader(source: Uint8Array, start: number): FrameHeader {
  if (source.length < start + 6) throw new MalformedBody('a frame is cut short');
  const next = endOfSkippable(source, start);
  if (next !== undefined) return { kind: 'skippable', next };
  if (littleEndian(source, start, 4) !== FRAME_MAGIC) {
    throw new MalformedBody('a frame does not begin with the mark of zstd');
  }
  return readDescriptor(source, start + 4);
}

const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

function readDescriptor(source: Uint8Array, start: number): FrameHeader {
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
  return { kind: 'frame', windowBytes, contentBytes, hasChecksum: (descriptor & 4) !== 0, next };
}

/** Of a single segment the length is always sent. */
function contentSizeBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0;
  const code = descriptor >> 6;
  return code === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_BYTES[code] ?? 0);
}

/** Of 8 bytes the highest two only say that it is far too much. */
function readContentSize(source: Uint8Array, start: number, count: number): number {
  if (count === 8 && littleEndian(source, start + 6, 2) > 0) return Number.MAX_SAFE_INTEGER;
  return littleEndian(source, start, Math.min(count, 6)) + (count === 2 ? 256 : 0);
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
