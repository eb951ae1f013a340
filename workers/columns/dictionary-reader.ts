import type { DictionaryName, DictionarySnapshot, DictionaryTable } from '../../proto/columns/index.ts';
import { WireReader } from '../wire/index.ts';
import { readAttribute, readAttributeKey, type Attribute } from './any-value.ts';
import {
  readMetricEntry,
  readResourceEntry,
  readScopeEntry,
  type Metric,
  type Resource,
  type Scope,
} from './dictionary-entries.ts';
import { decodeText } from './text.ts';

/**
 * The entries of a generation as values, each decoded when first asked for and then remembered for as long as any
 * snapshot of the generation that was asked for is. A code that the generation does not have throws RangeError.
 */
export class DictionaryReader {
  private snapshot: DictionarySnapshot;
  private readonly wire = new WireReader();
  /** Of which table `wire` has the bytes: views of each entry would take longer than most entries. */
  private inWire: Uint8Array | undefined;
  private readonly strings: (string | undefined)[] = [''];
  private readonly attributes: (Attribute | undefined)[] = [];
  private readonly resources: (Resource | undefined)[] = [];
  private readonly scopes: (Scope | undefined)[] = [];
  private readonly metrics: (Metric | undefined)[] = [];
  private readonly boundLists: (Float64Array | undefined)[] = [];

  constructor(snapshot: DictionarySnapshot) {
    this.snapshot = snapshot;
  }

  string(code: number): string {
    return (this.strings[code] ??= this.readString(code));
  }

  attribute(code: number): Attribute {
    return (this.attributes[code] ??= this.read('attributes', code, readAttribute));
  }

  /** The key alone; nothing is remembered. Cheaper than `attribute` when few entries are wanted. */
  attributeKey(code: number): string {
    return this.attributes[code]?.key ?? this.read('attributes', code, readAttributeKey);
  }

  resource(code: number): Resource {
    return (this.resources[code] ??= this.read('resources', code, readResourceEntry));
  }

  scope(code: number): Scope {
    return (this.scopes[code] ??= this.read('scopes', code, readScopeEntry));
  }

  metric(code: number): Metric {
    return (this.metrics[code] ??= this.read('metrics', code, readMetricEntry));
  }

  /** Bounds of histogram buckets, ascending. Not to be written to. */
  bounds(code: number): Float64Array {
    return (this.boundLists[code] ??= this.readBounds(code));
  }

  /** Takes over a later snapshot of the same generation: it holds all that this one does. */
  extend(snapshot: DictionarySnapshot): void {
    const { tables } = this.snapshot;
    const isLarger = (name: DictionaryName): boolean => snapshot.tables[name].count > tables[name].count;
    if (!Object.keys(tables).some((name) => isLarger(name as DictionaryName))) return;
    this.snapshot = snapshot;
    this.wire.release();
    this.inWire = undefined;
  }

  private table(name: DictionaryName, code: number): DictionaryTable {
    const table = this.snapshot.tables[name];
    if (code < 0 || code >= table.count) {
      throw new RangeError(
        `The dictionary ${this.snapshot.id} has ${table.count} ${name}, and none with code ${code}`,
      );
    }
    return table;
  }

  private read<Entry>(
    name: DictionaryName,
    code: number,
    readEntry: (reader: WireReader, end: number) => Entry,
  ): Entry {
    const { offsets, bytes } = this.table(name, code);
    if (this.inWire !== bytes) {
      this.wire.reset(bytes);
      this.inWire = bytes;
    }
    this.wire.pos = offsets[code] ?? 0;
    return readEntry(this.wire, offsets[code + 1] ?? 0);
  }

  private readString(code: number): string {
    const { offsets, bytes } = this.table('strings', code);
    return decodeText(bytes, offsets[code] ?? 0, offsets[code + 1] ?? 0);
  }

  private readBounds(code: number): Float64Array {
    const { offsets, bytes } = this.table('bounds', code);
    const start = offsets[code] ?? 0;
    const length = ((offsets[code + 1] ?? 0) - start) >>> 3;
    return new Float64Array(bytes.slice(start, start + 8 * length).buffer);
  }
}

const bySnapshot = new WeakMap<DictionarySnapshot, DictionaryReader>();
/** Weak: a generation's reader lives as long as a snapshot in `bySnapshot` leads to it. */
const byGeneration = new Map<number, WeakRef<DictionaryReader>>();
const collected = new FinalizationRegistry<number>((id) => {
  if (byGeneration.get(id)?.deref() === undefined) byGeneration.delete(id);
});

/** The reader that all snapshots of a generation share within this thread. */
export function dictionaryReader(snapshot: DictionarySnapshot): DictionaryReader {
  const known = bySnapshot.get(snapshot);
  if (known) return known;
  let reader = byGeneration.get(snapshot.id)?.deref();
  if (reader) {
    reader.extend(snapshot);
  } else {
    reader = new DictionaryReader(snapshot);
    byGeneration.set(snapshot.id, new WeakRef(reader));
    collected.register(reader, snapshot.id);
  }
  bySnapshot.set(snapshot, reader);
  return reader;
}
