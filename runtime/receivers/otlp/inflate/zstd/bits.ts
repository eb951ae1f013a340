// Hot: every symbol and sequence of a zstd body. Bench: bench/otlp-conformance --inflate.
import { MalformedBody } from '../malformed-body.ts';

/** `count` (at most 24) bits from bit `position` of `source`, the lowest bit of a byte first; zeros beyond its end. */
export function bitsAt(source: Uint8Array, position: number, count: number): number {
  const index = position >> 3;
  const word =
    (source[index] ?? 0) |
    ((source[index + 1] ?? 0) << 8) |
    ((source[index + 2] ?? 0) << 16) |
    ((source[index + 3] ?? 0) << 24);
  return (word >>> (position & 7)) & ((1 << count) - 1);
}

/** Index of the highest bit that is set. Of 0: -1. */
export function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** Bits from the lowest on, as tables are written. */
export class ForwardBits {
  private readonly source: Uint8Array;
  private readonly end: number;
  private position: number;

  constructor(source: Uint8Array, start: number, end: number) {
    this.source = source;
    this.position = start * 8;
    this.end = end * 8;
  }

  read(count: number): number {
    const value = bitsAt(this.source, this.position, count);
    this.position += count;
    if (this.position > this.end) throw new MalformedBody('a table is cut short');
    return value;
  }

  unread(count: number): void {
    this.position -= count;
  }

  /** The first byte of which no bit was read. */
  get nextByte(): number {
    return (this.position + 7) >> 3;
  }
}

/** Bits from the end backwards, as symbols are written: above the first one stands a bit that is set. */
export class BackwardBits {
  private readonly source: Uint8Array;
  private readonly start: number;
  private position: number;

  constructor(source: Uint8Array, start: number, end: number) {
    const last = end > start ? (source[end - 1] ?? 0) : 0;
    if (last === 0) throw new MalformedBody('a stream of bits has no end mark');
    this.source = source;
    this.start = start * 8;
    this.position = end * 8 - 8 + highestBit(last);
  }

  /** The next `count` bits, at most 24. Those before the beginning are zeros; `remaining` is negative then. */
  read(count: number): number {
    this.position -= count;
    const missing = this.start - this.position;
    if (missing <= 0) return bitsAt(this.source, this.position, count);
    return missing >= count ? 0 : bitsAt(this.source, this.start, count - missing) << missing;
  }

  get remaining(): number {
    return this.position - this.start;
  }
}
