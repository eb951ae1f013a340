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
  type DataType,
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
  type Signal,
  type StructLayout,
} from '../../proto/columns/index.ts';

/** The column names and types of a signal's batches. Times are nanosecond timestamps in UTC. */
export function arrowSchema(signal: Signal): Schema {
  return new Schema(fieldsOf(LAYOUTS[signal]));
}

/** The batch for apache-arrow, over the same memory: nothing is copied, so nothing may be written to. */
export function toRecordBatch(batch: Batch): RecordBatch {
  const schema = arrowSchema(batch.signal);
  const type = new Struct(schema.fields);
  return new RecordBatch(
    schema,
    structData(type, LAYOUTS[batch.signal], batch.columns, batch.rowCount, dictionariesOf(batch.dictionary)),
  );
}

type Dictionaries = { readonly [Name in DictionaryName]: Vector };

/** Its tables as they stood in the snapshot. */
function dictionariesOf({ tables }: DictionarySnapshot): Dictionaries {
  return Object.fromEntries(
    DICTIONARY_NAMES.map((name) => [name, new Vector([tableData(name, tables[name])])]),
  ) as Dictionaries;
}

function tableData(name: DictionaryName, { offsets, bytes, count }: DictionaryTable): Data {
  const buffers = { length: count, nullCount: 0, valueOffsets: offsets, data: bytes };
  if (name === 'strings') return makeData({ type: new Utf8(), ...buffers });
  return makeData({ type: new Binary(), ...buffers });
}

function fieldsOf(layout: StructLayout): Field[] {
  return Object.entries(layout).map(([name, child]) => new Field(name, typeOf(name, child), false));
}

function typeOf(name: string, layout: Layout): DataType {
  switch (layout.kind) {
    case 'u8':
      return new Uint8();
    case 'u32':
      return new Uint32();
    case 'i32':
      return new Int32();
    case 'u64':
      return isTime(name) ? new TimestampNanosecond('UTC') : new Uint64();
    case 'i64':
      return new Int64();
    case 'f64':
      return new Float64();
    case 'fixed':
      return new FixedSizeBinary(layout.width);
    case 'code':
      return dictionaryType(layout.dictionary);
    case 'binary':
      return new Binary();
    case 'list':
      return new List(new Field('item', typeOf('item', layout.item), false));
    case 'struct':
      return new Struct(fieldsOf(layout.fields));
  }
}

function isTime(name: string): boolean {
  return name.endsWith('imeUnixNano');
}

/** All columns that share a table share a dictionary id, so that Arrow IPC sends the table once. */
function dictionaryType(name: DictionaryName): Dictionary {
  const values = name === 'strings' ? new Utf8() : new Binary();
  return new Dictionary(values, new Int32(), DICTIONARY_NAMES.indexOf(name));
}

function structData(
  type: Struct,
  layout: StructLayout,
  columns: object,
  length: number,
  dictionaries: Dictionaries,
): Data<Struct> {
  const values = columns as Record<string, unknown>;
  const children = type.children.map((field) => {
    const child = layout[field.name];
    if (!child) throw new Error(`The layout has no column ${field.name}`);
    return dataOf(field.type as DataType, child, values[field.name], length, dictionaries);
  });
  return makeData({ type, length, nullCount: 0, children });
}

function dataOf(
  type: DataType,
  layout: Layout,
  column: unknown,
  length: number,
  dictionaries: Dictionaries,
): Data {
  switch (layout.kind) {
    case 'list': {
      const { offsets, items } = column as ListColumn<unknown>;
      const list = type as List;
      const child = dataOf(list.valueType, layout.item, items, offsets[length] ?? 0, dictionaries);
      return makeData({ type: list, length, nullCount: 0, valueOffsets: offsets, child });
    }
    case 'struct':
      return structData(type as Struct, layout.fields, column as object, length, dictionaries);
    case 'binary': {
      const { offsets, bytes } = column as BinaryColumn;
      return makeData({ type: type as Binary, length, nullCount: 0, valueOffsets: offsets, data: bytes });
    }
    case 'code':
      return makeData({
        type: type as Dictionary,
        length,
        nullCount: 0,
        data: column as Int32Array,
        dictionary: dictionaries[layout.dictionary],
      });
    case 'u64': {
      const words = column as BigUint64Array;
      if (type instanceof Uint64) return makeData({ type, length, nullCount: 0, data: words });
      // Arrow's timestamps are signed; the bits are the same for every time before the year 2262.
      const data = new BigInt64Array(words.buffer, words.byteOffset, words.length);
      return makeData({ type: type as TimestampNanosecond, length, nullCount: 0, data });
    }
    default:
      return makeData({ type: type as Int32, length, nullCount: 0, data: column as Int32Array });
  }
}
