import {
  Binary,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampNanosecond,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
  Vector,
  type Data,
} from 'apache-arrow';
import {
  DICTIONARY_NAMES,
  LAYOUTS,
  type Batch,
  type BinaryColumn,
  type DictionaryName,
  type DictionarySnapshot,
  type DictionaryTable,
  type Layout,
  type ListColumn,
  type NumberKind,
  type Signal,
  type StructLayout,
} from '../../proto/columns/index.ts';
import { BatchBuilder } from './batch-builder.ts';
import { DictionaryGeneration } from './dictionary-generation.ts';

/** The batch for apache-arrow, over the same memory: nothing is copied, so nothing may be written to. */
export function toRecordBatch(batch: Batch): RecordBatch {
  const data = structData(
    LAYOUTS[batch.signal],
    batch.columns,
    batch.rowCount,
    dictionariesOf(batch.dictionary),
  );
  return new RecordBatch(new Schema(data.type.children), data);
}

/** The column names and types of a signal's batches. Times are nanosecond timestamps in UTC; nothing is nullable. */
export function arrowSchema(signal: Signal): Schema {
  return toRecordBatch(new BatchBuilder(signal).publish(new DictionaryGeneration().snapshot())).schema;
}

/** Columns that share a table share its dictionary id, so that Arrow IPC sends it once; Arrow wants one type object for that. */
const DICTIONARY_TYPES = Object.fromEntries(
  DICTIONARY_NAMES.map((name, id) => [
    name,
    new Dictionary(name === 'strings' ? new Utf8() : new Binary(), new Int32(), id),
  ]),
) as { readonly [Name in DictionaryName]: Dictionary<Utf8 | Binary, Int32> };

type Dictionaries = { readonly [Name in DictionaryName]: Vector<Utf8 | Binary> };

/** The tables as they stood in the snapshot. */
function dictionariesOf({ tables }: DictionarySnapshot): Dictionaries {
  return Object.fromEntries(
    DICTIONARY_NAMES.map((name) => [name, new Vector([tableData(name, tables[name])])]),
  ) as Dictionaries;
}

function tableData(name: DictionaryName, { offsets, bytes, count }: DictionaryTable): Data<Utf8 | Binary> {
  const buffers = { length: count, nullCount: 0, valueOffsets: offsets, data: bytes };
  if (name === 'strings') return makeData({ type: new Utf8(), ...buffers });
  return makeData({ type: new Binary(), ...buffers });
}

function structData(
  layout: StructLayout,
  columns: object,
  length: number,
  dictionaries: Dictionaries,
): Data<Struct> {
  const values = columns as Record<string, unknown>;
  const children = Object.entries(layout).map(([name, child]) =>
    columnData(name, child, values[name], length, dictionaries),
  );
  const fields = Object.keys(layout).map((name, index) => fieldOf(name, children[index]));
  return makeData({ type: new Struct(fields), length, nullCount: 0, children });
}

function fieldOf(name: string, data: Data | undefined): Field {
  if (!data) throw new Error(`The column ${name} has no data`);
  return new Field(name, data.type, false);
}

function columnData(
  name: string,
  layout: Layout,
  column: unknown,
  length: number,
  dictionaries: Dictionaries,
): Data {
  switch (layout.kind) {
    case 'list': {
      const { offsets, items } = column as ListColumn<unknown>;
      const child = columnData('item', layout.item, items, offsets[length] ?? 0, dictionaries);
      const type = new List(fieldOf('item', child));
      return makeData({ type, length, nullCount: 0, valueOffsets: offsets, child });
    }
    case 'struct':
      return structData(layout.fields, column as object, length, dictionaries);
    case 'binary': {
      const { offsets, bytes } = column as BinaryColumn;
      return makeData({ type: new Binary(), length, nullCount: 0, valueOffsets: offsets, data: bytes });
    }
    case 'fixed': {
      const type = new FixedSizeBinary(layout.width);
      return makeData({ type, length, nullCount: 0, data: column as Uint8Array });
    }
    case 'code':
      return codeData(layout.dictionary, column as Int32Array, length, dictionaries);
    default:
      return numberData(name, layout.kind, column, length);
  }
}

function codeData(name: DictionaryName, codes: Int32Array, length: number, dictionaries: Dictionaries): Data {
  const type = DICTIONARY_TYPES[name];
  return makeData({ type, length, nullCount: 0, data: codes, dictionary: dictionaries[name] });
}

function numberData(name: string, kind: NumberKind, column: unknown, length: number): Data {
  switch (kind) {
    case 'u8':
      return makeData({ type: new Uint8(), length, nullCount: 0, data: column as Uint8Array });
    case 'u32':
      return makeData({ type: new Uint32(), length, nullCount: 0, data: column as Uint32Array });
    case 'i32':
      return makeData({ type: new Int32(), length, nullCount: 0, data: column as Int32Array });
    case 'u64': {
      const words = column as BigUint64Array;
      if (!name.endsWith('imeUnixNano')) {
        return makeData({ type: new Uint64(), length, nullCount: 0, data: words });
      }
      // Arrow's timestamps are signed; the bits are the same for every time before the year 2262.
      const data = new BigInt64Array(words.buffer, words.byteOffset, words.length);
      return makeData({ type: new TimestampNanosecond('UTC'), length, nullCount: 0, data });
    }
    case 'i64':
      return makeData({ type: new Int64(), length, nullCount: 0, data: column as BigInt64Array });
    case 'f64':
      return makeData({ type: new Float64(), length, nullCount: 0, data: column as Float64Array });
  }
}
