// Hot: every request compressed with gzip or deflate. Bench: bench/otlp-conformance --inflate.
import {
  createGunzip,
  createInflate,
  createInflateRaw,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type Gunzip,
  type ZlibOptions,
} from 'node:zlib';
import type { InflateBounds, Inflated } from './inflated.ts';
import { Slots } from './slots.ts';

/** Above either, a body is inflated in pieces: 4 MiB take about 5 ms, in which nothing else happens. */
const MOST_COMPRESSED_AT_ONCE = 512 * 1024;
const MOST_INFLATED_AT_ONCE = 4 * 2 ** 20;
const PIECE_BYTES = 256 * 1024;
const LEAST_CHUNK_BYTES = 16 * 1024;
const LIKELY_RATIO = 12;

/** As `inflate`, at once when the body is small. */
export function inflateZlib(
  body: Uint8Array,
  compression: 'gzip' | 'deflate',
  bounds: InflateBounds,
): Inflated | Promise<Inflated> {
  const format = formatOf(body, compression);
  const expectedBytes = format === 'gzip' ? announcedByGzip(body) : 0;
  const isSmall = body.length <= MOST_COMPRESSED_AT_ONCE && expectedBytes <= MOST_INFLATED_AT_ONCE;
  const atOnce = isSmall ? inflateAtOnce(body, format, expectedBytes, bounds) : undefined;
  return atOnce ?? inflateInPieces(body, format, bounds);
}

type ZlibFormat = 'gzip' | 'zlib' | 'raw';

const AT_ONCE: Readonly<Record<ZlibFormat, (body: Uint8Array, options: ZlibOptions) => Uint8Array>> = {
  gzip: gunzipSync,
  zlib: inflateSync,
  raw: inflateRawSync,
};
const IN_PIECES: Readonly<Record<ZlibFormat, (options: ZlibOptions) => Gunzip>> = {
  gzip: createGunzip,
  zlib: createInflate,
  raw: createInflateRaw,
};

/** `deflate` means zlib's format (RFC 9110, 8.4.1.2), and raw deflate to some clients, which has no such head. */
function formatOf(body: Uint8Array, compression: 'gzip' | 'deflate'): ZlibFormat {
  if (compression === 'gzip') return 'gzip';
  const [first = 0, second = 0] = body;
  return (first & 15) === 8 && ((first << 8) | second) % 31 === 0 ? 'zlib' : 'raw';
}

const MOST_DEFLATE_RATIO = 1_032;

/**
 * gzip ends with the length of its last member, modulo 4 GiB; zlib refuses a body where that is not true. 0 where it
 * cannot be true.
 */
function announcedByGzip(body: Uint8Array): number {
  if (body.length < 18) return 0;
  const bytes = new DataView(body.buffer, body.byteOffset + body.length - 4, 4).getUint32(0, true);
  return bytes <= MOST_DEFLATE_RATIO * body.length ? bytes : 0;
}

/** Undefined when it turns out to be larger than what is done at once. */
function inflateAtOnce(
  body: Uint8Array,
  format: ZlibFormat,
  expectedBytes: number,
  { maxBytes, reserve }: InflateBounds,
): Inflated | undefined {
  // With room for all, and a byte to see that it was all, zlib gives its first buffer without a copy.
  const likelyBytes = expectedBytes > 0 ? expectedBytes + 1 : Math.min(LIKELY_RATIO * body.length, 2 ** 20);
  const chunkSize = Math.max(LEAST_CHUNK_BYTES, likelyBytes);
  const maxOutputLength = Math.min(maxBytes, MOST_INFLATED_AT_ONCE);
  try {
    const bytes = AT_ONCE[format](body, { chunkSize, maxOutputLength });
    return reserve(bytes.length) ? { type: 'inflated', bytes } : { type: 'no-room' };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_BUFFER_TOO_LARGE') return { type: 'malformed', reason: message };
    return maxOutputLength === maxBytes ? { type: 'too-large' } : undefined;
  }
}

/** They run on libuv's threads, of which the journal needs some. */
const inPieces = new Slots(2);

async function inflateInPieces(
  body: Uint8Array,
  format: ZlibFormat,
  { maxBytes, reserve }: InflateBounds,
): Promise<Inflated> {
  const leave = await inPieces.enter();
  const stream = IN_PIECES[format]({ chunkSize: PIECE_BYTES });
  const pieces: Buffer[] = [];
  let size = 0;
  const inflated = await new Promise<Inflated>((resolve) => {
    const stop = (result: Inflated): void => {
      stream.destroy();
      resolve(result);
    };
    stream.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > maxBytes) stop({ type: 'too-large' });
      else if (!reserve(piece.length)) stop({ type: 'no-room' });
      else pieces.push(piece);
    });
    stream.on('end', () => {
      stop({ type: 'inflated', bytes: Buffer.concat(pieces, size) });
    });
    stream.on('error', ({ message }) => {
      stop({ type: 'malformed', reason: message });
    });
    if (reserve(0)) stream.end(body);
    else stop({ type: 'no-room' });
  });
  leave();
  return inflated;
}
