import {
  LAYOUTS,
  SIGNALS,
  type Layout,
  type NumberKind,
  type Signal,
  type StructLayout,
} from '../../proto/columns/index.ts';
import type { SharedArrayType } from '../columns/index.ts';

type AnyArray = Uint8Array | Uint32Array | Int32Array | BigUint64Array | BigInt64Array | Float64Array;

/**
 * The layouts as WebAssembly memory has them: groups of columns that have a row each for the same things. A list
 * column holds where each row's items start in the group of its items. See workers/decode/wasm/columns.ts.
 */
export interface ColumnGroup {
  /** Place among all groups, counted from spans in the order in which the layouts name them. */
  readonly index: number;
  readonly columns: readonly GroupColumn[];
}

export type GroupColumn =
  | {
      readonly kind: 'plain';
      readonly name: string;
      readonly rowBytes: number;
      readonly ArrayType: SharedArrayType<AnyArray>;
    }
  | {
      readonly kind: 'list';
      readonly name: string;
      readonly items: ColumnGroup;
      /** What readers find beside `offsets`. `struct` items are an object of columns, the others a single array. */
      readonly itemsAre: 'struct' | 'array' | 'bytes';
    };

const NUMBERS = {
  u8: [1, Uint8Array],
  u32: [4, Uint32Array],
  i32: [4, Int32Array],
  u64: [8, BigUint64Array],
  i64: [8, BigInt64Array],
  f64: [8, Float64Array],
} as const satisfies Record<NumberKind, readonly [number, SharedArrayType<AnyArray>]>;

const allGroups: ColumnGroup[] = [];

function groupOf(fields: StructLayout): ColumnGroup {
  const columns: GroupColumn[] = [];
  const group = { index: allGroups.length, columns };
  allGroups.push(group);
  for (const [name, layout] of Object.entries(fields)) columns.push(columnOf(name, layout));
  return group;
}

function columnOf(name: string, layout: Layout): GroupColumn {
  switch (layout.kind) {
    case 'list': {
      const { item } = layout;
      const isStruct = item.kind === 'struct';
      const items = groupOf(isStruct ? item.fields : { item });
      return { kind: 'list', name, items, itemsAre: isStruct ? 'struct' : 'array' };
    }
    case 'binary':
      return { kind: 'list', name, items: groupOf({ bytes: { kind: 'u8' } }), itemsAre: 'bytes' };
    case 'struct':
      throw new TypeError(`the column ${name} is a struct outside a list, which no group has a place for`);
    case 'fixed':
      return { kind: 'plain', name, rowBytes: layout.width, ArrayType: Uint8Array };
    case 'code':
      return { kind: 'plain', name, rowBytes: 4, ArrayType: Int32Array };
    default: {
      const [rowBytes, ArrayType] = NUMBERS[layout.kind];
      return { kind: 'plain', name, rowBytes, ArrayType };
    }
  }
}

/** The group of each signal's rows. */
export const ROW_GROUPS = Object.fromEntries(
  SIGNALS.map((signal) => [signal, groupOf(LAYOUTS[signal])]),
) as Readonly<Record<Signal, ColumnGroup>>;

export const COLUMN_GROUPS: readonly ColumnGroup[] = allGroups;
