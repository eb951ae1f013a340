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

const NUMBER_ARRAYS = {
  u8: Uint8Array,
  u32: Uint32Array,
  i32: Int32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f64: Float64Array,
} as const satisfies Record<NumberKind, SharedArrayType<ArrayBufferView>>;

/** The arrays of a signal's columns, in the order in which `Packer` handed them out: an element each. */
class PackedArrays {
  readonly layouts: readonly Layout[];
  /** By column: its first array. */
  readonly firsts: readonly number[];
  /** Bytes an element. */
  readonly widths: readonly number[];
  /** In how many lists it is. */
  readonly depths: readonly number[];
  /** 1: its last number is how many elements arrays one list deeper have. */
  readonly areOffsets: readonly number[];

  constructor(layouts: readonly Layout[]) {
    const arrays: { width: number; depth: number; isOffsets: boolean }[] = [];
    const firsts: number[] = [];
    for (const layout of layouts) {
      firsts.push(arrays.length);
      addArrays(layout, 0, (width, depth, isOffsets) => arrays.push({ width, depth, isOffsets }));
    }
    this.layouts = layouts;
    this.firsts = firsts;
    this.widths = arrays.map(({ width }) => width);
    this.depths = arrays.map(({ depth }) => depth);
    this.areOffsets = arrays.map(({ isOffsets }) => Number(isOffsets));
  }
}

type AddArray = (width: number, depth: number, isOffsets: boolean) => void;

function addArrays(layout: Layout, depth: number, add: AddArray): void {
  switch (layout.kind) {
    case 'list':
      add(4, depth, true);
      addArrays(layout.item, depth + 1, add);
      break;
    case 'struct':
      for (const field of Object.values(layout.fields)) addArrays(field, depth, add);
      break;
    case 'binary':
      add(4, depth, true);
      add(1, depth + 1, false);
      break;
    default:
      add(widthOf(layout), depth, false);
  }
}

function widthOf(layout: Extract<Layout, { kind: NumberKind | 'fixed' | 'code' }>): number {
  if (layout.kind === 'fixed') return layout.width;
  return layout.kind === 'code' ? 4 : NUMBER_ARRAYS[layout.kind].BYTES_PER_ELEMENT;
}

/**
 * How many batches keep their views, those used last. All views of a batch are 4 KB of objects and more: kept for a
 * whole window they are what a garbage collector walks through five times a second under load.
 */
const KEPT_VIEWS = 512;
const keepers = new Array<WeakRef<PackedColumns> | undefined>(KEPT_VIEWS);
let nextKeeper = 0;

/** Elements of the arrays in so many lists as the place says; of the batch that is walked through. */
const lengths = [0, 0, 0, 0];

/** The columns of one batch. Views are made when they are asked for, of the arrays that are walked through until then. */
class PackedColumns {
  readonly #arrays: PackedArrays;
  readonly #buffer: SharedArrayBuffer;
  readonly #rowCount: number;
  readonly #zerosLow: number;
  readonly #zerosHigh: number;
  readonly #livesShort: boolean;
  #made: unknown[] | undefined;
  #words: Int32Array | undefined;
  /** The array that is next in the walk, and where it begins. */
  #array = 0;
  #at = 0;

  constructor(
    arrays: PackedArrays,
    buffer: SharedArrayBuffer,
    rowCount: number,
    zeroArrays: number,
    livesShort: boolean,
  ) {
    this.#arrays = arrays;
    this.#buffer = buffer;
    this.#rowCount = rowCount;
    this.#zerosLow = (zeroArrays % 2 ** 32) | 0;
    this.#zerosHigh = Math.floor(zeroArrays / 2 ** 32);
    this.#livesShort = livesShort;
  }

  column(index: number): unknown {
    const made = this.#made ?? this.#begin();
    return (made[index] ??= this.#make(index));
  }

  #begin(): unknown[] {
    if (!this.#livesShort) {
      const longestKept = keepers[nextKeeper]?.deref();
      if (longestKept) longestKept.#letGo();
      keepers[nextKeeper] = new WeakRef(this);
      nextKeeper = (nextKeeper + 1) % KEPT_VIEWS;
    }
    return (this.#made = new Array<unknown>(this.#arrays.layouts.length));
  }

  #letGo(): void {
    this.#made = undefined;
    this.#words = undefined;
  }

