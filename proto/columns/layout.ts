/**
 * Column layouts: the one description from which batches are built, packed, shown to Arrow and written to
 * ClickHouse. A layout is a tree of plain objects; `ColumnOf` gives the typed arrays that hold its values.
 *
 * Column names are the lowerCamelCase names of OTLP/JSON wherever OTLP has the field.
 */

/** The interning tables of a dictionary generation. See `dictionary.ts` for what an entry of each holds. */
export const DICTIONARY_NAMES = [
  'strings',
  'attributes',
  'resources',
  'scopes',
  'metrics',
  'bounds',
] as const;
export type DictionaryName = (typeof DICTIONARY_NAMES)[number];

export type NumberKind = 'u8' | 'u32' | 'i32' | 'u64' | 'i64' | 'f64';

export type Layout =
  | { readonly kind: NumberKind }
  | { readonly kind: 'fixed'; readonly width: 8 | 16 }
  | { readonly kind: 'code'; readonly dictionary: DictionaryName }
  | { readonly kind: 'binary' }
  | { readonly kind: 'list'; readonly item: Layout }
  | { readonly kind: 'struct'; readonly fields: StructLayout };

export interface StructLayout {
  readonly [name: string]: Layout;
}

interface NumberArrays {
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  /** Read rows through a Uint32Array over the same bytes (low word first) in hot loops: indexing this makes BigInts. */
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;
  readonly f64: Float64Array;
}

/** `offsets` has one entry more than rows; row `i` is `bytes[offsets[i] .. offsets[i + 1]]`. */
export interface BinaryColumn {
  readonly offsets: Int32Array;
  readonly bytes: Uint8Array;
}

/** `offsets` has one entry more than rows; row `i` holds items `offsets[i] .. offsets[i + 1]` of `items`. */
export interface ListColumn<Items> {
  readonly offsets: Int32Array;
  readonly items: Items;
}

/** The arrays that hold a column of layout `L`. `fixed` columns are row-major bytes, `width` a row. */
export type ColumnOf<L> = L extends { readonly kind: infer K extends NumberKind }
  ? NumberArrays[K]
  : L extends { readonly kind: 'fixed' }
    ? Uint8Array
    : L extends { readonly kind: 'code' }
      ? Int32Array
      : L extends { readonly kind: 'binary' }
        ? BinaryColumn
        : L extends { readonly kind: 'list'; readonly item: infer Item }
          ? ListColumn<ColumnOf<Item>>
          : L extends { readonly kind: 'struct'; readonly fields: infer F }
            ? { readonly [Name in keyof F]: ColumnOf<F[Name]> }
            : never;

export type ColumnsOf<S extends StructLayout> = { readonly [Name in keyof S]: ColumnOf<S[Name]> };
