// Hot: once a batch and query. Bench: bench/hot-query.
import {
  LAYOUTS,
  type Batch,
  type Columns,
  type Layout,
  type NumberKind,
  type Signal,
} from '../../proto/columns/index.ts';
import { align8, type SharedArrayType } from './packer.ts';
import { zerosOf } from './zeros.ts';

/** Walks the arrays of a batch in the order in which `Packer` handed them out. */
class ArrayCursor {
  at = 0;
  bit = 0;
  private readonly buffer: SharedArrayBuffer;
  private readonly words: Int32Array;
  private readonly zerosLow: number;
  private readonly zerosHigh: number;

  constructor(buffer: SharedArrayBuffer, zeroArrays: number) {
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.zerosLow = (zeroArrays % 2 ** 32) | 0;
    this.zerosHigh = Math.floor(zeroArrays / 2 ** 32);
  }

  take<A extends ArrayBufferView>(ArrayType: SharedArrayType<A>, length: number): A {
    const isZero = this.isZero();
    const { bit } = this;
    this.bit += 1;
    if (isZero) return zerosOf(ArrayType, bit, length);
    const region = new ArrayType(this.buffer, this.at, length);
    this.at += align8(length * ArrayType.BYTES_PER_ELEMENT);
    return region;
  }

  pass(sizeBytes: number): void {
    if (!this.isZero()) this.at += align8(sizeBytes);
    this.bit += 1;
  }

  /** Passes offsets of `rows` lists; answers how many items they hold. */
  passOffsets(rows: number): number {
    const items = this.isZero() ? 0 : (this.words[(this.at >> 2) + rows] ?? 0);
    this.pass(4 * (rows + 1));
    return items;
  }

  private isZero(): boolean {
    const { bit } = this;
    return ((bit < 32 ? this.zerosLow >>> bit : this.zerosHigh >>> (bit - 32)) & 1) === 1;
  }
}

