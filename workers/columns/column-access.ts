import type { BinaryColumn, ListColumn } from '../../proto/columns/index.ts';
import type { DictionaryReader } from './dictionary-reader.ts';
import { toOtlpAttribute, type OtlpAttribute } from './otlp-objects.ts';

/** One row of a list column, as indices of its items. */
export function listAt<Items, Value>(
  column: ListColumn<Items>,
  row: number,
  valueAt: (items: Items, index: number) => Value,
): Value[] {
  const values: Value[] = [];
  const end = column.offsets[row + 1] ?? 0;
  for (let index = column.offsets[row] ?? 0; index < end; index++) values.push(valueAt(column.items, index));
  return values;
}

export function numberAt(column: Uint8Array | Uint32Array | Int32Array | Float64Array, row: number): number {
  return column[row] ?? 0;
}

export function bigintAt(column: BigUint64Array | BigInt64Array, row: number): bigint {
  return column[row] ?? 0n;
}

/** A copy; no bytes when all are zero, which is how columns hold an absent id. */
export function idAt(column: Uint8Array, width: 8 | 16, row: number): Uint8Array {
  const id = column.slice(width * row, width * (row + 1));
  return id.some((byte) => byte !== 0) ? id : new Uint8Array(0);
}

/** A view of one row of a binary column. */
export function bytesAt(column: BinaryColumn, row: number): Uint8Array {
  return column.bytes.subarray(column.offsets[row], column.offsets[row + 1]);
}

export function attributesAt(
  column: ListColumn<Int32Array>,
  row: number,
  dictionary: DictionaryReader,
): OtlpAttribute[] {
  return listAt(column, row, (codes, index) => toOtlpAttribute(dictionary.attribute(numberAt(codes, index))));
}
