// Hot: every archived byte is written here. Bench: bench/ingest.

const FIRST_BYTES = 4096;

/** Bytes that grow at the end. Little-endian, as ClickHouse's Native format is. */
export class ByteSink {
  length = 0;
  private bytes = new Uint8Array(FIRST_BYTES);
  private view = new DataView(this.bytes.buffer);

  /** Copies raw values: a platform that runs this is little-endian. */
  append(values: Uint8Array): void {
    const at = this.grow(values.byteLength);
    this.bytes.set(values, at);
  }

  byte(value: number): void {
    const at = this.grow(1);
    this.bytes[at] = value;
  }

  word(value: number): void {
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
  }

  /** An unsigned 64-bit value of up to 53 bits. */
  long(value: number): void {
    const at = this.grow(8);
    this.view.setUint32(at, value % 0x1_0000_0000, true);
    this.view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  /** Unsigned LEB128 of up to 32 bits. */
  varint(value: number): void {
    let rest = value >>> 0;
    let at = this.grow(5);
    while (rest >= 0x80) {
      this.bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[at++] = rest;
    this.length = at;
  }

  /** A String value: its length and its bytes. */
  string(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.varint(length);
    const at = this.grow(length);
    // `set` with a subarray costs more than a loop for what is short, as most strings are.
    if (length > 32) this.bytes.set(bytes.subarray(start, end), at);
    else for (let i = 0; i < length; i++) this.bytes[at + i] = bytes[start + i] ?? 0;
  }

  /** Makes room for `byteLength` bytes and counts them as written. Where they begin. */
  grow(byteLength: number): number {
    const at = this.length;
    const length = at + byteLength;
    if (length > this.bytes.length) this.enlarge(length);
    this.length = length;
    return at;
  }

  /** The memory behind, as 32-bit words; good until the next `grow`. */
  words(): Uint32Array {
    return new Uint32Array(this.bytes.buffer);
  }

  /** What was written, good until more is; the sink is empty. */
  take(): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.length = 0;
    return taken;
  }

  private enlarge(length: number): void {
    const larger = new Uint8Array(roundUp(Math.max(length, this.bytes.length * 2)));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

/** Whole 64-bit words. */
function roundUp(byteLength: number): number {
  return (byteLength + 7) & ~7;
}
