// Hot: once a selected row. Bench: bench/hot-query.
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import {
  FACET_FIELDS,
  type GroupField,
  type SearchSignal,
  type ValueCountsPartial,
  type ValueCountsQuery,
} from '../../proto/query/index.ts';
import { dictionaryReader, isAllZeros } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import { haveCommon, maskWords, RowSelection } from '../search/index.ts';
import { ByteCounts } from './byte-counts.ts';
import { codeName, type CODE_NAMES } from './code-names.ts';
import { CodeCounts } from './code-counts.ts';
import { FieldTally } from './field-tally.ts';

const GROUP_FIELDS: Readonly<Record<string, GroupField>> = {
  service: { type: 'service', part: 'name' },
  name: { type: 'string', column: 'name' },
  kind: { type: 'number', column: 'kind' },
  status: { type: 'number', column: 'statusCode' },
  'status.message': { type: 'string', column: 'statusMessage' },
  'scope.name': { type: 'scope', part: 'name' },
  level: { type: 'number', column: 'severityNumber' },
  'severity.text': { type: 'string', column: 'severityText' },
  event: { type: 'string', column: 'eventName' },
};

/** The field of a name in `FACET_FIELDS`. */
export function facetField(name: string): GroupField {
  const field = GROUP_FIELDS[name];
  if (!field) throw new Error(`${name} is no field of facets`);
  return field;
}

/** Counts values of fields and attributes among the items of one or more selections. */
export function countValues(
  query: ValueCountsQuery,
  { batches }: { readonly batches: Iterable<ServiceBatch> },
): ValueCountsPartial {
  const { signal, selections } = query;
  const counts = selections.map(({ search, range }, index) => ({
    index,
    selection: new RowSelection(search, signal, range),
  }));
  const values = new ValueCounts(signal, selections.length);
  for (const part of batches) {
    const selected = counts.flatMap(({ index, selection }) => {
      const found = selection.select(part);
      return found > 0 ? [{ index, found, mask: selection.mask }] : [];
    });
    values.add(part, selected);
  }
  return values.take(query.mostValues);
}

/** Counts the texts of one field; where the texts are entries of a dictionary or small numbers, by their code. */
type CountedField =
  | { readonly type: 'service'; readonly counts: Map<string, number[]> }
  | { readonly type: 'entries'; readonly column: string; readonly counts: CodeCounts }
  | { readonly type: 'numbers'; readonly column: keyof typeof CODE_NAMES; readonly counts: ByteCounts };

function countedField(field: GroupField, width: number): CountedField {
  switch (field.type) {
    case 'service':
      return { type: 'service', counts: new Map() };
    case 'string':
      return { type: 'entries', column: field.column, counts: new CodeCounts('strings', width) };
    case 'scope':
      return { type: 'entries', column: 'scope', counts: new CodeCounts('scopes', width) };
    case 'number':
      return { type: 'numbers', column: field.column, counts: new ByteCounts(width) };
    default:
      throw new Error(`${field.type} is no field of facets`);
  }
}

interface Selected {
  readonly index: number;
  readonly found: number;
  readonly mask: Uint8Array;
}

class ValueCounts {
  private selectionOf = new Uint8Array(0);
  private rows = new Uint32Array(0);
  private readonly width: number;
  private readonly totals: number[];
  private readonly fields: readonly { readonly name: string; readonly field: CountedField }[];
  private readonly attributes: CodeCounts;
  private readonly resources: CodeCounts;
  private readonly ofEvents: CodeCounts;

  constructor(signal: SearchSignal, width: number) {
    this.width = width;
    this.totals = Array.from({ length: width }, () => 0);
    this.fields = FACET_FIELDS[signal].map((name) => ({
      name,
      field: countedField(facetField(name), width),
    }));
    this.attributes = new CodeCounts('attributes', width);
    this.resources = new CodeCounts('resources', width);
    this.ofEvents = new CodeCounts('attributes', width);
  }

