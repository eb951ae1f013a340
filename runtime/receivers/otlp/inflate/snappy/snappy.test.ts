import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compressible,
  damaged,
  inflatingWith,
  MAX_BYTES,
  largeBody,
  referenceUnsnappy,
  snappyBlock,
  snappyBomb,
  snappyFramed,
} from '../../fixtures/index.ts';
import { inflateInSlices } from '../inflate-in-slices.ts';
import { snappy } from './snappy.ts';

const { inflated, bytesOf } = inflatingWith(snappy);

const MARK = Buffer.from('\xff\x06\0\0sNaPpY', 'latin1');

/** Its content begins with a checksum, which is not compared. */
function chunk(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(type + content.length * 256);
  return Buffer.concat([head, content]);
}

describe('snappy', () => {
  it('gives back what another compressed, as one block and framed', async () => {
    await fc.assert(
      fc.asyncProperty(compressible, async (bytes) => {
        expect(await bytesOf(snappyBlock(bytes))).toEqual(bytes);
        expect(await bytesOf(await snappyFramed(bytes))).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('reads large bodies, in slices', async () => {
    const bytes = largeBody();
    for (const packed of [snappyBlock(bytes), await snappyFramed(bytes)]) {
      const result = await bytesOf(packed);
      expect(result && Buffer.compare(result, bytes)).toBe(0);
    }
    let isAwaited = true;
    const many = inflateInSlices(snappyBomb(10_000_000), snappy, {
      maxBytes: 2 ** 30,
      reserve: () => isAwaited,
    });
    isAwaited = false;
    expect(many).toBeInstanceOf(Promise);
    expect(await many).toEqual({ type: 'no-room' });
  });

  it('agrees with another decoder about damaged bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        // Behind the length, for which the other would take whatever memory it says.
        compressible.filter(({ length }) => length >= 3).chain((bytes) => damaged(snappyBlock(bytes), 3)),
        async (sent) => {
          expect(await bytesOf(sent)).toEqual(referenceUnsnappy(sent));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('reads literals and copies with operands of every width', async () => {
    const literal = (bytes: number[], content: Buffer): Buffer =>
      Buffer.concat([Buffer.from(bytes), content]);
    const content = Buffer.from('operand');
    const block = Buffer.concat([
      Buffer.from([6 * 7]),
      literal([(7 - 1) << 2], content),
      literal([60 << 2, 6], content),
      literal([63 << 2, 6, 0, 0, 0], content),
      Buffer.from([1 | (3 << 2), 7]),
      Buffer.from([2 | (6 << 2), 14, 0]),
      Buffer.from([3 | (6 << 2), 21, 0, 0, 0]),
    ]);
    expect(String(await bytesOf(block))).toBe('operand'.repeat(6));
  });

  it('skips chunks that are to be skipped, and reads streams in a row', async () => {
    const stream = Buffer.concat([
      MARK,
      chunk(1, Buffer.from('....first ')),
      chunk(0xfe, Buffer.from('padding')),
    ]);
    const other = Buffer.concat([
      MARK,
      chunk(0x80, Buffer.alloc(0)),
      chunk(0, Buffer.from('....\x02\x04of', 'latin1')),
    ]);
    expect(String(await bytesOf(Buffer.concat([stream, other])))).toBe('first of');
    expect(String(await bytesOf(MARK))).toBe('');
    expect(String(await bytesOf(Buffer.from([0])))).toBe('');
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    ['other bytes', Buffer.from('{"resourceSpans":[]}'), 'a match reaches beyond the beginning'],
    ['a length without end', Buffer.alloc(9, 0xff), 'its length is none'],
    ['half a length', Buffer.from([0x80]), 'it is cut short'],
    [
      'a length that is too large for its bytes',
      Buffer.from([100, 0, 0]),
      'it announces more than it can hold',
    ],
    ['half a literal', Buffer.from([5, 4 << 2, 1, 2]), 'it is cut short'],
    ['half a distance', Buffer.from([5, 0, 0, 2 | (3 << 2), 1]), 'it is cut short'],
    ['a copy of nothing', Buffer.from([8, 0, 0, 1, 0]), 'a match reaches beyond the beginning'],
    ['a copy from afar', Buffer.from([8, 0, 0, 1, 2]), 'a match reaches beyond the beginning'],
    ['less than announced', Buffer.from([9, 0, 0]), 'it has another length than it announces'],
    ['more than announced', Buffer.from([1, 1 << 2, 0, 0]), 'a block is larger than it may be'],
    ['half a chunk', Buffer.concat([MARK, Buffer.from([0, 9, 0, 0, 1])]), 'a chunk is cut short'],
    [
      'a chunk without a checksum',
      Buffer.concat([MARK, chunk(1, Buffer.from('abc'))]),
      'a chunk is cut short',
    ],
    [
      'an unknown chunk',
      Buffer.concat([MARK, chunk(2, Buffer.from('....'))]),
      'a chunk is of a kind that is none',
    ],
    [
      'another mark',
      Buffer.concat([MARK, chunk(0xff, Buffer.from('sNaPpX'))]),
      'its mark is not that of Snappy',
    ],
    [
      'a chunk over 64 KiB',
      Buffer.concat([MARK, chunk(1, Buffer.alloc(65_541))]),
      'a chunk is larger than it may be',
    ],
    [
      'a copy from the chunk before',
      Buffer.concat([
        MARK,
        chunk(1, Buffer.from('....a')),
        chunk(0, Buffer.from('....\x04\x01\x01', 'latin1')),
      ]),
      'a match reaches beyond the beginning',
    ],
    [
      'ever so many chunks',
      Buffer.concat([MARK, Buffer.alloc(4 * 131_073, chunk(0x80, Buffer.alloc(0)))]),
      'it has more than 131072 blocks; compress the request as a whole',
    ],
  ])('refuses %s and says why', async (_name, bytes, reason) => {
    expect(await inflated(bytes)).toEqual({ type: 'malformed', reason });
  });

  it('takes exactly the limit, and opens nothing of what announces more', async () => {
    const bytes = Buffer.from('limit '.repeat(20_000));
    for (const packed of [snappyBlock(bytes), await snappyFramed(bytes)]) {
      expect(await inflated(packed, bytes.length)).toMatchObject({ type: 'inflated' });
      expect(await inflated(packed, bytes.length - 1)).toEqual({ type: 'too-large' });
      const asked: number[] = [];
      const refuse = (count: number): boolean => asked.push(count) < 0;
      expect(inflateInSlices(packed, snappy, { maxBytes: MAX_BYTES, reserve: refuse })).toEqual({
        type: 'no-room',
      });
      expect(asked).toEqual([bytes.length]);
    }
  });
});
