import {
  Bool,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  RecordBatch,
  Schema,
  Struct,
  Table,
  Uint32,
  Uint8,
  Utf8,
  makeData,
  tableToIPC,
  vectorFromArray,
  type DataType,
} from 'apache-arrow';
import type { FrameColumns, FrameColumnType, FrameHead } from '../../proto/live/index.ts';

const TYPES: Readonly<Record<FrameColumnType, () => DataType>> = {
  category: () => new Dictionary(new Utf8(), new Int32()),
  utf8: () => new Utf8(),
  uint8: () => new Uint8(),
  uint32: () => new Uint32(),
  float32: () => new Float32(),
  float64: () => new Float64(),
  bool: () => new Bool(),
};

export type FrameRow = Readonly<Record<string, string | number | boolean>>;

/** A frame as the server sends it: one Arrow IPC stream, made with another library than the one that reads it. */
export function encodeFrame(columns: FrameColumns, rows: readonly FrameRow[], head: FrameHead): Uint8Array {
  const names = Object.keys(columns);
  const vectors = names.map((name) => {
    const type = TYPES[columns[name] ?? 'utf8']();
    return vectorFromArray(
      rows.map((row) => row[name] ?? null),
      type,
    );
  });
  const fields = names.map((name, at) => new Field(name, vectors[at]?.type ?? new Utf8(), true));
  const metadata = new Map(Object.entries(head).map(([key, value]) => [key, String(value)]));
  const schema = new Schema(fields, metadata);
  const data = makeData({
    type: new Struct(fields),
    length: rows.length,
    nullCount: 0,
    children: vectors.map((vector) => vector.data[0]).filter((one) => one !== undefined),
  });
  return tableToIPC(new Table(schema, [new RecordBatch(schema, data)]), 'stream');
}
