import {
  Bool,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  makeData,
  makeVector,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  Uint32,
  Uint8,
  Utf8,
  vectorFromArray,
  type DataType,
  type Vector,
} from 'apache-arrow';
import type { FrameColumns, FrameColumnType, FrameHead } from '../../proto/live/index.ts';

interface CellTypes {
  readonly category: string;
  readonly utf8: string;
  readonly uint8: number;
  readonly uint32: number;
  readonly float32: number;
  readonly float64: number;
  readonly bool: boolean;
}

/** A frame's rows, column by column. */
export type FrameData<C extends FrameColumns> = {
  readonly [Name in keyof C]: readonly CellTypes[C[Name]][];
};

/** An empty set of columns to push rows to. */
export function emptyFrame<C extends FrameColumns>(
  columns: C,
): { readonly [Name in keyof C]: CellTypes[C[Name]][] } {
  const empty: Record<string, unknown[]> = {};
  for (const name of Object.keys(columns)) empty[name] = [];
  return empty as { [Name in keyof C]: CellTypes[C[Name]][] };
}

/** One Arrow IPC stream: schema (with `head` as its metadata), dictionaries, one record batch of `rows` rows. */
export function encodeFrame<C extends FrameColumns>(
  columns: C,
  data: FrameData<C>,
  rows: number,
  head: FrameHead,
): Uint8Array {
  const vectors = Object.entries(columns).map(([name, type]) => {
    const cells = data[name as keyof C] as readonly unknown[];
    return { name, vector: vectorOf(type, cells) };
  });
  const metadata = new Map(Object.entries(head) as [string, string][]);
  const fields = vectors.map(({ name, vector }) => new Field(name, vector.type, false));
  const schema = new Schema(fields, metadata);
  const children = vectors.flatMap(({ vector }) => vector.data);
  const struct = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children });
  return RecordBatchStreamWriter.writeAll([new RecordBatch(schema, struct)]).toUint8Array(true);
}

function vectorOf(type: FrameColumnType, cells: readonly unknown[]): Vector<DataType> {
  switch (type) {
    case 'category':
      return categories(cells as readonly string[]);
    case 'utf8':
      return vectorFromArray(cells as readonly string[], new Utf8());
    case 'uint8':
      return makeVector(
        makeData({ type: new Uint8(), data: Uint8Array.from(cells as readonly number[]), nullCount: 0 }),
      );
    case 'uint32':
      return makeVector(
        makeData({ type: new Uint32(), data: Uint32Array.from(cells as readonly number[]), nullCount: 0 }),
      );
    case 'float32':
      return makeVector(
        makeData({ type: new Float32(), data: Float32Array.from(cells as readonly number[]), nullCount: 0 }),
      );
    case 'float64':
      return makeVector(
        makeData({ type: new Float64(), data: Float64Array.from(cells as readonly number[]), nullCount: 0 }),
      );
    case 'bool':
      return vectorFromArray(cells as readonly boolean[], new Bool());
  }
}

function categories(cells: readonly string[]): Vector<DataType> {
  const codes = new Map<string, number>();
  const indices = Int32Array.from(cells, (cell) => {
    const known = codes.get(cell);
    if (known !== undefined) return known;
    codes.set(cell, codes.size);
    return codes.size - 1;
  });
  const dictionary = vectorFromArray([...codes.keys()], new Utf8());
  const type = new Dictionary(new Utf8(), new Int32());
  return makeVector(makeData({ type, data: indices, length: indices.length, nullCount: 0, dictionary }));
}
