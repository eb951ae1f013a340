import type { AttributeJson } from '../../proto/api/index.ts';
import type { ListColumn } from '../../proto/columns/index.ts';
import type { DictionaryReader } from '../columns/index.ts';
import { attributesJson } from './value-json.ts';

/** Lower-case hex of row `row` of a column of `width`-byte ids; '' when all its bytes are zero. */
export function idHex(column: Uint8Array, width: 8 | 16, row: number): string {
  const start = row * width;
  let isAbsent = true;
  for (let i = start; i < start + width && isAbsent; i += 1) isAbsent = column[i] === 0;
  return isAbsent ? '' : Buffer.from(column.buffer, column.byteOffset + start, width).toString('hex');
}

export function rowAttributesJson(
  column: ListColumn<Int32Array>,
  row: number,
  dictionary: DictionaryReader,
): AttributeJson[] {
  const codes = column.items.subarray(column.offsets[row], column.offsets[row + 1]);
  return attributesJson(Array.from(codes, (code) => dictionary.attribute(code)));
}

/** Rows of a list column as objects. */
export function rowItems<Items, Item>(
  column: ListColumn<Items>,
  row: number,
  itemAt: (items: Items, index: number) => Item,
): Item[] {
  const found: Item[] = [];
  const end = column.offsets[row + 1] ?? 0;
  for (let index = column.offsets[row] ?? 0; index < end; index += 1) found.push(itemAt(column.items, index));
  return found;
}

export function wordText(column: BigUint64Array | BigInt64Array, row: number): string {
  return (column[row] ?? 0n).toString();
}
