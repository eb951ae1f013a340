import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { randomFillSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { compressionOf, type Compression } from './compression.ts';
import { inflate } from './inflate.ts';
import type { Inflated } from './inflated.ts';

const small = Buffer.from('{"resourceSpans":[]}'.repeat(50));
/** Compressed more than is inflated at once. */
const large = Buffer.concat([randomFillSync(Buffer.alloc(700_000)), Buffer.alloc(6_000_000, 'telemetry ')]);

const codings: readonly (readonly [string, Compression, (bytes: Buffer) => Buffer])[] = [
  ['gzip', 'gzip', (bytes) => gzipSync(bytes)],
  [
    'gzip of several members',
    'gzip',
    (bytes) => Buffer.concat([gzipSync(bytes.subarray(0, 9)), gzipSync(bytes.subarray(9))]),
  ],
  ['zlib', 'deflate', (bytes) => deflateSync(bytes)],
  ['zlib, fastest', 'deflate', (bytes) => deflateSync(bytes, { level: 1 })],
  ['raw deflate', 'deflate', (bytes) => deflateRawSync(bytes)],
  ['raw deflate, stored', 'deflate', (bytes) => deflateRawSync(bytes, { level: constants.Z_NO_COMPRESSION })],
];

const unbounded = { maxBytes: 64 * 2 ** 20, reserve: () => true };

describe('compressionOf', () => {
  it('knows the names of RFC 9110 and of the Collector, and no others', () => {
    expect(['', 'Identity', ' gzip', 'x-gzip', 'deflate', 'zlib', 'zstd'].map(compressionOf)).toEqual([
      ...['identity', 'identity', 'gzip', 'gzip', 'deflate', 'deflate', 'zstd'],
    ]);
    expect(['snappy', 'x-snappy-framed', 'LZ4'].map(compressionOf)).toEqual(['snappy', 'snappy', 'lz4']);
    expect(['br', 'compress', 'gzip, gzip', 'constructor', '__proto__'].map(compressionOf)).toEqual(
      Array.from({ length: 5 }),
    );
  });
});

describe.each(codings)('inflate of %s', (_name, compression, compress) => {
  const sameAs = (result: Inflated, bytes: Buffer): boolean =>
    result.type === 'inflated' && Buffer.compare(result.bytes, bytes) === 0;

  it('inflates small bodies at once and large ones in pieces', async () => {
    const atOnce = inflate(compress(small), compression, unbounded);
    expect(atOnce).not.toBeInstanceOf(Promise);
    expect(sameAs(await atOnce, small)).toBe(true);
    const inPieces = inflate(compress(large), compression, unbounded);
    expect(inPieces).toBeInstanceOf(Promise);
    expect(sameAs(await inPieces, large)).toBe(true);
  });

  it('takes exactly the limit and no more', async () => {
    for (const bytes of [small, large]) {
      const packed = compress(bytes);
      expect(await inflate(packed, compression, { ...unbounded, maxBytes: bytes.length })).toMatchObject({
        type: 'inflated',
      });
      expect(await inflate(packed, compression, { ...unbounded, maxBytes: bytes.length - 1 })).toEqual({
        type: 'too-large',
      });
    }
  });

  it('says what is wrong with bytes that are cut short', async () => {
    for (const bytes of [small, large]) {
      const packed = compress(bytes);
      expect(await inflate(packed.subarray(0, packed.length - 9), compression, unbounded)).toEqual({
        type: 'malformed',
        reason: 'unexpected end of file',
      });
    }
  });

  it('takes no memory that it is not given', async () => {
    for (const bytes of [small, large]) {
      const none = { ...unbounded, reserve: () => false };
      expect(await inflate(compress(bytes), compression, none)).toEqual({ type: 'no-room' });
    }
  });
});

describe('inflate', () => {
  it('inflates what announces less than it holds, and refuses what lies about it', async () => {
    const members = Buffer.concat([gzipSync(Buffer.alloc(5_000_000)), gzipSync(Buffer.from('end'))]);
    expect(await inflate(members, 'gzip', unbounded)).toMatchObject({ type: 'inflated' });
    const lie = gzipSync(small);
    lie.writeUInt32LE(small.length + 1, lie.length - 4);
    expect(await inflate(lie, 'gzip', unbounded)).toEqual({
      type: 'malformed',
      reason: 'incorrect length check',
    });
  });

  it('inflates many large bodies in turn', async () => {
    const packed = gzipSync(large);
    const results = await Promise.all(
      Array.from({ length: 6 }, async () => inflate(packed, 'gzip', unbounded)),
    );
    expect(results.every(({ type }) => type === 'inflated')).toBe(true);
  });
});
