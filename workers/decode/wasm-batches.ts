// Hot: once a batch and column. Bench: bench/decode.
import type { Batch, DictionarySnapshot, Signal } from '../../proto/columns/index.ts';
import { align8, columnsIn, Packer, timeRangeOf } from '../columns/index.ts';
import type { WasmInstance } from './wasm-instance.ts';
import { ROW_GROUPS, type ColumnGroup, type GroupColumn } from './wasm-layout.ts';

/** Pairs of first row and the row behind the last, none empty: a service's rows among those of the request. */
export type RowRanges = number[];

export function addRange(ranges: RowRanges, start: number, end: number): void {
  if (start === end) return;
  if (ranges.at(-1) === start) ranges[ranges.length - 1] = end;
  else ranges.push(start, end);
}

export function rowsIn(ranges: RowRanges): number {
  let rows = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    rows += (ranges[index + 1] ?? 0) - (ranges[index] ?? 0);
  }
  return rows;
}

/** Copies a service's rows out of WebAssembly memory into one shared buffer. */
export function batchOf<S extends Signal>(
  instance: WasmInstance,
  signal: S,
  ranges: RowRanges,
  dictionary: DictionarySnapshot,
): Batch<S> {
  const plan = planOf(instance, ROW_GROUPS[signal], ranges);
  const packer = new Packer(plan.sizeBytes);
  // The groups follow the layouts.
  pack(instance, packer, plan);
  const columns = columnsIn(signal, packer.buffer, plan.rowCount, packer.zeroArrays);
  const [minTimeUnixNano, maxTimeUnixNano] = timeRangeOf(signal, columns, plan.rowCount);
  return {
    signal,
    rowCount: plan.rowCount,
    buffer: packer.buffer,
    columns,
    zeroArrays: packer.zeroArrays,
    dictionary,
    minTimeUnixNano,
    maxTimeUnixNano,
  };
}

interface GroupPlan {
  readonly group: ColumnGroup;
  readonly ranges: RowRanges;
  readonly rowCount: number;
  /** With all groups below. */
  readonly sizeBytes: number;
  /** For each column: whether all its rows are zero, or the plan of its items. */
  readonly columns: readonly (boolean | GroupPlan)[];
}

function planOf(instance: WasmInstance, group: ColumnGroup, ranges: RowRanges): GroupPlan {
  const rowCount = rowsIn(ranges);
  let sizeBytes = 0;
  const columns = group.columns.map((column, index) => {
    const address = instance.address(group, index);
    if (column.kind === 'plain') {
      const isZero = isZeroIn(instance, address, column.rowBytes, ranges);
      if (!isZero) sizeBytes += align8(rowCount * column.rowBytes);
      return isZero;
    }
    const items = planOf(instance, column.items, itemRanges(instance, group, column.items, address, ranges));
    if (items.rowCount > 0) sizeBytes += align8(4 * (rowCount + 1)) + items.sizeBytes;
    return items;
  });
  return { group, ranges, rowCount, sizeBytes, columns };
}

function isZeroIn(instance: WasmInstance, address: number, rowBytes: number, ranges: RowRanges): boolean {
  for (let index = 0; index < ranges.length; index += 2) {
    const start = ranges[index] ?? 0;
    const end = ranges[index + 1] ?? 0;
    if (!instance.isZero(address + start * rowBytes, (end - start) * rowBytes)) return false;
  }
  return true;
}

/** The items that the lists of these rows hold. */
function itemRanges(
  instance: WasmInstance,
  group: ColumnGroup,
  items: ColumnGroup,
  address: number,
  ranges: RowRanges,
): RowRanges {
  const found: RowRanges = [];
  const rowCount = instance.rowCount(group);
  const starts = instance.wordsAt(address, rowCount);
  for (let index = 0; index < ranges.length; index += 2) {
    const [start, end] = [ranges[index] ?? 0, ranges[index + 1] ?? 0];
    const itemEnd = end < rowCount ? (starts[end] ?? 0) : instance.rowCount(items);
    addRange(found, starts[start] ?? 0, itemEnd);
  }
  return found;
}

function pack(instance: WasmInstance, packer: Packer, plan: GroupPlan): void {
  for (const [index, column] of plan.group.columns.entries()) {
    packColumn(instance, packer, plan, index, column);
  }
}

function packColumn(
  instance: WasmInstance,
  packer: Packer,
  plan: GroupPlan,
  index: number,
  column: GroupColumn,
): void {
  const { group, ranges, rowCount } = plan;
  const planned = plan.columns[index];
  const address = instance.address(group, index);
  if (column.kind === 'plain') {
    if (planned === true) packer.passZeros();
    else {
      copyRows(
        instance,
        address,
        column.rowBytes,
        ranges,
        packer.take(Uint8Array, rowCount * column.rowBytes),
      );
    }
    return;
  }
  const items = planned as GroupPlan;
  if (items.rowCount === 0) packer.passZeros();
  else fillOffsets(instance, address, plan, items, packer.take(Int32Array, rowCount + 1));
  pack(instance, packer, items);
}

function copyRows(
  instance: WasmInstance,
  address: number,
  rowBytes: number,
  ranges: RowRanges,
  target: Uint8Array,
): void {
  let at = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    const [start, end] = [ranges[index] ?? 0, ranges[index + 1] ?? 0];
    const size = (end - start) * rowBytes;
    target.set(instance.view(address + start * rowBytes, size), at);
    at += size;
  }
}

/** Where items start in the request becomes where they start in the batch. */
function fillOffsets(
  instance: WasmInstance,
  address: number,
  plan: GroupPlan,
  items: GroupPlan,
  offsets: Int32Array,
): void {
  const { ranges, rowCount } = plan;
  const rowsOfGroup = instance.rowCount(plan.group);
  const itemsOfGroup = instance.rowCount(items.group);
  const starts = instance.wordsAt(address, rowsOfGroup);
  let row = 0;
  let itemCount = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    const [start, end] = [ranges[index] ?? 0, ranges[index + 1] ?? 0];
    const moved = itemCount - (starts[start] ?? 0);
    if (moved === 0) offsets.set(starts.subarray(start, end), row);
    else for (let from = start; from < end; from++) offsets[row + from - start] = (starts[from] ?? 0) + moved;
    row += end - start;
    itemCount = (end < rowsOfGroup ? (starts[end] ?? 0) : itemsOfGroup) + moved;
  }
  offsets[rowCount] = itemCount;
}
