import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Bool,
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampNanosecond,
  Uint64,
  Utf8,
  vectorFromArray,
  type Data,
  type DataType,
} from 'apache-arrow';
import type { AnswerColumn, ColumnType } from './columns.ts';
import { CHUNK_ROWS } from './text-bodies.ts';

/** An Arrow IPC stream: the schema, then a record batch every some hundred rows. */
export async function* arrowChunks(
  rows: readonly unknown[],
  columns: readonly AnswerColumn[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const schema = new Schema(columns.map(({ name, type }) => new Field(name, TYPES[type], true)));
  const writer = new RecordBatchStreamWriter();
  const written: AsyncIterator<Uint8Array> = writer[Symbol.asyncIterator]();
  // Before the first batch: an answer without rows has columns all the same.
  writer.reset(undefined, schema);
  write(writer, schema, rows, columns).catch((error: unknown) => {
    writer.abort(error);
  });
  for (let next = await written.next(); next.done !== true; next = await written.next()) yield next.value;
}

async function write(
  writer: RecordBatchStreamWriter,
  schema: Schema,
  rows: readonly unknown[],
  columns: readonly AnswerColumn[],
): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    writer.write(batchOf(schema, rows.slice(from, from + CHUNK_ROWS), columns));
    await nextTurn();
  }
  writer.close();
}

const UTC_NANOS = new TimestampNanosecond('UTC');
const TYPES: { readonly [Type in ColumnType]: DataType } = {
  text: new Utf8(),
  int64: new Int64(),
  uint64: new Uint64(),
  time: UTC_NANOS,
  double: new Float64(),
  boolean: new Bool(),
};

function batchOf(schema: Schema, rows: readonly unknown[], columns: readonly AnswerColumn[]): RecordBatch {
  const children = columns.map(({ type, read }) => columnData(type, rows.map(read)));
  const struct = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return new RecordBatch(schema, struct);
}

function columnData(type: ColumnType, values: readonly unknown[]): Data {
  const whole = (value: unknown): bigint => (isPresent(value) ? BigInt(value as string | number) : 0n);
  const shape = { length: values.length, ...nullsOf(values) };
  switch (type) {
    case 'text':
    case 'boolean':
      return built(TYPES[type], values);
    case 'double':
      return makeData({
        type: new Float64(),
        ...shape,
        data: Float64Array.from(values, (value) => (isPresent(value) ? Number(value) : 0)),
      });
    case 'uint64':
      return makeData({ type: new Uint64(), ...shape, data: BigUint64Array.from(values, whole) });
    case 'int64':
      return makeData({ type: new Int64(), ...shape, data: BigInt64Array.from(values, whole) });
    case 'time':
      // Arrow's own builder of timestamps multiplies them as numbers.
      return makeData({ type: UTC_NANOS, ...shape, data: BigInt64Array.from(values, whole) });
  }
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function nullsOf(values: readonly unknown[]): {
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array;
} {
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  let nullCount = 0;
  for (const [i, value] of values.entries()) {
    if (isPresent(value)) nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7));
    else nullCount += 1;
  }
  return { nullCount, nullBitmap };
}

function built(type: DataType, values: readonly unknown[]): Data {
  const [data] = vectorFromArray(
    values.map((value) => (isPresent(value) ? value : null)),
    type,
  ).data;
  if (!data) throw new Error('a vector of Arrow has no data');
  return data;
}
