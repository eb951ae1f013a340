// Hot: once a distinct attribute and search. Bench: bench/hot-query.

/** Where key and value lie in the wire bytes of a `KeyValue` as encoders write it: key first, each field once. */
export class AttributeShape {
  keyStart = 0;
  keyEnd = 0;
  /** Of the `AnyValue`, which ends with the entry. */
  valueStart = 0;
  /** The value is a string; it ends with the entry. */
  isText = false;
  textStart = 0;
  private at = 0;

  /** False: the entry is of another shape, or without a value, and has to be decoded. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (bytes[start] !== 0x0a) return false;
    this.at = start + 1;
    const keySize = this.size(bytes, end);
    if (keySize < 0) return false;
    this.keyStart = this.at;
    this.keyEnd = this.at + keySize;
    if (bytes[this.keyEnd] !== 0x12) return false;
    this.at = this.keyEnd + 1;
    const valueSize = this.size(bytes, end);
    if (valueSize < 0 || this.at + valueSize !== end) return false;
    this.valueStart = this.at;
    this.isText = bytes[this.at] === 0x0a && valueSize > 0;
    if (!this.isText) return true;
    this.at += 1;
    const textSize = this.size(bytes, end);
    this.textStart = this.at;
    return textSize >= 0 && this.at + textSize === end;
  }

  /** A length of up to three bytes; -1 for longer ones and for those that reach beyond the entry. */
  private size(bytes: Uint8Array, end: number): number {
    let size = 0;
    for (let shift = 0; shift < 21; shift += 7) {
      if (this.at >= end) return -1;
      const byte = bytes[this.at] ?? 0;
      this.at += 1;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) return this.at + size <= end ? size : -1;
    }
    return -1;
  }
}
