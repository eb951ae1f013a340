import {
  type Binary,
  type Data,
  RecordBatchReader,
  RecordBatchStreamWriter,
  Table,
  tableFromIPC,
  Vector,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import {
  LAYOUTS,
  SIGNALS,
  type AnyBatch,
  type DictionarySnapshot,
  type Layout,
  type Signal,
} from '../../proto/columns/index.ts';
import { createDecoder } from '../decode/index.ts';
import { loadRequestTypes } from '../reference/index.ts';
import { arrowSchema, toRecordBatch } from './index.ts';

const TYPES = await loadRequestTypes();
const id = (width: number, fill: number): Uint8Array => new Uint8Array(width).fill(fill);
const attribute = (key: string, value: string): object => ({ key, value: { stringValue: value } });
const exemplars = [
  { timeUnixNano: '77', asDouble: 0.5, traceId: id(16, 3), filteredAttributes: [attribute('x', 'y')] },
  { timeUnixNano: '78', asInt: '-3' },
];

const SPANS = [1, 2, 3].map((index) => ({
  traceId: id(16, index),
  spanId: id(8, index),
  name: `span ${index}`,
  kind: index,
  startTimeUnixNano: `170532780000000000${index}`,
  endTimeUnixNano: '1705327800000000002',
  attributes: Array.from({ length: index }, (_, at) => attribute(`key ${at}`, `value ${index}`)),
  events: Array.from({ length: 3 - index }, (_, at) => ({
    timeUnixNano: `${at}`,
    name: `event ${at}`,
    attributes: [attribute('in', 'event'), attribute('at', `${at}`)],
  })),
  links: index === 2 ? [{ traceId: id(16, 9), spanId: id(8, 9), traceState: 'a=b', flags: 257 }] : [],
}));
const LOGS = ['plain', '', 'naïve ℵ'].map((text, index) => ({
  timeUnixNano: `${index}`,
  severityNumber: index * 4,
  body: index === 1 ? { kvlistValue: { values: [attribute('a', 'b')] } } : { stringValue: text },
  attributes: [attribute('thread', `${index}`)],
}));
const METRICS = [
  { name: 'gauge', gauge: { dataPoints: [{ asInt: '-5', exemplars }, { asDouble: -0.25 }] } },
  {
    name: 'histogram',
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [
        { count: '6', sum: 2, bucketCounts: ['1', '2', '3'], explicitBounds: [0.5, 1.5], exemplars },
      ],
    },
  },
  {
    name: 'exponential',
    exponentialHistogram: {
      dataPoints: [
        {
          scale: -2,
          zeroCount: '4',
          positive: { offset: -7, bucketCounts: ['18446744073709551615', '1'] },
          negative: { offset: 7, bucketCounts: ['2'] },
        },
      ],
    },
  },
  {
    name: 'summary',
    summary: { dataPoints: [{ count: '1', quantileValues: [{ quantile: 0.5, value: 3 }, {}] }] },
  },
];
const REQUESTS: { readonly [S in Signal]: object } = {
  traces: { resourceSpans: [{ scopeSpans: [{ spans: SPANS }] }] },
  metrics: { resourceMetrics: [{ scopeMetrics: [{ metrics: METRICS }] }] },
  logs: { resourceLogs: [{ scopeLogs: [{ logRecords: LOGS }] }] },
};

function batchOf(signal: Signal): AnyBatch {
  const bytes = TYPES[signal].encode(TYPES[signal].fromObject(REQUESTS[signal])).finish();
  const decoded = createDecoder().decode(signal, bytes);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  const batch = decoded.batches[0]?.batch;
  if (!batch) throw new Error('nothing was decoded');
  return batch as AnyBatch;
}

