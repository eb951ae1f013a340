// Hot: every literal and match of a zstd, Snappy or LZ4 body. Bench: bench/otlp-conformance --inflate.
import { MalformedBody } from './malformed-body.ts';

/** Below this, a loop is quicker than a call. */
const LOOP_BYTES = 24;

/** The output has no room for a body that may well be well-formed. */
export class OutputFull extends Error {
  readonly capacityBytes: number;

  constructor(capacityBytes: number) {
    super(`the output has room for ${capacityBytes} bytes`);
    this.name = 'OutputFull';
    this.capacityBytes = capacityBytes;
  }
}

/** The inflated body, in a buffer of a fixed size; at the same time the window that matches are copied from. */
export class InflatedOutput {
  private readonly buffer: Uint8Array;
  private size = 0;
  private frameStart = 0;
  private blockEnd = 0;

  constructor(capacityBytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(capacityBytes);
  }

  get length(): number {
    return this.size;
  }

  /** What was written; a copy when the buffer would keep much more memory than that. */
  finish(): Uint8Array {
    const bytes = this.buffer.subarray(0, this.size);
    return 2 * this.size < this.buffer.length ? bytes.slice() : bytes;
  }

  /** Matches do not reach back beyond this. */
  beginFrame(): void {
    this.frameStart = this.size;
  }

  /** From now on at most `bytes` may be written. */
  beginBlock(bytes: number): void {
    this.blockEnd = this.size + bytes;
  }

  append(source: Uint8Array, start: number, end: number): void {
    const to = this.reach(end - start);
    const { buffer } = this;
    if (end - start > LOOP_BYTES) {
      buffer.set(source.subarray(start, end), this.size);
    } else {
      for (let from = start, at = this.size; at < to; at += 1, from += 1) buffer[at] = source[from] ?? 0;
    }
    this.size = to;
  }

  fill(byte: number, count: number): void {
    const to = this.reach(count);
    this.buffer.fill(byte, this.size, to);
    this.size = to;
  }

  /** Repeats what was written `distance` bytes ago; a match may overlap what it writes. */
  repeat(distance: number, count: number): void {
    const from = this.size - distance;
    if (distance <= 0 || from < this.frameStart) {
      throw new MalformedBody('a match reaches beyond the beginning');
    }
    const to = this.reach(count);
    const { buffer } = this;
    if (count > LOOP_BYTES && distance >= count) {
      buffer.copyWithin(this.size, from, from + count);
    } else if (count > LOOP_BYTES && distance === 1) {
      buffer.fill(buffer[from] ?? 0, this.size, to);
    } else {
      for (let source = from, at = this.size; at < to; at += 1, source += 1) {
        buffer[at] = buffer[source] ?? 0;
      }
    }
    this.size = to;
  }

  /** Where the next `count` bytes end; there is room for them. */
  private reach(count: number): number {
    const to = this.size + count;
    if (to > this.blockEnd) throw new MalformedBody('a block is larger than it may be');
    if (to > this.buffer.length) throw new OutputFull(this.buffer.length);
    return to;
  }
}