  add(part: ServiceBatch, selected: readonly Selected[]): void {
    const batch = part.batch as Batch<'traces' | 'logs'>;
    for (const { index, found } of selected) {
      this.totals[index] = (this.totals[index] ?? 0) + found;
      for (const { field } of this.fields) this.addWithoutColumn(field, part, found, index);
    }
    if (batch.signal === 'traces') this.addEvents(batch as Batch<'traces'>, selected);
    const [first, second] = selected;
    if (!first || !second) {
      for (const each of selected) this.addSelection(batch, each);
    } else if (!this.addMoved(batch, first, second) && !this.addMoved(batch, second, first)) {
      if (this.merge(first.mask, second.mask, batch.rowCount)) this.addBoth(batch);
      else for (const each of selected) this.addSelection(batch, each);
    }
  }

  private addEvents(batch: Batch<'traces'>, selected: readonly Selected[]): void {
    if (isAllZeros(batch, 'events')) return;
    const { dictionary, columns, rowCount } = batch;
    for (const { index, mask } of selected) {
      this.ofEvents.addNested(dictionary, columns.events, mask, rowCount, index);
    }
  }

  /** Where two selections have all rows between them: all are counted for the larger one, and those of the other moved. */
  private addMoved(batch: Batch<'traces' | 'logs'>, few: Selected, many: Selected): boolean {
    const { dictionary, columns, rowCount, buffer } = batch;
    if (few.found + many.found !== rowCount || 3 * few.found > rowCount) return false;
    if (haveCommon(few.mask, many.mask, rowCount)) return false;
    const rows = this.rowsIn(few, rowCount);
    this.addSelection(batch, { ...many, found: rowCount });
    const moved = { rows, from: many.index, to: few.index };
    for (const { field } of this.fields) {
      const column = columnOf(field, columns, buffer);
      if (!column) continue;
      if (field.type === 'numbers') field.counts.move(column as Uint8Array, moved);
      else if (field.type === 'entries') field.counts.moveColumn(dictionary, column as Int32Array, moved);
    }
    this.resources.moveColumn(dictionary, columns.resource, moved);
    this.attributes.moveLists(dictionary, columns.attributes.offsets, columns.attributes.items, moved);
    return true;
  }

  private rowsIn({ mask, found }: Selected, rowCount: number): Uint32Array {
    if (this.rows.length <= rowCount) this.rows = new Uint32Array(rowCount + 1);
    const { rows } = this;
    const words = maskWords(mask, rowCount);
    let at = 0;
    for (let place = 0; place < words.length; place += 1) {
      // A byte a row, 0 or 1: the lowest bit that is set is the next row's.
      for (let word = words[place] ?? 0; word !== 0; word &= word - 1) {
        rows[at] = 4 * place + ((31 - Math.clz32(word & -word)) >> 3);
        at += 1;
      }
    }
    return rows.subarray(0, found);
  }

  private addBoth({ dictionary, columns, rowCount: rows, buffer }: Batch<'traces' | 'logs'>): void {
    const { selectionOf } = this;
    for (const { field } of this.fields) {
      const column = columnOf(field, columns, buffer);
      if (!column) continue;
      if (field.type === 'numbers') field.counts.addBoth(column as Uint8Array, selectionOf, rows);
      else if (field.type === 'entries') {
        field.counts.addColumnBoth(dictionary, column as Int32Array, selectionOf, rows);
      }
    }
    this.resources.addColumnBoth(dictionary, columns.resource, selectionOf, rows);
    const { offsets, items } = columns.attributes;
    this.attributes.addBoth(dictionary, offsets, items, selectionOf, rows);
  }

