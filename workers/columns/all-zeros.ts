// Hot: once a batch and query. Bench: bench/hot-query.
import { LAYOUTS, type Batch, type Layout, type Signal } from '../../proto/columns/index.ts';

const BITS: { readonly [S in Signal]: ReadonlyMap<string, number> } = {
  traces: firstBits(LAYOUTS.traces),
  logs: firstBits(LAYOUTS.logs),
  metrics: firstBits(LAYOUTS.metrics),
};

/** Whether a column is all zeros, or all its lists are empty: told without a view of it. */
export function isAllZeros<S extends Signal>(
  { signal, zeroArrays }: Batch<S>,
  column: keyof Batch<S>['columns'] & string,
): boolean {
  const bit = BITS[signal].get(column);
  return bit !== undefined && Math.floor(zeroArrays / 2 ** bit) % 2 === 1;
}

/** Where the first array of each column stands in `Batch.zeroArrays`. */
function firstBits(layouts: Readonly<Record<string, Layout>>): ReadonlyMap<string, number> {
  const bits = new Map<string, number>();
  let bit = 0;
  for (const [column, layout] of Object.entries(layouts)) {
    bits.set(column, bit);
    bit += arraysOf(layout);
  }
  return bits;
}

function arraysOf(layout: Layout): number {
  switch (layout.kind) {
    case 'list':
      return 1 + arraysOf(layout.item);
    case 'struct':
      return Object.values(layout.fields).reduce((sum, field) => sum + arraysOf(field), 0);
    case 'binary':
      return 2;
    default:
      return 1;
  }
}
