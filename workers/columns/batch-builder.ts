import {
  LAYOUTS,
  type Batch,
  type DictionarySnapshot,
  type Layout,
  type NumberKind,
  type Signal,
  type StructLayout,
} from '../../proto/columns/index.ts';
import {
  BinaryBuilder,
  ByteBuilder,
  ListBuilder,
  StructBuilder,
  WordBuilder,
  type ColumnBuilder,
} from './column-builders.ts';
import { columnsIn } from './packed-columns.ts';
import { Packer } from './packer.ts';
import { timeRangeOf } from './time-range.ts';

/** The builder of a column of layout `L`. */
export type BuilderOf<L> = L extends { readonly kind: 'u8' }
  ? ByteBuilder
  : L extends { readonly kind: NumberKind | 'fixed' | 'code' }
    ? WordBuilder
    : L extends { readonly kind: 'binary' }
      ? BinaryBuilder
      : L extends { readonly kind: 'list'; readonly item: infer Item }
        ? ListBuilder<BuilderOf<Item>>
        : L extends { readonly kind: 'struct'; readonly fields: infer F }
          ? StructBuilder<{ readonly [Name in keyof F]: BuilderOf<F[Name]> }>
          : never;

export type BuildersOf<S extends Signal> = {
  readonly [Name in keyof (typeof LAYOUTS)[S]]: BuilderOf<(typeof LAYOUTS)[S][Name]>;
};

/**
 * Rows of one batch in the making. Fill row `rowCount` through `columns`, then `commit` or `discard` it. `publish`
 * packs what was committed and leaves the builder empty for the next batch, its memory kept.
 */
export class BatchBuilder<S extends Signal = Signal> {
  readonly signal: S;
  readonly columns: BuildersOf<S>;
  rowCount = 0;
  private readonly rows: StructBuilder<unknown>;

  constructor(signal: S) {
    this.signal = signal;
    const fields = buildersFor(LAYOUTS[signal]);
    this.columns = fields as BuildersOf<S>;
    this.rows = new StructBuilder(fields);
  }

  commit(): void {
    this.rowCount++;
  }

  /** Takes back whatever was written to row `rowCount`. */
  discard(): void {
    this.rows.truncate(this.rowCount);
  }

  /** `dictionary` must hold every code of every row. */
  publish(dictionary: DictionarySnapshot): Batch<S> {
    const rowCount = this.rowCount;
    const packer = new Packer(this.rows.sizeOf(rowCount));
    this.rows.pack(packer, rowCount);
    this.clear();
    const columns = columnsIn(this.signal, packer.buffer, rowCount, packer.zeroArrays);
    const [minTimeUnixNano, maxTimeUnixNano] = timeRangeOf(this.signal, columns, rowCount);
    return {
      signal: this.signal,
      rowCount,
      buffer: packer.buffer,
      columns,
      zeroArrays: packer.zeroArrays,
      dictionary,
      minTimeUnixNano,
      maxTimeUnixNano,
    };
  }

  clear(): void {
    this.rows.clear();
    this.rowCount = 0;
  }
}

function buildersFor(fields: StructLayout): Record<string, ColumnBuilder> {
  return Object.fromEntries(Object.entries(fields).map(([name, layout]) => [name, builderFor(layout)]));
}

const NUMBER_BUILDERS = {
  u8: () => new ByteBuilder(),
  u32: () => new WordBuilder(1),
  i32: () => new WordBuilder(1),
  u64: () => new WordBuilder(2),
  i64: () => new WordBuilder(2),
  f64: () => new WordBuilder(2),
} as const satisfies Record<NumberKind, () => ColumnBuilder>;

function builderFor(layout: Layout): ColumnBuilder {
  switch (layout.kind) {
    case 'code':
      return new WordBuilder(1);
    case 'fixed':
      return new WordBuilder(layout.width === 16 ? 4 : 2);
    case 'binary':
      return new BinaryBuilder();
    case 'list':
      return new ListBuilder(builderFor(layout.item));
    case 'struct':
      return new StructBuilder(buildersFor(layout.fields));
    default:
      return NUMBER_BUILDERS[layout.kind]();
  }
}
