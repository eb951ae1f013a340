import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { inflateInSlices } from '../inflate-in-slices.ts';
import {
  compressible,
  damaged,
  endlessMatches,
  inflatingWith,
  MAX_BYTES,
  largeBody,
  loadReferenceZstd,
  zstdBlock,
  zstdBomb,
  zstdFrame,
  type ReferenceZstd,
} from '../../fixtures/index.ts';
import { zstd } from './zstd.ts';

describe('zstd', () => {
  let reference: ReferenceZstd;
  beforeAll(async () => {
    reference = await loadReferenceZstd();
  });
  const { inflated, bytesOf } = inflatingWith(zstd);

  it('gives back what libzstd compressed, at every level', async () => {
    await fc.assert(
      fc.asyncProperty(compressible, fc.integer({ min: 1, max: 19 }), async (bytes, level) => {
        expect(await bytesOf(reference.compress(bytes, level))).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('reads bodies of many blocks, compressible and not, in slices', async () => {
    const bytes = largeBody();
    for (const level of [1, 5, 19]) {
      const result = await bytesOf(reference.compress(bytes, level));
      expect(result && Buffer.compare(result, bytes)).toBe(0);
    }
  });

  it('agrees with libzstd about damaged bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        compressible.chain((bytes) => damaged(reference.compress(bytes, 3), 4)),
        async (sent) => {
          const result = await inflated(sent);
          // libzstd reads wider windows than we do; the refusal has its own test.
          fc.pre(result.type !== 'malformed' || !result.reason.startsWith('its window is'));
          const read = result.type === 'inflated' ? Buffer.from(result.bytes) : undefined;
          expect(read).toEqual(reference.decompress(sent, MAX_BYTES));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('reads frames in a row and skips what says so', async () => {
    const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const a = reference.compress(Buffer.from('first '));
    const b = zstdFrame(
      10,
      zstdBlock(0, 3, false, Buffer.from('two')),
      zstdBlock(1, 3, true, Buffer.from('!')),
    );
    expect(String(await bytesOf(Buffer.concat([a, skipped, b])))).toBe('first two!!!');
  });

  it('does not let a match reach into an earlier frame', async () => {
    // One literal-free sequence of distance 1: nothing of its own frame is there to repeat.
    const block = Buffer.from([0, 1, 0x54, 0, 2, 0, 0b100]);
    const earlier = zstdFrame(10, zstdBlock(0, 1, true, Buffer.from('a')));
    expect(await inflated(Buffer.concat([earlier, zstdFrame(10, zstdBlock(2, 7, true, block))]))).toEqual({
      type: 'malformed',
      reason: 'a match reaches beyond the beginning',
    });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['other bytes', Buffer.from('{"resourceSpans":[]}'), 'a frame does not begin with the mark of zstd'],
    ['half a frame', zstdFrame(10, zstdBlock(0, 9, true, Buffer.from('half'))), 'it is cut short'],
    ['no last block', zstdFrame(10, zstdBlock(0, 1, false, Buffer.from('a'))), 'it is cut short'],
    [
      'a reserved block',
      zstdFrame(10, zstdBlock(3, 0, true, Buffer.alloc(0))),
      'a block is of a kind that is none',
    ],
    [
      'a block over its window',
      zstdFrame(10, zstdBlock(1, 1_025, true, Buffer.alloc(1))),
      'a block is larger than it may be',
    ],
    [
      'a window of 16 MiB',
      zstdFrame(24, zstdBlock(0, 0, true, Buffer.alloc(0))),
      'its window is 16777216 bytes, and at most 8388608 are read; compress with a window log of at most 23',
    ],
    [
      'a dictionary',
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x21, 7, 1, 9, 0, 0, 0x61]),
      'it needs a dictionary; send without one',
    ],
    [
      'another length than announced',
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 9, 0, 0, 0x61]),
      'a frame announces more than its blocks can hold',
    ],
    [
      'more than announced',
      Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 16, 0, 0, 0x61, 0x61, 9, 0, 0, 0x61]),
      'a frame has another length than it announces',
    ],
  ])('refuses %s and says why', async (_name, bytes, reason) => {
    expect(await inflated(bytes)).toEqual({ type: 'malformed', reason });
  });

  it('stops at the end of a block, however often it is told to repeat', async () => {
    const startedMs = performance.now();
    expect(await inflated(endlessMatches(20_000))).toEqual({
      type: 'malformed',
      reason: 'a block is larger than it may be',
    });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it('refuses a body of ever so many tiny blocks', async () => {
    const tiny = Buffer.concat(
      Array.from({ length: 140_000 }, () => zstdBlock(0, 0, false, Buffer.alloc(0))),
    );
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0]);
    const frame = zstdFrame(10, tiny, zstdBlock(0, 0, true, Buffer.alloc(0)));
    for (const body of [frame, Buffer.alloc(140_000 * skippable.length, skippable)]) {
      expect(await inflated(body)).toMatchObject({
        type: 'malformed',
        reason: expect.stringContaining('131072 blocks') as string,
      });
    }
  });

  it('takes exactly the limit, and nothing of what announces or becomes more', async () => {
    const bytes = Buffer.from('limit '.repeat(1_000));
    const packed = reference.compress(bytes);
    expect(await inflated(packed, bytes.length)).toMatchObject({ type: 'inflated' });
    expect(await inflated(packed, bytes.length - 1)).toEqual({ type: 'too-large' });
    expect(await inflated(zstdBomb(100), 1_000_000)).toEqual({ type: 'too-large' });
  });

  it('asks before it takes memory, and stops when nobody waits any more', async () => {
    const asked: number[] = [];
    const refuse = (bytes: number): boolean => asked.push(bytes) < 0;
    expect(inflateInSlices(zstdBomb(100), zstd, { maxBytes: 1_000_000, reserve: refuse })).toEqual({
      type: 'no-room',
    });
    expect(asked).toEqual([1_000_000]);
    let isAwaited = true;
    const many = inflateInSlices(zstdBomb(60_000), zstd, { maxBytes: 2 ** 28, reserve: () => isAwaited });
    isAwaited = false;
    expect(await many).toEqual({ type: 'no-room' });
  });
});
