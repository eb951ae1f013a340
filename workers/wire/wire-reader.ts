// Hot: every byte of every request passes here. Bench: bench/decode.
import { faultSentence, type WireFault } from './wire-faults.ts';

/** The bytes are not the protobuf message they are read as. `message` is a sentence that names the byte offset. */
export class MalformedWire extends Error {
  override readonly name = 'MalformedWire';
}

/** Wire types: the low three bits of a tag. */
export const Wire = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

const NO_BYTES = new Uint8Array(0);

/**
 * A cursor over protobuf wire bytes. Every read is given the end of the message it belongs to and throws
 * `MalformedWire` rather than go beyond it, so `pos <= end` holds after each call. 64-bit values come as two
 * 32-bit words in `lo` and `hi`, never as a BigInt.
 */
export class WireReader {
  bytes: Uint8Array = NO_BYTES;
  view: DataView = new DataView(NO_BYTES.buffer);
  pos = 0;
  lo = 0;
  hi = 0;

  /** Borrows `bytes` until the next call. */
  reset(bytes: Uint8Array): this {
    // A plain view even over a Buffer: one hidden class keeps element access fast.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
    return this;
  }

  /** Lets go of the bytes, so that a reader that idles keeps no request alive. */
  release(): void {
    this.reset(NO_BYTES);
  }

  /** Field number and wire type in one number. Call while `pos < end`. */
  tag(end: number): number {
    const byte = this.bytes[this.pos] ?? 0;
    if (byte < 0x80) {
      this.pos++;
      return byte;
    }
    const second = this.bytes[this.pos + 1] ?? 0;
    if (second < 0x80 && this.pos + 1 < end) {
      this.pos += 2;
      return (byte & 0x7f) | (second << 7);
    }
    return this.longVarint32(end, 0x0f, 'tag-cut', 'tag-too-large');
  }

  /** Reads a length and returns where what it measures ends; `pos` is then its first byte. */
  delimit(end: number): number {
    const start = this.pos;
    let length = start < end ? (this.bytes[start] ?? 0) : 0x80;
    if (length < 0x80) this.pos = start + 1;
    else length = this.longVarint32(end, 0x07, 'length-cut', 'length-too-large');
    const stop = this.pos + length;
    if (stop > end) this.fail('length-beyond-end', start, end, length);
    return stop;
  }

  /** A varint of up to 64 bits, cut to its low 32; unsigned. */
  varint32(end: number): number {
    if (this.pos < end) {
      const byte = this.bytes[this.pos] ?? 0;
      if (byte < 0x80) {
        this.pos++;
        return byte;
      }
    }
    this.varint64(end);
    return this.lo >>> 0;
  }

  zigzag32(end: number): number {
    const value = this.varint32(end);
    return (value >>> 1) ^ -(value & 1);
  }

  /** Into `lo` and `hi`. */
  varint64(end: number): void {
    const start = this.pos;
    let lo = 0;
    let hi = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= end) this.fail('number-beyond-end', start, end);
      const byte = this.bytes[this.pos++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) lo |= bits << shift;
      else if (shift === 28) {
        lo |= bits << 28;
        hi = bits >>> 4;
      } else hi |= bits << (shift - 32);
      if (byte < 0x80) {
        this.lo = lo;
        this.hi = hi;
        return;
      }
    }
    this.fail('number-too-long', start, end);
  }

  /** Into `lo` and `hi`; doubles too. */
  fixed64(end: number): void {
    const at = this.pos;
    if (at + 8 > end) this.fail('fixed64-beyond-end', at, end);
    this.lo = this.view.getInt32(at, true);
    this.hi = this.view.getInt32(at + 4, true);
    this.pos = at + 8;
  }

  double(end: number): number {
    this.fixed64(end);
    return this.view.getFloat64(this.pos - 8, true);
  }

  fixed32(end: number): number {
    const at = this.pos;
    if (at + 4 > end) this.fail('fixed32-beyond-end', at, end);
    this.pos = at + 4;
    return this.view.getUint32(at, true);
  }

  /** Passes over the value of a field nobody here knows. */
  skip(tag: number, end: number): void {
    if (tag >>> 3 === 0) this.fail('field-zero', this.pos, end);
    switch (tag & 7) {
      case Wire.varint:
        this.varint64(end);
        return;
      case Wire.fixed64:
        this.fixed64(end);
        return;
      case Wire.bytes:
        this.pos = this.delimit(end);
        return;
      case Wire.fixed32:
        this.fixed32(end);
        return;
      default:
        this.fail('wire-type-unknown', this.pos, end, tag);
    }
  }

  /** `value` as in `faultSentence`. */
  fail(fault: WireFault, at: number, end: number, value = 0): never {
    throw new MalformedWire(faultSentence(fault, at, end, value));
  }

  /** A varint of at most 5 bytes whose last holds no bits but those of `lastMask`. */
  private longVarint32(end: number, lastMask: number, cut: WireFault, tooLarge: WireFault): number {
    const start = this.pos;
    let value = 0;
    for (let index = 0; index < 5; index++) {
      if (this.pos >= end) this.fail(cut, start, end);
      const byte = this.bytes[this.pos++] ?? 0;
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) {
        if (index < 4 || byte <= lastMask) return value >>> 0;
        break;
      }
    }
    return this.fail(tooLarge, start, end);
  }
}
