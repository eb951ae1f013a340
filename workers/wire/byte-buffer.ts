/** Bytes that grow at the end. Reused: `clear` keeps the memory. */
export class ByteBuffer {
  bytes: Uint8Array = new Uint8Array(256);
  length = 0;
  private view = new DataView(this.bytes.buffer);

  clear(): void {
    this.length = 0;
  }

  /** A view that the next write may invalidate. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.written());
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }

  append(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    if (end - start < 48) {
      for (let from = start, to = this.length; from < end; from++, to++) this.bytes[to] = source[from] ?? 0;
    } else {
      this.bytes.set(source.subarray(start, end), this.length);
    }
    this.length += end - start;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** `value` is a whole number of up to 32 bits, taken as unsigned. */
  varint32(value: number): void {
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  varint64(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  fixed64(value: bigint): void {
    this.reserve(8);
    this.view.setBigUint64(this.length, BigInt.asUintN(64, value), true);
    this.length += 8;
  }

  double(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.length, value, true);
    this.length += 8;
  }

  /** Starts something that its length goes before; give the result to `endDelimited`. */
  beginDelimited(): number {
    this.byte(0);
    return this.length;
  }

  /** One byte was set aside for the length; what was written since `start` moves up when it needs more. */
  endDelimited(start: number): void {
    const size = this.length - start;
    if (size < 0x80) {
      this.bytes[start - 1] = size;
      return;
    }
    let extra = 0;
    for (let rest = size >>> 7; rest > 0; rest >>>= 7) extra++;
    this.reserve(extra);
    this.bytes.copyWithin(start + extra, start, this.length);
    this.length = start - 1;
    this.varint32(size);
    this.length += size;
  }
}
