// Hot: once a selected row. Bench: bench/hot-query.
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import {
  FACET_FIELDS,
  type GroupField,
  type SearchSignal,
  type ValueCountsPartial,
  type ValueCountsQuery,
} from '../../proto/query/index.ts';
import { dictionaryReader } from '../columns/index.ts';
import { anyValueText } from '../json/index.ts';
import { RowSelection } from '../search/index.ts';
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
    for (const each of selected) values.addFields(part, each);
    values.addAttributes(part, selected);
  }
  return values.take(query.mostValues);
}

/** Counts the texts of one field; where the texts are entries of a dictionary or small numbers, by their code. */
type CountedField =
  | { readonly type: 'service'; readonly counts: Map<string, number[]> }
  | { readonly type: 'entries'; readonly column: string; readonly counts: CodeCounts }
  | { readonly type: 'numbers'; readonly column: keyof typeof CODE_NAMES; readonly counts: Uint32Array };

function countedField(field: GroupField, width: number): CountedField {
  switch (field.type) {
    case 'service':
      return { type: 'service', counts: new Map() };
    case 'string':
      return { type: 'entries', column: field.column, counts: new CodeCounts('strings', width) };
    case 'scope':
      return { type: 'entries', column: 'scope', counts: new CodeCounts('scopes', width) };
    case 'number':
      return { type: 'numbers', column: field.column, counts: new Uint32Array(256 * width) };
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
  private readonly width: number;
  private readonly totals: number[];
  private readonly fields: readonly { readonly name: string; readonly field: CountedField }[];
  private readonly attributes: CodeCounts;
  private readonly resources: CodeCounts;

  constructor(signal: SearchSignal, width: number) {
    this.width = width;
    this.totals = Array.from({ length: width }, () => 0);
    this.fields = FACET_FIELDS[signal].map((name) => ({
      name,
      field: countedField(facetField(name), width),
    }));
    this.attributes = new CodeCounts('attributes', width);
    this.resources = new CodeCounts('resources', width);
  }

  addFields(part: ServiceBatch, { index, found, mask }: Selected): void {
    const batch = part.batch as Batch<'traces' | 'logs'>;
    this.totals[index] = (this.totals[index] ?? 0) + found;
    for (const { field } of this.fields) this.addField(field, part, mask, found, index);
    this.resources.addColumn(batch.dictionary, batch.columns.resource, mask, batch.rowCount, index);
  }

  addAttributes({ batch: any }: ServiceBatch, selected: readonly Selected[]): void {
    const { dictionary, columns, rowCount: rows } = any as Batch<'traces' | 'logs'>;
    const { offsets, items } = columns.attributes;
    const [first, second] = selected;
    if (first && second && this.merge(first.mask, second.mask, rows)) {
      this.attributes.addBoth(dictionary, offsets, items, this.selectionOf, rows);
      return;
    }
    for (const { index, found, mask } of selected) {
      this.attributes.addLists(dictionary, offsets, items, mask, rows, index, found === rows);
    }
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
    for (const { name, field } of this.fields) tallyField(name, field, this.width, tally);
    this.attributes.tallyEntries(mostValues, tally);
    this.resources.forEach((snapshot, code, counts, at) => {
      for (const { key, value } of dictionaryReader(snapshot).resource(code).attributes) {
        tally.add(`resource.${key}`, anyValueText(value), counts, at);
      }
    });
    return { totals: this.totals, fields: tally.take(mostValues) };
  }

  private addField(
    field: CountedField,
    { service, batch }: ServiceBatch,
    mask: Uint8Array,
    found: number,
    selection: number,
  ): void {
    const rows = batch.rowCount;
    if (field.type === 'service') {
      const counts = field.counts.get(service.name) ?? this.totals.map(() => 0);
      counts[selection] = (counts[selection] ?? 0) + found;
      field.counts.set(service.name, counts);
      return;
    }
    const column = (batch.columns as unknown as Readonly<Record<string, Int32Array | Uint8Array>>)[
      field.column
    ];
    if (!column) return;
    if (column.buffer !== batch.buffer) {
      // All zeros.
      if (field.type === 'entries') field.counts.addOne(batch.dictionary, 0, found, selection);
      else field.counts[selection] = (field.counts[selection] ?? 0) + found;
      return;
    }
    if (field.type === 'entries') {
      field.counts.addColumn(batch.dictionary, column as Int32Array, mask, rows, selection);
      return;
    }
    const { counts } = field;
    for (let row = 0; row < rows; row += 1) {
      const at = (column[row] ?? 0) * this.width + selection;
      counts[at] = (counts[at] ?? 0) + (mask[row] ?? 0);
    }
  }
}

/** What is empty is not there. */
function tallyField(name: string, field: CountedField, width: number, tally: FieldTally): void {
  switch (field.type) {
    case 'service':
      for (const [service, counts] of field.counts) tally.add(name, service, counts);
      break;
    case 'entries':
      field.counts.forEach((snapshot, code, counts, at) => {
        const reader = dictionaryReader(snapshot);
        const text = field.column === 'scope' ? reader.scope(code).name : reader.string(code);
        if (text !== '') tally.add(name, text, counts, at);
      });
      break;
    case 'numbers':
      for (let code = 0; code < 256; code += 1) {
        const text = codeName(field.column, code);
        if (text !== undefined) tally.add(name, text, field.counts, code * width);
      }
      break;
  }
}
