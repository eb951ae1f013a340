// Hot: once a value. Bench: bench/decode.
import type { ByteSource } from './interning-table.ts';
import { align8, type Packer } from './packer.ts';

/**
 * Builders fill scratch memory that outlives the batch. Two rules make them cheap. Memory behind the last row
 * written is zero, so a row sets only what it has; a column nobody writes to costs nothing and packs as zeros. And
 * rows are written in order: `set` on row n means that rows behind n are still zero.
 */
export interface ColumnBuilder {
  /** Bytes that `pack` will take of the batch's buffer; 0 if all rows are zero. */
  sizeOf(rows: number): number;
  pack(packer: Packer, rows: number): void;
  /** Forgets rows from `rows` on. */
  truncate(rows: number): void;
  clear(): void;
}

const FIRST_ROWS = 64;
/** Scratch above this many bytes is let go after the batch. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** `u8`. */
export class ByteBuilder implements ColumnBuilder {
  private data = new Uint8Array(0);
  private extent = 0;

  set(row: number, value: number): void {
    if (row >= this.extent) {
      if (value === 0) return;
      if (row >= this.data.length) this.grow(row);
      this.extent = row + 1;
    }
    this.data[row] = value;
  }

  get(row: number): number {
    return this.data[row] ?? 0;
  }

  sizeOf(rows: number): number {
    return this.extent === 0 ? 0 : align8(rows);
  }

  pack(packer: Packer, rows: number): void {
    if (this.extent === 0) packer.passZeros();
    else packer.take(Uint8Array, rows).set(this.data.subarray(0, this.extent));
  }

  truncate(rows: number): void {
    if (rows >= this.extent) return;
    this.data.fill(0, rows, this.extent);
    this.extent = rows;
  }

  clear(): void {
    this.truncate(0);
    if (this.data.byteLength > KEPT_BYTES) this.data = new Uint8Array(0);
  }

  private grow(row: number): void {
    const larger = new Uint8Array(Math.max(FIRST_ROWS, 2 * this.data.length, row + 1));
    larger.set(this.data);
    this.data = larger;
  }
}

/** Every layout whose rows are whole 32-bit words: `u32`, `i32`, codes (1), `u64`, `i64`, `f64`, span ids (2), trace ids (4). */
export class WordBuilder implements ColumnBuilder {
  private data = new Uint32Array(0);
  /** Rows that `data` has room for. */
  private capacity = 0;
  private extent = 0;
  /** Words of a row. */
  private readonly width: 1 | 2 | 4;

  constructor(width: 1 | 2 | 4) {
    this.width = width;
  }

  /** One word. */
  set(row: number, value: number): void {
    if (row >= this.extent) {
      if (value === 0) return;
      if (row >= this.capacity) this.grow(row);
      this.extent = row + 1;
    }
    this.data[row] = value;
  }

  /** Two words. */
  setLong(row: number, lo: number, hi: number): void {
    if (row >= this.extent) {
      if ((lo | hi) === 0) return;
      if (row >= this.capacity) this.grow(row);
      this.extent = row + 1;
    }
    this.data[2 * row] = lo;
    this.data[2 * row + 1] = hi;
  }

  /** Two words of 8 source bytes. Answers whether any of them is not zero. */
  copy8(row: number, source: ByteSource, at: number): boolean {
    const lo = source.view.getInt32(at, true);
    const hi = source.view.getInt32(at + 4, true);
    this.setLong(row, lo, hi);
    return (lo | hi) !== 0;
  }

  /** Four words of 16 source bytes. Answers whether any of them is not zero. */
  copy16(row: number, source: ByteSource, at: number): boolean {
    const a = source.view.getInt32(at, true);
    const b = source.view.getInt32(at + 4, true);
    const c = source.view.getInt32(at + 8, true);
    const d = source.view.getInt32(at + 12, true);
    const isSet = (a | b | c | d) !== 0;
    if (row >= this.extent) {
      if (!isSet) return false;
      if (row >= this.capacity) this.grow(row);
      this.extent = row + 1;
    }
    const word = 4 * row;
    this.data[word] = a;
    this.data[word + 1] = b;
    this.data[word + 2] = c;
    this.data[word + 3] = d;
    return isSet;
  }

  sizeOf(rows: number): number {
    return this.extent === 0 ? 0 : align8(4 * this.width * rows);
  }

  pack(packer: Packer, rows: number): void {
    const { width, extent } = this;
    if (extent === 0) packer.passZeros();
    else packer.take(Uint32Array, width * rows).set(this.data.subarray(0, width * extent));
  }

  truncate(rows: number): void {
    if (rows >= this.extent) return;
    this.data.fill(0, this.width * rows, this.width * this.extent);
    this.extent = rows;
  }

  clear(): void {
    this.truncate(0);
    if (this.data.byteLength <= KEPT_BYTES) return;
    this.data = new Uint32Array(0);
    this.capacity = 0;
  }