const NUMBER_ARRAYS = {
  u8: Uint8Array,
  u32: Uint32Array,
  i32: Int32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const satisfies Record<NumberKind, SharedArrayType<ArrayBufferView>>;

function takeColumn(cursor: ArrayCursor, layout: Layout, rows: number): unknown {
  switch (layout.kind) {
    case 'list': {
      const offsets = cursor.take(Int32Array, rows + 1);
      return { offsets, items: takeColumn(cursor, layout.item, offsets[rows] ?? 0) };
    }
    case 'struct':
      return Object.fromEntries(
        Object.entries(layout.fields).map(([name, field]) => [name, takeColumn(cursor, field, rows)]),
      );
    case 'binary': {
      const offsets = cursor.take(Int32Array, rows + 1);
      return { offsets, bytes: cursor.take(Uint8Array, offsets[rows] ?? 0) };
    }
    case 'fixed':
      return cursor.take(Uint8Array, layout.width * rows);
    case 'code':
      return cursor.take(Int32Array, rows);
    default:
      return cursor.take<ArrayBufferView>(NUMBER_ARRAYS[layout.kind], rows);
  }
}

/** The same way without a view of anything. */
type Pass = (cursor: ArrayCursor, rows: number) => void;

function passOf(layout: Layout): Pass {
  switch (layout.kind) {
    case 'list': {
      const passItems = passOf(layout.item);
      return (cursor, rows) => {
        passItems(cursor, cursor.passOffsets(rows));
      };
    }
    case 'struct': {
      const passes = Object.values(layout.fields).map(passOf);
      return (cursor, rows) => {
        for (const pass of passes) pass(cursor, rows);
      };
    }
    case 'binary':
      return (cursor, rows) => {
        cursor.pass(cursor.passOffsets(rows));
      };
    default: {
      const width = widthOf(layout);
      return (cursor, rows) => {
        cursor.pass(width * rows);
      };
    }
  }
}

function widthOf(layout: Extract<Layout, { kind: NumberKind | 'fixed' | 'code' }>): number {
  if (layout.kind === 'fixed') return layout.width;
  return layout.kind === 'code' ? 4 : NUMBER_ARRAYS[layout.kind].BYTES_PER_ELEMENT;
}

/** Views of one batch's columns, each made when it is first asked for. */
class ColumnViews {
  private readonly cursor: ArrayCursor;
  private readonly rowCount: number;
  /** Where each column's arrays begin in the buffer, and which bits they have. */
  private readonly places: Int32Array;
  private readonly made: unknown[] = [];

  constructor(buffer: SharedArrayBuffer, rowCount: number, zeroArrays: number, passes: readonly Pass[]) {
    const cursor = new ArrayCursor(buffer, zeroArrays);
    const places = new Int32Array(2 * passes.length);
    for (let index = 0; index < passes.length; index += 1) {
      places[2 * index] = cursor.at;
      places[2 * index + 1] = cursor.bit;
      passes[index]?.(cursor, rowCount);
    }
    this.cursor = cursor;
    this.rowCount = rowCount;
    this.places = places;
  }

  column(index: number, layout: Layout): unknown {
    return (this.made[index] ??= this.make(index, layout));
  }

  private make(index: number, layout: Layout): unknown {
    this.cursor.at = this.places[2 * index] ?? 0;
    this.cursor.bit = this.places[2 * index + 1] ?? 0;
    return takeColumn(this.cursor, layout, this.rowCount);
  }
}

/**
 * How many batches keep their views, those used last. All views of a batch are 4 KB of objects and more: kept for a
 * whole window they are what a garbage collector walks through five times a second under load.
 */
const KEPT_VIEWS = 512;
const keepers = new Array<WeakRef<PackedColumns> | undefined>(KEPT_VIEWS);
let nextKeeper = 0;

/** The columns of one batch. */
class PackedColumns {
  readonly #buffer: SharedArrayBuffer;
  readonly #rowCount: number;
  readonly #zeroArrays: number;
  readonly #passes: readonly Pass[];
  #views: ColumnViews | undefined;

  constructor(buffer: SharedArrayBuffer, rowCount: number, zeroArrays: number, passes: readonly Pass[]) {
    this.#buffer = buffer;
    this.#rowCount = rowCount;
    this.#zeroArrays = zeroArrays;
    this.#passes = passes;
  }

  column(index: number, layout: Layout): unknown {
    return (this.#views ?? this.#makeViews()).column(index, layout);
  }

  #makeViews(): ColumnViews {
    const longestKept = keepers[nextKeeper]?.deref();
    if (longestKept) longestKept.#views = undefined;
    keepers[nextKeeper] = new WeakRef(this);
    nextKeeper = (nextKeeper + 1) % KEPT_VIEWS;
    this.#views = new ColumnViews(this.#buffer, this.#rowCount, this.#zeroArrays, this.#passes);
    return this.#views;
  }
}

type MakeColumns = (buffer: SharedArrayBuffer, rowCount: number, zeroArrays: number) => unknown;

/** A class with a getter a column, made once a signal, so that scans see one shape. */
function columnsMaker(signal: Signal): MakeColumns {
  const columns = Object.entries<Layout>(LAYOUTS[signal]);
  const passes = columns.map(([, layout]) => passOf(layout));
  const ofSignal = class extends PackedColumns {};
  for (const [index, [name, layout]] of columns.entries()) {
    Object.defineProperty(ofSignal.prototype, name, {
      enumerable: true,
      get(this: PackedColumns) {
        return this.column(index, layout);
      },
    });
  }
  return (buffer, rowCount, zeroArrays) => new ofSignal(buffer, rowCount, zeroArrays, passes);
}

const MAKERS: { readonly [S in Signal]: MakeColumns } = {
  traces: columnsMaker('traces'),
  metrics: columnsMaker('metrics'),
  logs: columnsMaker('logs'),
};

/** All columns by name, for what walks through them. */
export function columnsByName<S extends Signal>(
  batch: Batch<S>,
): Readonly<Record<keyof Columns<S>, unknown>> {
  const names = Object.keys(LAYOUTS[batch.signal]) as (keyof Columns<S>)[];
  return Object.fromEntries(names.map((name) => [name, batch.columns[name]])) as Record<
    keyof Columns<S>,
    unknown
  >;
}

/** The columns of a batch, from its buffer alone. Views are made when asked for: most scans want few. */
export function columnsIn<S extends Signal>(
  signal: S,
  buffer: SharedArrayBuffer,
  rowCount: number,
  zeroArrays: number,
): Columns<S> {
  return MAKERS[signal](buffer, rowCount, zeroArrays) as Columns<S>;
}
