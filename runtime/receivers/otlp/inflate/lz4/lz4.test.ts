import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compressible,
  damaged,
  inflatingWith,
  MAX_BYTES,
  largeBody,
  lz4Block,
  lz4BlockOf,
  lz4Bomb,
  lz4Frame,
  lz4FrameOf,
  referenceUnlz4,
} from '../../fixtures/index.ts';
import { inflateInSlices } from '../inflate-in-slices.ts';
import { lz4 } from './lz4.ts';

const { inflated, bytesOf } = inflatingWith(lz4);

/** `literals`, then a match of 4 bytes, `distance` back. */
function sequence(literals: string, distance: number): Buffer {
  return Buffer.from([literals.length << 4, ...Buffer.from(literals), distance, 0]);
}

const LAST = Buffer.from([0x30, ...Buffer.from('end')]);

function frameOf(...content: readonly Buffer[]): Buffer {
  return lz4FrameOf([lz4Block(Buffer.concat(content))]);
}

/** `frame` with another byte at `at`. */
function changed(frame: Buffer, at: number, byte: number): Buffer {
  const other = Buffer.from(frame);
  other[at] = byte;
  return other;
}

describe('lz4', () => {
  it('gives back what another compressed, with checksums and without', async () => {
    const checksums = fc.record({ contentChecksum: fc.boolean(), blockChecksums: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(compressible, checksums, async (bytes, options) => {
        expect(await bytesOf(lz4Frame(bytes, options))).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('reads bodies of many blocks, compressible and not, in slices', async () => {
    const bytes = largeBody();
    const result = await bytesOf(lz4Frame(bytes, { contentChecksum: true, blockChecksums: true }));
    expect(result && Buffer.compare(result, bytes)).toBe(0);
    let isAwaited = true;
    const many = inflateInSlices(lz4Bomb(100), lz4, { maxBytes: 2 ** 30, reserve: () => isAwaited });
    isAwaited = false;
    expect(many).toBeInstanceOf(Promise);
    expect(await many).toEqual({ type: 'no-room' });
  });

  it('agrees with another decoder about damaged blocks', async () => {
    await fc.assert(
      fc.asyncProperty(
        compressible.map(lz4BlockOf).chain((block) => damaged(block, 0)),
        async (block) => {
          expect(await bytesOf(frameOf(block), 2 ** 23)).toEqual(referenceUnlz4(block, 2 ** 22));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('reads frames in a row and skips what says so', async () => {
    const skipped = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
    const frames = [
      lz4Frame(Buffer.from('first ')),
      skipped,
      lz4FrameOf([lz4Block(Buffer.from('two'), false)]),
    ];
    expect(String(await bytesOf(Buffer.concat(frames)))).toBe('first two');
  });

  it('lets matches reach into earlier blocks of the same frame when they are linked', async () => {
    const blocks = [lz4Block(Buffer.from('abcd'), false), lz4Block(Buffer.concat([sequence('', 4), LAST]))];
    const reasons = { type: 'malformed', reason: 'a match reaches beyond the beginning' };
    expect(String(await bytesOf(lz4FrameOf(blocks, { isLinked: true })))).toBe('abcdabcdend');
    expect(await inflated(lz4FrameOf(blocks))).toEqual(reasons);
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = blocks;
    const apart = [lz4FrameOf([first]), lz4FrameOf([second], { isLinked: true })];
    expect(await inflated(Buffer.concat(apart))).toEqual(reasons);
  });

  it('reads lengths of literals and matches that go on', async () => {
    const literals = 'x'.repeat(15 + 255 + 3);
    const long = Buffer.from([0xff, 255, 3, ...Buffer.from(literals), 1, 0, 255, 7]);
    expect(String(await bytesOf(frameOf(long, LAST)))).toBe(`${literals}${'x'.repeat(4 + 15 + 255 + 7)}end`);
    expect((await bytesOf(frameOf(Buffer.of(0))))?.length).toBe(0);
    expect((await bytesOf(lz4FrameOf([])))?.length).toBe(0);
  });

  const good = frameOf(sequence('abcd', 4), LAST);
  const DICTIONARY = 0x01;
  it.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['other bytes', Buffer.from('{"resourceSpans":[]}'), 'a frame does not begin with the mark of LZ4'],
    ['half a header', good.subarray(0, 6), 'a frame is cut short'],
    ['half a block', good.subarray(0, 15), 'it is cut short'],
    ['no end', good.subarray(0, -4), 'it is cut short'],
    ['half an end', good.subarray(0, -1), 'it is cut short'],
    ['no checksum where one is said to be', changed(good, 4, 0x64), 'it is cut short'],
    ['a later version', changed(good, 4, 0xa0), 'a frame is of a version that is not known'],
    ['blocks of an unknown size', changed(good, 5, 0x30), 'a frame is of a version that is not known'],
    [
      'a dictionary',
      changed(lz4FrameOf([lz4Block(Buffer.of(0))], { contentBytes: 7 }), 4, 0x60 | DICTIONARY),
      'it needs a dictionary; send without one',
    ],
    [
      'half a skippable frame',
      Buffer.from([0x50, 0x2a, 0x4d, 0x18, 9, 0, 0, 0, 1]),
      'a skippable frame is cut short',
    ],
    ['a block over its size', changed(good, 9, 0x41), 'a block is larger than it may be'],
    ['a match of nothing', frameOf(sequence('abcd', 0), LAST), 'a match reaches beyond the beginning'],
    ['a match from afar', frameOf(sequence('abcd', 5), LAST), 'a match reaches beyond the beginning'],
    ['half a distance', frameOf(sequence('abcd', 4).subarray(0, 6)), 'a block is cut short'],
    ['a block that ends with a match', frameOf(sequence('abcd', 4)), 'a block is cut short'],
    ['fewer literals than said', frameOf(Buffer.from([0x50, 1, 2])), 'a block is cut short'],
    [
      'less than announced',
      lz4FrameOf([lz4Block(LAST)], { contentBytes: 4 }),
      'a frame has another length than it announces',
    ],
    [
      'more than announced',
      lz4FrameOf([lz4Block(LAST)], { contentBytes: 2 }),
      'a frame has another length than it announces',
    ],
    [
      'more announced than can be',
      lz4FrameOf([lz4Block(LAST)], { contentBytes: 2_000 }),
      'a frame announces more than its blocks can hold',
    ],
    [
      'ever so many blocks',
      lz4FrameOf(Array.from({ length: 131_073 }, () => lz4Block(Buffer.of(0)))),
      'it has more than 131072 blocks; compress the request as a whole',
    ],
    [
      'ever so many frames',
      Buffer.alloc(11 * 131_074, lz4FrameOf([])),
      'it has more than 131072 blocks; compress the request as a whole',
    ],
  ])('refuses %s and says why', async (_name, bytes, reason) => {
    expect(await inflated(bytes)).toEqual({ type: 'malformed', reason });
  });

  it('stops at the end of a block, however long a match is said to be', async () => {
    const more = Buffer.alloc(2 ** 22 - 6, 255);
    const endless = frameOf(Buffer.from([0x1f, 0, 1, 0]), more, Buffer.from([0, 0]));
    expect(await inflated(endless, 2 ** 30)).toEqual({
      type: 'malformed',
      reason: 'a block is larger than it may be',
    });
  });

  it('takes exactly the limit, and nothing of what announces or becomes more', async () => {
    const bytes = Buffer.from('limit '.repeat(20_000));
    const packed = lz4Frame(bytes);
    expect(await inflated(packed, bytes.length)).toMatchObject({ type: 'inflated' });
    expect(await inflated(packed, bytes.length - 1)).toEqual({ type: 'too-large' });
    expect(await inflated(lz4Bomb(10))).toEqual({ type: 'too-large' });
    const announced = lz4FrameOf([lz4Block(bytes, false)], { contentBytes: bytes.length });
    const asked: number[] = [];
    const refuse = (count: number): boolean => asked.push(count) < 0;
    expect(inflateInSlices(announced, lz4, { maxBytes: bytes.length - 1, reserve: refuse })).toEqual({
      type: 'too-large',
    });
    expect(asked).toEqual([]);
    expect(inflateInSlices(announced, lz4, { maxBytes: MAX_BYTES, reserve: refuse })).toEqual({
      type: 'no-room',
    });
    expect(asked).toEqual([bytes.length]);
  });
});
