// Hot: all rows of a segment pass here. Bench: bench/ingest.

import type {
  BinaryColumn,
  DictionarySnapshot,
  DictionaryTable,
  Layout,
  ListColumn,
  StructLayout,
} from '../../proto/columns/index.ts';
import { ByteSink } from './byte-sink.ts';
import type { EntryIds, EntryTable } from './entry-ids.ts';

/** What codes of the batch being appended mean. */
export interface Codes {
  readonly snapshot: DictionarySnapshot;
  /** Of entries that were noted before. */
  readonly ids: ReturnType<EntryIds['of']>;
}

/** One column of a Native block. */
export interface NativeColumn {
  readonly name: string;
  /** ClickHouse's name of the type. */
  readonly type: string;
  /** What stands before everything else, even before the ends of the arrays that the type is in. */
  readonly prefix: Uint8Array;
  /** The data behind the prefix, good until more is appended; leaves the column empty. */
  take(): Uint8Array[];
}

/** Takes rows `from` … `to` of a batch's column. */
export interface ColumnSink {
  readonly columns: readonly NativeColumn[];
  append(column: unknown, from: number, to: number, codes: Codes): void;
}

const NO_PREFIX = new Uint8Array(0);

function plainColumn(name: string, type: string, sink: ByteSink): NativeColumn {
  return { name, type, prefix: NO_PREFIX, take: () => [sink.take()] };
}

class FixedWidthSink implements ColumnSink {
  readonly columns: readonly NativeColumn[];
  private readonly sink = new ByteSink();
  private readonly width: number;

  constructor(name: string, type: string, width: number) {
    this.width = width;
    this.columns = [plainColumn(name, type, this.sink)];
  }

  append(column: ArrayBufferView, from: number, to: number): void {
    const { width } = this;
    // A `fixed` column has `width` elements a row, the others one of `width` bytes: the bytes are the same.
    const { buffer, byteOffset } = column;
    this.sink.append(new Uint8Array(buffer, byteOffset + from * width, (to - from) * width));
  }
}

class BinarySink implements ColumnSink {
  readonly columns: readonly NativeColumn[];
  private readonly sink = new ByteSink();

  constructor(name: string) {
    this.columns = [plainColumn(name, 'String', this.sink)];
  }

  append({ offsets, bytes }: BinaryColumn, from: number, to: number): void {
    for (let row = from; row < to; row++) this.sink.string(bytes, offsets[row] ?? 0, offsets[row + 1] ?? 0);
  }
}

/** Codes of entries that have ids: UInt64. */
class EntryIdSink implements ColumnSink {
  readonly columns: readonly NativeColumn[];
  private readonly sink = new ByteSink();
  private readonly table: EntryTable;

  constructor(name: string, table: EntryTable) {
    this.table = table;
    this.columns = [plainColumn(name, 'UInt64', this.sink)];
  }

  append(column: Int32Array, from: number, to: number, { ids }: Codes): void {
    const { words } = ids[this.table];
    let at = this.sink.grow((to - from) * 8) >>> 2;
    const target = this.sink.words();
    for (let row = from; row < to; row++) {
      const code = column[row] ?? 0;
      target[at++] = words[code * 2] ?? 0;
      target[at++] = words[code * 2 + 1] ?? 0;
    }
  }
}

/** Version 1 of the way keys are written, as 64 bits. */
const LOW_CARDINALITY_PREFIX = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0);
/** Keys stand beside the rows (2^9), the column begins a dictionary of its own (2^10), and an index has 32 bits (2). */
const LOW_CARDINALITY_FLAGS = 0x602;

