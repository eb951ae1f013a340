// Hot: once a distinct attribute and query. Bench: bench/hot-query.
import type { Batch, DictionarySnapshot } from '../../proto/columns/index.ts';
import type { AttributeOwner } from '../../proto/query/index.ts';
import { dictionaryReader, type Attribute } from '../columns/index.ts';
import { attributeKeys, hasRepeatedKeys } from '../search/index.ts';

/** What attributes come to, by their code. */
interface CodeTable {
  values: Float64Array;
  known: number;
}

/** Not an attribute of the key. */
const NONE = NaN;
/** Of the key, and not looked at yet. */
const UNKNOWN = -Infinity;
/** Behind the attributes of any row. */
const NOWHERE = 2 ** 29;

/**
 * A number for the first attribute of a key that a row, or else its resource, or else its scope has: NaN where there is none.
 * Each attribute is turned into its number once a generation.
 */
export class AttributeNumbers {
  private readonly key: string;
  private readonly owner: Exclude<AttributeOwner, 'event'>;
  private readonly numberOf: (attribute: Attribute) => number;
  private readonly items = new Map<number, CodeTable>();
  private readonly resources = new Map<number, Map<number, number>>();
  private readonly scopes = new Map<number, Map<number, number>>();

  /** `numberOf` answers NaN for what counts as absent; never -∞. */
  constructor(
    { key, owner }: { readonly key: string; readonly owner: Exclude<AttributeOwner, 'event'> },
    numberOf: (attribute: Attribute) => number,
  ) {
    this.key = key;
    this.owner = owner;
    this.numberOf = numberOf;
  }

  /** For each row that is in the mask. */
  read(batch: Batch<'traces' | 'logs'>, mask: Uint8Array, into: Float64Array): void {
    const rows = batch.rowCount;
    if (this.owner === 'item' || this.owner === 'any') {
      const isComplete = this.readItems(batch, mask, into);
      if (isComplete) return;
    } else into.fill(NONE, 0, rows);
    if (this.owner === 'resource' || this.owner === 'any') {
      const known = tableOf(this.resources, batch.dictionary);
      fillFrom(batch.columns.resource, mask, into, rows, (code) =>
        this.ofOrigin(known, code, () => dictionaryReader(batch.dictionary).resource(code).attributes),
      );
    }
    if (this.owner === 'scope' || this.owner === 'any') {
      const known = tableOf(this.scopes, batch.dictionary);
      fillFrom(batch.columns.scope, mask, into, rows, (code) =>
        this.ofOrigin(known, code, () => dictionaryReader(batch.dictionary).scope(code).attributes),
      );
    }
  }

  /** Whether every row in the mask has one. */
  private readItems(batch: Batch<'traces' | 'logs'>, mask: Uint8Array, into: Float64Array): boolean {
    const { values } = this.itemTable(batch.dictionary);
    const { offsets, items } = batch.columns.attributes;
    const rows = batch.rowCount;
    const isOnce = !hasRepeatedKeys(batch);
    let place = isOnce ? 0 : NOWHERE;
    let missing = 0;
    let end = offsets[0] ?? 0;
    for (let row = 0; row < rows; row += 1) {
      const start = end;
      end = offsets[row + 1] ?? 0;
      const value = start + place < end ? (values[items[start + place] ?? 0] ?? NONE) : NONE;
      if (value > UNKNOWN) {
        into[row] = value;
        continue;
      }
      if (mask[row] === 0) continue;
      const at = this.firstItem(values, items, start, end, batch.dictionary);
      if (at < end) {
        into[row] = values[items[at] ?? 0] ?? NONE;
        if (isOnce) place = at - start;
      } else {
        into[row] = NONE;
        missing += 1;
      }
    }
    return missing === 0;
  }

  /** The place of the first of a row's attributes that has a number; behind them all where none has. */
  private firstItem(
    values: Float64Array,
    items: Int32Array,
    start: number,
    end: number,
    snapshot: DictionarySnapshot,
  ): number {
    let at = start;
    while (at < end && Number.isNaN(this.ofItem(values, items[at] ?? 0, snapshot))) at += 1;
    return at;
  }

  private ofItem(values: Float64Array, code: number, snapshot: DictionarySnapshot): number {
    let value = values[code] ?? NONE;
    if (value === UNKNOWN) {
      value = this.numberOf(dictionaryReader(snapshot).attribute(code));
      values[code] = value;
    }
    return value;
  }

  private itemTable(snapshot: DictionarySnapshot): CodeTable {
    let table = this.items.get(snapshot.id);
    if (!table) {
      table = { values: new Float64Array(0), known: 0 };
      this.items.set(snapshot.id, table);
    }
    const { count } = snapshot.tables.attributes;
    if (table.known >= count) return table;
    if (table.values.length < count) {
      const larger = new Float64Array(Math.max(count, 2 * table.values.length));
      larger.set(table.values);
      table.values = larger;
    }
    const { keyOf, keys } = attributeKeys(snapshot);
    const key = keys.indexOf(this.key);
    const { values } = table;
    for (let code = table.known; code < count; code += 1) values[code] = keyOf[code] === key ? UNKNOWN : NONE;
    table.known = count;
    return table;
  }

  private ofOrigin(known: Map<number, number>, code: number, attributes: () => readonly Attribute[]): number {
    let value = known.get(code);
    if (value === undefined) {
      value = NONE;
      for (const attribute of attributes()) {
        if (attribute.key === this.key) value = this.numberOf(attribute);
        if (value === value) break;
      }
      known.set(code, value);
    }
    return value;
  }
}

function tableOf(tables: Map<number, Map<number, number>>, { id }: DictionarySnapshot): Map<number, number> {
  let table = tables.get(id);
  if (!table) {
    table = new Map();
    tables.set(id, table);
  }
  return table;
}

/** Rows that have nothing yet. A code is asked for again only where it changes. */
function fillFrom(
  column: Int32Array,
  mask: Uint8Array,
  into: Float64Array,
  rows: number,
  valueOf: (code: number) => number,
): void {
  let lastCode = -1;
  let lastValue = NONE;
  for (let row = 0; row < rows; row += 1) {
    const value = into[row] ?? NONE;
    if (mask[row] === 0 || value === value) continue;
    const code = column[row] ?? 0;
    if (code !== lastCode) {
      lastCode = code;
      lastValue = valueOf(code);
    }
    into[row] = lastValue;
  }
}