/** What Arrow should answer, read from our columns by their layout alone. */
function valueAt(layout: Layout, column: unknown, row: number, dictionary: DictionarySnapshot): unknown {
  switch (layout.kind) {
    case 'list': {
      const { offsets, items } = column as { offsets: Int32Array; items: unknown };
      const start = offsets[row] ?? 0;
      const length = (offsets[row + 1] ?? 0) - start;
      return Array.from({ length }, (_, at) => valueAt(layout.item, items, start + at, dictionary));
    }
    case 'struct':
      return Object.fromEntries(
        Object.entries(layout.fields).map(([name, field]) => [
          name,
          valueAt(field, (column as Record<string, unknown>)[name], row, dictionary),
        ]),
      );
    case 'binary': {
      const { offsets, bytes } = column as { offsets: Int32Array; bytes: Uint8Array };
      return [...bytes.subarray(offsets[row], offsets[row + 1])];
    }
    case 'fixed':
      return [...(column as Uint8Array).subarray(row * layout.width, (row + 1) * layout.width)];
    case 'code': {
      const code = (column as Int32Array)[row] ?? 0;
      const { offsets, bytes } = dictionary.tables[layout.dictionary];
      const entry = bytes.slice(offsets[code], offsets[code + 1]);
      return layout.dictionary === 'strings' ? new TextDecoder().decode(entry) : [...entry];
    }
    default:
      return (column as ArrayLike<unknown>)[row];
  }
}

/** Arrow's answer in the same shape. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value];
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Vector) return Array.from(value as Iterable<unknown>, plain);
  const row = (value as { toJSON: () => Record<string, unknown> }).toJSON();
  return Object.fromEntries(Object.entries(row).map(([name, child]) => [name, plain(child)]));
}

function expectAllValues(batch: AnyBatch, columnOf: (name: string) => Vector | null): void {
  const layouts: Record<string, Layout> = LAYOUTS[batch.signal];
  const columns: Record<string, unknown> = batch.columns;
  for (const [name, layout] of Object.entries(layouts)) {
    const vector = columnOf(name);
    for (let row = 0; row < batch.rowCount; row++) {
      const expected = valueAt(layout, columns[name], row, batch.dictionary);
      expect({ [name]: plain(vector?.get(row)) }).toEqual({ [name]: timestampOf(name, expected) });
    }
  }
}

/** Arrow answers a nanosecond timestamp as a number of milliseconds. */
function timestampOf(name: string, value: unknown): unknown {
  if (typeof value === 'bigint' && name.endsWith('imeUnixNano')) return Number(value) / 1e6;
  if (Array.isArray(value)) return value.map((item) => timestampOf(name, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, child]) => [field, timestampOf(field, child)]),
  );
}

describe.each(SIGNALS)('toRecordBatch of %s', (signal) => {
  it('answers every value of the batch', () => {
    const batch = batchOf(signal);
    const record = toRecordBatch(batch);
    expect(record.numRows).toBe(batch.rowCount);
    expectAllValues(batch, (name) => record.getChild(name));
  });

  it('stands on the same memory', () => {
    const batch = batchOf(signal);
    const columns: Record<string, unknown> = batch.columns;
    const record = toRecordBatch(batch);
    for (const [index, field] of record.schema.fields.entries()) {
      const data = record.data.children[index];
      const column = columns[field.name];
      const own = ArrayBuffer.isView(column) ? column : (column as { offsets: Int32Array }).offsets;
      const theirs = (ArrayBuffer.isView(column) ? data?.values : data?.valueOffsets) as ArrayBufferView;
      expect(theirs.buffer).toBe(own.buffer);
      expect(theirs.byteOffset).toBe(own.byteOffset);
    }
    const table = record.getChild('scope')?.data[0]?.dictionary?.data[0] as Data<Binary> | undefined;
    expect(table?.values.buffer).toBe(batch.dictionary.tables.scopes.bytes.buffer);
  });

  it('survives Arrow IPC', () => {
    const batch = batchOf(signal);
    const bytes = RecordBatchStreamWriter.writeAll(new Table([toRecordBatch(batch)])).toUint8Array(true);
    const back = tableFromIPC(RecordBatchReader.from(bytes));
    expect(back.numRows).toBe(batch.rowCount);
    expectAllValues(batch, (name) => back.getChild(name));
  });

  it('has the schema that arrowSchema says', () => {
    const names = Object.keys(LAYOUTS[signal]);
    expect(arrowSchema(signal).fields.map((field) => field.name)).toEqual(names);
    expect(arrowSchema(signal).toString()).toBe(toRecordBatch(batchOf(signal)).schema.toString());
  });
});