/** A LowCardinality(String) column in the making: each distinct string once, an index a row. */
export class LowCardinalityColumn implements NativeColumn {
  readonly name: string;
  readonly type = 'LowCardinality(String)';
  readonly prefix = LOW_CARDINALITY_PREFIX;
  private rowCount = 0;
  private keyCount = 0;
  private readonly keys = new ByteSink();
  private readonly indexes = new ByteSink();
  /** By generation, by code: index + 1. */
  private readonly indexByCode = new Map<number, Int32Array>();
  private readonly indexByText = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  appendCodes(column: Int32Array, from: number, to: number, snapshot: DictionarySnapshot): void {
    this.addDefault();
    const { strings } = snapshot.tables;
    const known = this.indexesOf(snapshot.id, strings.count);
    let at = this.indexes.grow((to - from) * 4) >>> 2;
    const target = this.indexes.words();
    for (let row = from; row < to; row++) {
      const code = column[row] ?? 0;
      const index = known[code] ?? 0;
      target[at++] = (index === 0 ? this.addKey(known, code, strings) : index) - 1;
    }
    this.rowCount += to - from;
  }

  appendText(text: string, rowCount: number): void {
    this.addDefault();
    let index = this.indexByText.get(text);
    if (index === undefined) {
      const bytes = Buffer.from(text, 'utf8');
      this.keys.string(bytes, 0, bytes.length);
      index = this.keyCount++;
      this.indexByText.set(text, index);
    }
    const at = this.indexes.grow(rowCount * 4) >>> 2;
    this.indexes.words().fill(index, at, at + rowCount);
    this.rowCount += rowCount;
  }

  take(): Uint8Array[] {
    if (this.rowCount === 0) return [];
    const head = new ByteSink();
    head.long(LOW_CARDINALITY_FLAGS);
    head.long(this.keyCount);
    const rows = new ByteSink();
    rows.long(this.rowCount);
    const parts = [head.take(), this.keys.take(), rows.take(), this.indexes.take()];
    this.rowCount = 0;
    this.keyCount = 0;
    this.indexByCode.clear();
    this.indexByText.clear();
    return parts;
  }

  /** The first key is the default value, as ClickHouse itself has it. */
  private addDefault(): void {
    if (this.keyCount > 0) return;
    this.keys.varint(0);
    this.keyCount = 1;
    this.indexByText.set('', 0);
  }

  private indexesOf(generation: number, count: number): Int32Array {
    const known = this.indexByCode.get(generation);
    if (known && known.length >= count) return known;
    const indexes = new Int32Array(count);
    if (known) indexes.set(known);
    // Code 0 is the empty string.
    indexes[0] = 1;
    this.indexByCode.set(generation, indexes);
    return indexes;
  }

  private addKey(known: Int32Array, code: number, { offsets, bytes }: DictionaryTable): number {
    this.keys.string(bytes, offsets[code] ?? 0, offsets[code + 1] ?? 0);
    this.keyCount += 1;
    known[code] = this.keyCount;
    return this.keyCount;
  }
}

class StringCodeSink implements ColumnSink {
  readonly columns: readonly NativeColumn[];
  private readonly column: LowCardinalityColumn;

  constructor(name: string) {
    this.column = new LowCardinalityColumn(name);
    this.columns = [this.column];
  }

  append(column: Int32Array, from: number, to: number, { snapshot }: Codes): void {
    this.column.appendCodes(column, from, to, snapshot);
  }
}

/** Codes of lists of bounds: the doubles themselves. */
class BoundsSink implements ColumnSink {
  readonly columns: readonly NativeColumn[];
  private readonly ends = new ByteSink();
  private readonly values = new ByteSink();
  private total = 0;

  constructor(name: string) {
    const take = (): Uint8Array[] => {
      this.total = 0;
      return [this.ends.take(), this.values.take()];
    };
    this.columns = [{ name, type: 'Array(Float64)', prefix: NO_PREFIX, take }];
  }

