/** A column of a block in ClickHouse's Native format; lists as the ends of each and all items one after another. */
export type NativeColumn =
  | { readonly kind: 'numbers'; readonly numbers: Float64Array }
  | { readonly kind: 'bytes'; readonly numbers: Uint8Array }
  | { readonly kind: 'ids'; readonly ids: BigUint64Array }
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'lists'; readonly ends: Uint32Array; readonly items: NativeColumn };

export interface NativeBlock {
  readonly rowCount: number;
  readonly columns: ReadonlyMap<string, NativeColumn>;
}

/** What the reader does not know, or bytes that end too early: the statement and the reader do not fit together. */
class NativeFormatError extends Error {
  constructor(message: string) {
    super(`ClickHouse sent a block that cannot be read: ${message}`);
    this.name = 'NativeFormatError';
  }
}

/**
 * Reads one after another blocks of Float64, UInt8, UInt32 (as floats), UInt64 (ids), String and lists of them. Numbers are copied once,
 * into shared memory, so that any thread reads them as they are.
 */
export function* readNativeBlocks(bytes: Uint8Array): Generator<NativeBlock, void, undefined> {
  const reader = new BlockReader(bytes);
  while (!reader.isAtEnd) yield reader.block();
}

class BlockReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  block(): NativeBlock {
    const columnCount = this.varint();
    const rowCount = this.varint();
    const columns = new Map<string, NativeColumn>();
    for (let column = 0; column < columnCount; column++) {
      const name = this.text();
      columns.set(name, this.column(this.text(), rowCount));
    }
    return { rowCount, columns };
  }

  private column(type: string, count: number): NativeColumn {
    const item = /^Array\((.*)\)$/u.exec(type)?.[1];
    if (item !== undefined) {
      const ends = Uint32Array.from(this.words(count), Number);
      return { kind: 'lists', ends, items: this.column(item, ends.at(-1) ?? 0) };
    }
    switch (type) {
      case 'Float64':
        return { kind: 'numbers', numbers: this.floats(count) };
      case 'UInt32':
        return { kind: 'numbers', numbers: Float64Array.from(this.shorts(count)) };
      case 'UInt8': {
        const numbers = new Uint8Array(new SharedArrayBuffer(count));
        numbers.set(this.take(count));
        return { kind: 'bytes', numbers };
      }
      case 'UInt64':
        return { kind: 'ids', ids: this.words(count) };
      case 'String':
        return { kind: 'texts', texts: Array.from({ length: count }, () => this.text()) };
      default:
        throw new NativeFormatError(`a column of type ${type}`);
    }
  }

  private floats(count: number): Float64Array {
    const shared = new SharedArrayBuffer(count * 8);
    new Uint8Array(shared).set(this.take(count * 8));
    return new Float64Array(shared);
  }

  private words(count: number): BigUint64Array {
    return new BigUint64Array(Uint8Array.from(this.take(count * 8)).buffer);
  }

  private shorts(count: number): Uint32Array {
    return new Uint32Array(Uint8Array.from(this.take(count * 4)).buffer);
  }

  private text(): string {
    return Buffer.from(this.take(this.varint())).toString('utf8');
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new NativeFormatError('it ends in a number');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new NativeFormatError('a number is too long');
  }

  private take(count: number): Uint8Array {
    const end = this.at + count;
    if (end > this.bytes.length) throw new NativeFormatError(`${end - this.bytes.length} bytes are missing`);
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}