  #make(index: number): unknown {
    const { layouts, firsts } = this.#arrays;
    const layout = layouts[index];
    const first = firsts[index];
    if (layout === undefined || first === undefined) throw new RangeError(`there is no column ${index}`);
    if (first < this.#array) {
      this.#array = 0;
      this.#at = 0;
    }
    lengths[0] = this.#rowCount;
    while (this.#array < first) this.#pass();
    return this.#takeColumn(layout, this.#rowCount);
  }

  #pass(): void {
    const { widths, depths, areOffsets } = this.#arrays;
    const array = this.#array;
    const depth = depths[array] ?? 0;
    const more = areOffsets[array] ?? 0;
    this.#array += 1;
    const isZero = this.#isZero(array);
    const length = (lengths[depth] ?? 0) + more;
    if (more === 1) lengths[depth + 1] = isZero ? 0 : this.#wordAt((this.#at >> 2) + length - 1);
    if (!isZero) this.#at += align8(length * (widths[array] ?? 0));
  }

  #wordAt(place: number): number {
    return (this.#words ??= new Int32Array(this.#buffer))[place] ?? 0;
  }

  #isZero(array: number): boolean {
    return ((array < 32 ? this.#zerosLow >>> array : this.#zerosHigh >>> (array - 32)) & 1) === 1;
  }

  #takeColumn(layout: Layout, rows: number): unknown {
    switch (layout.kind) {
      case 'list': {
        const offsets = this.#take(Int32Array, rows + 1);
        return { offsets, items: this.#takeColumn(layout.item, offsets[rows] ?? 0) };
      }
      case 'struct': {
        const fields: Record<string, unknown> = {};
        for (const name in layout.fields) {
          const field = layout.fields[name];
          if (field) fields[name] = this.#takeColumn(field, rows);
        }
        return fields;
      }
      case 'binary': {
        const offsets = this.#take(Int32Array, rows + 1);
        return { offsets, bytes: this.#take(Uint8Array, offsets[rows] ?? 0) };
      }
      case 'fixed':
        return this.#take(Uint8Array, layout.width * rows);
      case 'code':
        return this.#take(Int32Array, rows);
      default:
        return this.#take<ArrayBufferView>(NUMBER_ARRAYS[layout.kind], rows);
    }
  }

  #take<A extends ArrayBufferView>(ArrayType: SharedArrayType<A>, length: number): A {
    const array = this.#array;
    this.#array += 1;
    if (this.#isZero(array)) return zerosOf(ArrayType, array, length);
    const region = new ArrayType(this.#buffer, this.#at, length);
    this.#at += align8(length * ArrayType.BYTES_PER_ELEMENT);
    return region;
  }
}

type MakeColumns = (
  buffer: SharedArrayBuffer,
  rowCount: number,
  zeroArrays: number,
  livesShort: boolean,
) => unknown;

/** A class with a getter a column, made once a signal, so that scans see one shape. */
function columnsMaker(signal: Signal): MakeColumns {
  const columns = Object.entries<Layout>(LAYOUTS[signal]);
  const arrays = new PackedArrays(columns.map(([, layout]) => layout));
  const ofSignal = class extends PackedColumns {};
  for (const [index, [name]] of columns.entries()) {
    Object.defineProperty(ofSignal.prototype, name, {
      enumerable: true,
      get(this: PackedColumns) {
        return this.column(index);
      },
    });
  }
  return (buffer, rowCount, zeroArrays, livesShort) =>
    new ofSignal(arrays, buffer, rowCount, zeroArrays, livesShort);
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
  return MAKERS[signal](buffer, rowCount, zeroArrays, false) as Columns<S>;
}

/** As `columnsIn`, for one scan: views stay until the columns themselves are garbage, and nobody keeps count of them. */
export function scanColumnsIn<S extends Signal>(
  signal: S,
  buffer: SharedArrayBuffer,
  rowCount: number,
  zeroArrays: number,
): Columns<S> {
  return MAKERS[signal](buffer, rowCount, zeroArrays, true) as Columns<S>;
}