  private grow(row: number): void {
    this.capacity = Math.max(FIRST_ROWS, 2 * this.capacity, row + 1);
    const larger = new Uint32Array(this.capacity * this.width);
    larger.set(this.data);
    this.data = larger;
  }
}

/** Where each row's items start. Rows from `opened` on have none yet. */
class Offsets {
  count = 0;
  private starts = new Int32Array(0);
  private opened = 0;

  /** Makes `row` the row that what is counted next belongs to. */
  open(row: number): void {
    if (row < this.opened) return;
    if (row >= this.starts.length) {
      const larger = new Int32Array(Math.max(FIRST_ROWS, 2 * this.starts.length, row + 1));
      larger.set(this.starts);
      this.starts = larger;
    }
    for (let at = this.opened; at <= row; at++) this.starts[at] = this.count;
    this.opened = row + 1;
  }

  startOf(row: number): number {
    return row < this.opened ? (this.starts[row] ?? 0) : this.count;
  }

  sizeOf(rows: number): number {
    return this.count === 0 ? 0 : align8(4 * (rows + 1));
  }

  pack(packer: Packer, rows: number): void {
    if (this.count === 0) {
      packer.passZeros();
      return;
    }
    const packed = packer.take(Int32Array, rows + 1);
    packed.set(this.starts.subarray(0, this.opened));
    packed.fill(this.count, this.opened);
  }

  truncate(rows: number): void {
    if (rows >= this.opened) return;
    this.count = this.starts[rows] ?? 0;
    this.opened = rows;
  }

  clear(): void {
    this.count = 0;
    this.opened = 0;
    if (this.starts.byteLength > KEPT_BYTES) this.starts = new Int32Array(0);
  }
}

/** `binary`. */
export class BinaryBuilder implements ColumnBuilder {
  private readonly offsets = new Offsets();
  private bytes = new Uint8Array(0);

  /** Adds bytes to a row that is the last one written. */
  add(row: number, source: Uint8Array, start: number, end: number): void {
    this.offsets.open(row);
    const at = this.offsets.count;
    const size = end - start;
    if (at + size > this.bytes.length) {
      const larger = new Uint8Array(Math.max(FIRST_ROWS * 64, 2 * this.bytes.length, at + size));
      larger.set(this.bytes.subarray(0, at));
      this.bytes = larger;
    }
    if (size < 64) {
      for (let from = start, to = at; from < end; from++, to++) this.bytes[to] = source[from] ?? 0;
    } else {
      this.bytes.set(source.subarray(start, end), at);
    }
    this.offsets.count = at + size;
  }

  sizeOf(rows: number): number {
    return this.offsets.sizeOf(rows) + align8(this.offsets.count);
  }

  pack(packer: Packer, rows: number): void {
    this.offsets.pack(packer, rows);
    const { count } = this.offsets;
    packer.take(Uint8Array, count).set(this.bytes.subarray(0, count));
  }

  truncate(rows: number): void {
    this.offsets.truncate(rows);
  }

  clear(): void {
    this.offsets.clear();
    if (this.bytes.byteLength > KEPT_BYTES) this.bytes = new Uint8Array(0);
  }
}

/** `list`. `items` is the builder of what the lists hold, all rows one behind the other. */
export class ListBuilder<Item> implements ColumnBuilder {
  readonly items: Item;
  private readonly column: ColumnBuilder;
  private readonly offsets = new Offsets();

  constructor(items: Item & ColumnBuilder) {
    this.items = items;
    this.column = items;
  }

  /** Adds an item to a row and returns its place in `items`. */
  push(row: number): number {
    this.offsets.open(row);
    return this.offsets.count++;
  }

  /** How many items a row has that is the last one written. */
  lengthOf(row: number): number {
    return this.offsets.count - this.offsets.startOf(row);
  }

  sizeOf(rows: number): number {
    return this.offsets.sizeOf(rows) + this.column.sizeOf(this.offsets.count);
  }

  pack(packer: Packer, rows: number): void {
    this.offsets.pack(packer, rows);
    this.column.pack(packer, this.offsets.count);
  }

  truncate(rows: number): void {
    this.offsets.truncate(rows);
    this.column.truncate(this.offsets.count);
  }

  clear(): void {
    this.offsets.clear();
    this.column.clear();
  }
}

/** `struct`. `fields` has a builder for each field of the layout. */
export class StructBuilder<Fields> implements ColumnBuilder {
  readonly fields: Fields;
  private readonly columns: readonly (readonly [string, ColumnBuilder])[];

  constructor(fields: Fields & { readonly [name: string]: ColumnBuilder }) {
    this.fields = fields;
    this.columns = Object.entries<ColumnBuilder>(fields);
  }

  sizeOf(rows: number): number {
    let size = 0;
    for (const [, column] of this.columns) size += column.sizeOf(rows);
    return size;
  }

  pack(packer: Packer, rows: number): void {
    for (const [, column] of this.columns) column.pack(packer, rows);
  }

  truncate(rows: number): void {
    for (const [, column] of this.columns) column.truncate(rows);
  }

  clear(): void {
    for (const [, column] of this.columns) column.clear();
  }
}
