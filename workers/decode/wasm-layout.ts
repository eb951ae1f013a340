import {
  LAYOUTS,
  SIGNALS,
  type Layout,
  type NumberKind,
  type Signal,
  type StructLayout,
} from '../../proto/columns/index.ts';

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
  | { readonly kind: 'plain'; readonly name: string; readonly rowBytes: number }
  | { readonly kind: 'list'; readonly name: string; readonly items: ColumnGroup };

const NUMBER_BYTES = {
  u8: 1,
  u32: 4,
  i32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
} as const satisfies Record<NumberKind, number>;

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
      return { kind: 'list', name, items: groupOf(item.kind === 'struct' ? item.fields : { item }) };
    }
    case 'binary':
      return { kind: 'list', name, items: groupOf({ bytes: { kind: 'u8' } }) };
    case 'struct':
      throw new TypeError(`the column ${name} is a struct outside a list, which no group has a place for`);
    case 'fixed':
      return { kind: 'plain', name, rowBytes: layout.width };
    case 'code':
      return { kind: 'plain', name, rowBytes: 4 };
    default:
      return { kind: 'plain', name, rowBytes: NUMBER_BYTES[layout.kind] };
  }
}

/** The group of each signal's rows. */
export const ROW_GROUPS = Object.fromEntries(
  SIGNALS.map((signal) => [signal, groupOf(LAYOUTS[signal])]),
) as Readonly<Record<Signal, ColumnGroup>>;

export const COLUMN_GROUPS: readonly ColumnGroup[] = allGroups;