  private addSelection(
    { dictionary, columns, rowCount: rows, buffer }: Batch<'traces' | 'logs'>,
    { index, found, mask }: Selected,
  ): void {
    const isWhole = found === rows;
    for (const { field } of this.fields) {
      const column = columnOf(field, columns, buffer);
      if (!column) continue;
      if (field.type === 'numbers') field.counts.add(column as Uint8Array, mask, rows, index, isWhole);
      else if (field.type === 'entries') {
        field.counts.addColumn(dictionary, column as Int32Array, mask, rows, index, isWhole);
      }
    }
    this.resources.addColumn(dictionary, columns.resource, mask, rows, index, isWhole);
    const { offsets, items } = columns.attributes;
    this.attributes.addLists(dictionary, offsets, items, mask, rows, index, isWhole);
  }

  /** False: a row is in both. */
  private merge(first: Uint8Array, second: Uint8Array, rows: number): boolean {
    if (this.selectionOf.length < rows) this.selectionOf = new Uint8Array(rows);
    const { selectionOf } = this;
    let inBoth = 0;
    for (let row = 0; row < rows; row += 1) {
      const a = first[row] ?? 0;
      const b = second[row] ?? 0;
      selectionOf[row] = a + 2 * b;
      inBoth |= a & b;
    }
    return inBoth === 0;
  }

  take(mostValues: number): ValueCountsPartial {
    const tally = new FieldTally(this.width);
    for (const { name, field } of this.fields) tallyField(name, field, tally);
    this.attributes.tallyEntries(mostValues, tally);
    this.ofEvents.tallyEntries(mostValues, tally, 'event.');
    this.resources.forEach((snapshot, code, counts) => {
      for (const { key, value } of dictionaryReader(snapshot).resource(code).attributes) {
        tally.add(`resource.${key}`, anyValueText(value), counts);
      }
    });
    return { totals: this.totals, fields: tally.take(mostValues) };
  }

  /** What is the same for all rows of a batch. */
  private addWithoutColumn(
    field: CountedField,
    { service, batch }: ServiceBatch,
    found: number,
    selection: number,
  ): void {
    if (field.type === 'service') {
      const counts = field.counts.get(service.name) ?? this.totals.map(() => 0);
      counts[selection] = (counts[selection] ?? 0) + found;
      field.counts.set(service.name, counts);
      return;
    }
    const column = (batch.columns as unknown as AnyColumns)[field.column];
    if (!column || column.buffer === batch.buffer) return;
    // All zeros.
    if (field.type === 'entries') field.counts.addOne(batch.dictionary, 0, found, selection);
    else field.counts.addOne(0, found, selection);
  }
}

type AnyColumns = Readonly<Record<string, Int32Array | Uint8Array>>;

/** Of a field that has one in the batch's own buffer. */
function columnOf(
  field: CountedField,
  columns: object,
  buffer: ArrayBufferLike,
): Int32Array | Uint8Array | undefined {
  if (field.type === 'service') return undefined;
  const column = (columns as AnyColumns)[field.column];
  return column?.buffer === buffer ? column : undefined;
}

/** Attributes of scopes that cannot be named: the name means the scope's own. */
export const OWN_OF_SCOPES = ['name', 'version'] as const;

function isOwnOfScopes(key: string): boolean {
  return (OWN_OF_SCOPES as readonly string[]).includes(key);
}

/** What is empty is not there. */
function tallyField(name: string, field: CountedField, tally: FieldTally): void {
  switch (field.type) {
    case 'service':
      for (const [service, counts] of field.counts) tally.add(name, service, counts);
      break;
    case 'entries':
      field.counts.forEach((snapshot, code, counts) => {
        const reader = dictionaryReader(snapshot);
        const scope = field.column === 'scope' ? reader.scope(code) : undefined;
        const text = scope ? scope.name : reader.string(code);
        if (text !== '') tally.add(name, text, counts);
        for (const { key, value } of scope?.attributes ?? []) {
          if (!isOwnOfScopes(key)) tally.add(`scope.${key}`, anyValueText(value), counts);
        }
      });
      break;
    case 'numbers':
      for (let code = 0; code < 256; code += 1) {
        const text = codeName(field.column, code);
        if (text !== undefined) tally.add(name, text, field.counts.countsOf(code));
      }
      break;
  }
}
