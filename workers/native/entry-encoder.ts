import type { DictionarySnapshot } from '../../proto/columns/index.ts';
import { dictionaryReader, readAttribute, type Attribute, type DictionaryReader } from '../columns/index.ts';
import { WireReader } from '../wire/index.ts';
import { anyValueText } from '../json/index.ts';
import { VALUE_TYPES } from './value-types.ts';
import { ENTRY_TABLES, entryId, type EntryTable, type NewEntries } from './entry-ids.ts';
import { takeBlock } from './native-block.ts';
import { ValueColumn, type ColumnType, type Value } from './value-column.ts';

const ENTRY_COLUMNS = {
  attributes: {
    id: 'UInt64',
    key: 'String',
    type: 'UInt8',
    value: 'String',
    bytes: 'String',
    seen: 'UInt16',
  },
  resources: {
    id: 'UInt64',
    attributes: 'Array(UInt64)',
    droppedAttributesCount: 'UInt32',
    schemaUrl: 'String',
    bytes: 'String',
    seen: 'UInt16',
  },
  scopes: {
    id: 'UInt64',
    name: 'String',
    version: 'String',
    attributes: 'Array(UInt64)',
    droppedAttributesCount: 'UInt32',
    schemaUrl: 'String',
    bytes: 'String',
    seen: 'UInt16',
  },
  metrics: {
    id: 'UInt64',
    name: 'String',
    description: 'String',
    unit: 'String',
    kind: 'String',
    temporality: 'Int32',
    isMonotonic: 'UInt8',
    metadata: 'Array(UInt64)',
    bytes: 'String',
    seen: 'UInt16',
  },
} as const satisfies Record<EntryTable, Record<string, ColumnType>>;

class EntryRows {
  readonly seenIds = new Set<bigint>();
  readonly columns: readonly ValueColumn[];

  constructor(table: EntryTable) {
    this.columns = Object.entries(ENTRY_COLUMNS[table]).map(([name, type]) => new ValueColumn(name, type));
  }

  append(values: readonly Value[]): void {
    this.columns.forEach((column, i) => {
      column.append(values[i] ?? 0);
    });
  }
}

/** Fields that hold attributes, in the entries of each dictionary: inside which field, and under which tag. */
const ATTRIBUTE_FIELDS = {
  resources: { insideTag: 10, tag: 10 },
  scopes: { insideTag: 10, tag: 26 },
  metrics: { insideTag: undefined, tag: 98 },
} as const;

/** The wire bytes of every `KeyValue` that an entry holds. */
function attributesIn(table: keyof typeof ATTRIBUTE_FIELDS, entry: Uint8Array): Uint8Array[] {
  const { insideTag, tag } = ATTRIBUTE_FIELDS[table];
  const found: Uint8Array[] = [];
  const reader = new WireReader().reset(entry);
  const walk = (end: number, wanted: number, visit: (stop: number) => void): void => {
    while (reader.pos < end) {
      const each = reader.tag(end);
      if (each === wanted) visit(reader.delimit(end));
      else reader.skip(each, end);
    }
  };
  const take = (stop: number): void => {
    found.push(entry.slice(reader.pos, stop));
    reader.pos = stop;
  };
  if (insideTag === undefined) walk(entry.length, tag, take);
  else {
    walk(entry.length, insideTag, (stop) => {
      walk(stop, tag, take);
    });
  }
  return found;
}

export interface EntryRowsOf {
  readonly table: EntryTable;
  readonly columnNames: readonly string[];
  readonly rowCount: number;
  readonly parts: Uint8Array[];
}

/** Rows of the entry tables; each entry once, and the attributes of resources, scopes and metrics among the attributes. */
export class EntryEncoder {
  private readonly day: number;
  private readonly rows = {
    attributes: new EntryRows('attributes'),
    resources: new EntryRows('resources'),
    scopes: new EntryRows('scopes'),
    metrics: new EntryRows('metrics'),
  } satisfies Record<EntryTable, EntryRows>;

  /** `day` since 1970-01-01, on which the entries were seen. */
  constructor(day: number) {
    this.day = day;
  }

  /** Of the entries' codes those from `from` up to `to`. */
  append({ snapshot, table, codes }: NewEntries, from = 0, to = codes.length): void {
    const reader = dictionaryReader(snapshot);
    for (const code of codes.slice(from, to)) {
      this.appendEntry(table, entryBytes(snapshot, table, code), reader, code);
    }
  }

  /** Tables with rows only. */
  take(): EntryRowsOf[] {
    return ENTRY_TABLES.flatMap((table) => {
      const { columns, seenIds } = this.rows[table];
      const rowCount = seenIds.size;
      if (rowCount === 0) return [];
      seenIds.clear();
      const columnNames = columns.map(({ name }) => name);
      return [{ table, columnNames, rowCount, parts: takeBlock(columns, rowCount) }];
    });
  }

  private appendEntry(table: EntryTable, bytes: Uint8Array, reader: DictionaryReader, code: number): void {
    if (table === 'attributes') {
      this.appendAttribute(bytes, reader.attribute(code));
      return;
    }
    const id = this.begin(table, bytes);
    if (id === undefined) return;
    const attributes = attributesIn(table, bytes).map((each) => this.appendAttribute(each));
    this.rows[table].append([id, ...fieldsOf(table, attributes, reader, code), bytes, this.day]);
  }

  private appendAttribute(bytes: Uint8Array, attribute?: Attribute): bigint {
    const id = this.begin('attributes', bytes);
    if (id === undefined) return entryId(bytes);
    const { key, value } = attribute ?? readAttribute(new WireReader().reset(bytes), bytes.length);
    const type = VALUE_TYPES[value?.kind ?? 'empty'];
    this.rows.attributes.append([id, key, type, anyValueText(value), bytes, this.day]);
    return id;
  }

  /** The entry's id, if it has no row yet. */
  private begin(table: EntryTable, bytes: Uint8Array): bigint | undefined {
    const id = entryId(bytes);
    const { seenIds } = this.rows[table];
    if (seenIds.has(id)) return undefined;
    seenIds.add(id);
    return id;
  }
}

function entryBytes(snapshot: DictionarySnapshot, table: EntryTable, code: number): Uint8Array {
  const { offsets, bytes } = snapshot.tables[table];
  return bytes.slice(offsets[code], offsets[code + 1]);
}

function fieldsOf(
  table: Exclude<EntryTable, 'attributes'>,
  attributes: readonly bigint[],
  reader: DictionaryReader,
  code: number,
): Value[] {
  switch (table) {
    case 'resources': {
      const { droppedAttributesCount, schemaUrl } = reader.resource(code);
      return [attributes, droppedAttributesCount, schemaUrl];
    }
    case 'scopes': {
      const { name, version, droppedAttributesCount, schemaUrl } = reader.scope(code);
      return [name, version, attributes, droppedAttributesCount, schemaUrl];
    }
    case 'metrics': {
      const { name, description, unit, kind, temporality, isMonotonic } = reader.metric(code);
      return [name, description, unit, kind, temporality, isMonotonic ? 1 : 0, attributes];
    }
  }
}