  append(column: Int32Array, from: number, to: number, { snapshot }: Codes): void {
    const { offsets, bytes } = snapshot.tables.bounds;
    for (let row = from; row < to; row++) {
      const code = column[row] ?? 0;
      const start = offsets[code] ?? 0;
      const end = offsets[code + 1] ?? 0;
      if (end > start) this.values.append(bytes.subarray(start, end));
      this.total += (end - start) >>> 3;
      this.ends.long(this.total);
    }
  }
}

/** A list of structs is an array for each field, all with the same ends. */
class ListSink implements ColumnSink {
  readonly columns: readonly NativeColumn[];
  private readonly item: ColumnSink;
  private readonly ends: readonly ByteSink[];
  private totals: number[];

  constructor(item: ColumnSink) {
    this.item = item;
    this.ends = item.columns.map(() => new ByteSink());
    this.totals = item.columns.map(() => 0);
    this.columns = item.columns.map((inner, i) => ({
      name: inner.name,
      type: `Array(${inner.type})`,
      prefix: inner.prefix,
      take: () => [this.takeEnds(i), ...inner.take()],
    }));
  }

  append(column: ListColumn<unknown>, from: number, to: number, codes: Codes): void {
    const { offsets, items } = column;
    const first = offsets[from] ?? 0;
    const last = offsets[to] ?? 0;
    for (let i = 0; i < this.ends.length; i++) this.appendEnds(i, offsets, from, to, first);
    if (last > first) this.item.append(items, first, last, codes);
  }

  private appendEnds(i: number, offsets: Int32Array, from: number, to: number, first: number): void {
    const sink = this.ends[i];
    if (!sink) return;
    const shift = (this.totals[i] ?? 0) - first;
    let at = sink.grow((to - from) * 8) >>> 2;
    const target = sink.words();
    for (let row = from + 1; row <= to; row++) {
      target[at++] = (offsets[row] ?? 0) + shift;
      target[at++] = 0;
    }
    this.totals[i] = (offsets[to] ?? 0) + shift;
  }

  private takeEnds(i: number): Uint8Array {
    this.totals[i] = 0;
    return this.ends[i]?.take() ?? NO_PREFIX;
  }
}

class StructSink implements ColumnSink {
  readonly columns: readonly NativeColumn[];
  private readonly fields: readonly (readonly [string, ColumnSink])[];

  constructor(name: string, layout: StructLayout) {
    this.fields = Object.entries(layout).map(([field, inner]) => [field, sinkFor(`${name}.${field}`, inner)]);
    this.columns = this.fields.flatMap(([, sink]) => sink.columns);
  }

  append(column: Readonly<Record<string, unknown>>, from: number, to: number, codes: Codes): void {
    for (const [field, sink] of this.fields) sink.append(column[field], from, to, codes);
  }
}

const NUMBERS = {
  u8: { type: 'UInt8', width: 1 },
  u32: { type: 'UInt32', width: 4 },
  i32: { type: 'Int32', width: 4 },
  u64: { type: 'UInt64', width: 8 },
  i64: { type: 'Int64', width: 8 },
  f64: { type: 'Float64', width: 8 },
} as const;

/**
 * How a column of a batch stands in the archive: strings as LowCardinality(String), entries as the UInt64 of their id,
 * lists as arrays, lists of structs as one array a field, named `list.field`.
 */
export function sinkFor(name: string, layout: Layout): ColumnSink {
  switch (layout.kind) {
    case 'fixed':
      return new FixedWidthSink(name, `FixedString(${layout.width})`, layout.width);
    case 'code':
      if (layout.dictionary === 'strings') return new StringCodeSink(name);
      if (layout.dictionary === 'bounds') return new BoundsSink(name);
      return new EntryIdSink(name, layout.dictionary);
    case 'binary':
      return new BinarySink(name);
    case 'list':
      return new ListSink(sinkFor(name, layout.item));
    case 'struct':
      return new StructSink(name, layout.fields);
    default: {
      const { type, width } = NUMBERS[layout.kind];
      return new FixedWidthSink(name, type, width);
    }
  }
}
