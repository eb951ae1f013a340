import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBuffer, MalformedWire, WireReader } from './index.ts';

function reader(...bytes: number[]): WireReader {
  return new WireReader().reset(Uint8Array.from(bytes));
}

describe('WireReader', () => {
  it('reads back what ByteBuffer writes', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        fc.nat(),
        fc.double(),
        (long, short, double) => {
          const out = new ByteBuffer();
          out.varint64(long);
          out.fixed64(long);
          out.varint32(short);
          out.fixed32(short);
          out.double(double);
          const read = new WireReader().reset(out.written());
          const end = out.length;
          read.varint64(end);
          expect([read.lo >>> 0, read.hi >>> 0]).toEqual([Number(long & 0xffffffffn), Number(long >> 32n)]);
          read.fixed64(end);
          expect([read.lo >>> 0, read.hi >>> 0]).toEqual([Number(long & 0xffffffffn), Number(long >> 32n)]);
          expect(read.varint32(end)).toBe(short);
          expect(read.fixed32(end)).toBe(short);
          expect(read.double(end)).toBe(double);
          expect(read.pos).toBe(end);
        },
      ),
    );
  });

  it('reads tags of one, two and five bytes', () => {
    expect(reader(0x0a).tag(1)).toBe(10);
    expect(reader(0x85, 0x01).tag(2)).toBe(133);
    expect(reader(0xfa, 0xff, 0xff, 0xff, 0x0f).tag(5)).toBe(0xfffffffa);
  });

  it('reads zigzag numbers', () => {
    expect([0, 1, 2, 3].map((byte) => reader(byte).zigzag32(1))).toEqual([0, -1, 1, -2]);
    expect(reader(0xff, 0xff, 0xff, 0xff, 0x0f).zigzag32(5)).toBe(-(2 ** 31));
  });

  it.each([
    ['a tag that is cut off', () => reader(0x80).tag(1), /tag runs beyond byte 1/],
    ['a tag of 33 bits', () => reader(0xff, 0xff, 0xff, 0xff, 0x1f).tag(5), /tag is larger than 32 bits/],
    [
      'a length beyond the end',
      () => reader(0x05, 0, 0).delimit(3),
      /length of 5 bytes reaches beyond byte 3/,
    ],
    [
      'a length of 2 GiB',
      () => reader(0xff, 0xff, 0xff, 0xff, 0x08).delimit(5),
      /length is larger than 32 bits/,
    ],
    ['a missing length', () => reader().delimit(0), /length runs beyond byte 0/],
    [
      'a number of 11 bytes',
      () => reader(...Array<number>(11).fill(0x80)).varint32(11),
      /longer than 10 bytes/,
    ],
    ['a number cut off', () => reader(0x80, 0x80, 0x01).varint32(2), /runs beyond byte 2/],
    [
      'a fixed64 cut off',
      () => {
        reader(0, 0, 0, 0, 0, 0, 0, 0).fixed64(7);
      },
      /8 bytes of a number/,
    ],
    ['a fixed32 cut off', () => reader(0, 0, 0, 0).fixed32(3), /4 bytes of a number/],
    [
      'field number 0',
      () => {
        reader(0, 0).skip(0, 2);
      },
      /number 0/,
    ],
    [
      'a group',
      () => {
        reader(0x0b, 0x0c).skip(0x0b, 2);
      },
      /wire type 3/,
    ],
    [
      'wire type 7',
      () => {
        reader(0x0f).skip(0x0f, 1);
      },
      /wire type 7/,
    ],
  ])('refuses %s', (_, read, message) => {
    expect(read).toThrow(MalformedWire);
    expect(read).toThrow(message);
  });
});

describe('ByteBuffer', () => {
  it('puts the length before what is nested, at any size', () => {
    for (const size of [0, 1, 127, 128, 16_383, 16_384, 70_000]) {
      const out = new ByteBuffer();
      out.byte(7);
      const start = out.beginDelimited();
      for (let index = 0; index < size; index++) out.byte(index & 0xff);
      out.endDelimited(start);
      const read = new WireReader().reset(out.written());
      read.pos = 1;
      expect(read.delimit(out.length)).toBe(out.length);
      expect(out.length - read.pos).toBe(size);
      expect([...out.written().subarray(read.pos)].every((byte, index) => byte === (index & 0xff))).toBe(
        true,
      );
    }
  });
});
