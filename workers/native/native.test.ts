import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Batch, ServiceBatch, Signal } from '../../proto/columns/index.ts';
import { createDecoder, jsonToWire } from '../decode/index.ts';
import { BatchEncoder, EntryEncoder, EntryIds, emptyColumns, entryId } from './index.ts';

// --- a reader of Native blocks, one value at a time

type Value = string | bigint | number | Value[];

class BlockReader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(parts: readonly Uint8Array[]) {
    this.bytes = Buffer.concat(parts);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  block(): Record<string, Value[]> {
    const columnCount = this.varint();
    const rowCount = this.varint();
    const columns: Record<string, Value[]> = {};
    for (let i = 0; i < columnCount; i++) {
      const name = this.text();
      const type = this.text();
      if (type.includes('LowCardinality')) expect(this.long()).toBe(1n);
      columns[name] = this.values(type, rowCount);
    }
    return columns;
  }

  private values(type: string, count: number): Value[] {
    const inner = /^Array\((.*)\)$/.exec(type)?.[1];
    if (inner !== undefined) {
      const ends = Array.from({ length: count }, () => Number(this.long()));
      const items = this.values(inner, ends.at(-1) ?? 0);
      return ends.map((end, i) => items.slice(ends[i - 1] ?? 0, end));
    }
    if (type === 'LowCardinality(String)') return this.lowCardinality(count);
    return Array.from({ length: count }, () => this.value(type));
  }

  private lowCardinality(count: number): Value[] {
    if (count === 0) return [];
    expect(this.long()).toBe(0x602n);
    const keys = Array.from({ length: Number(this.long()) }, () => this.text());
    expect(keys[0]).toBe('');
    expect(this.long()).toBe(BigInt(count));
    return Array.from({ length: count }, () => keys[this.take(4).readUInt32LE()] ?? 'no such key');
  }

  private value(type: string): Value {
    const width = Number(/^FixedString\((\d+)\)$/.exec(type)?.[1] ?? 0);
    if (width > 0) return this.take(width).toString('hex');
    switch (type) {
      case 'UInt8':
        return this.take(1).readUInt8();
      case 'UInt16':
        return this.take(2).readUInt16LE();
      case 'UInt32':
        return this.take(4).readUInt32LE();
      case 'Int32':
        return this.take(4).readInt32LE();
      case 'UInt64':
        return this.long();
      case 'Int64':
        return this.take(8).readBigInt64LE();
      case 'Float64':
        return this.take(8).readDoubleLE();
      case 'String':
        return this.text();
      default:
        throw new Error(`a type that nobody writes: ${type}`);
    }
  }

  private long(): bigint {
    return this.take(8).readBigUInt64LE();
  }

  private text(): string {
    return this.take(this.varint()).toString('utf8');
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.take(1).readUInt8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  private take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw new Error('the block ends early');
    return this.bytes.subarray(this.at, (this.at += length));
  }
}

function decode<S extends Signal>(decoder: ReturnType<typeof createDecoder>, signal: S, json: object) {
  const wire = jsonToWire(signal, Buffer.from(JSON.stringify(json)));
  if (!(wire instanceof Uint8Array)) throw new Error(wire.reason);
  const decoded = decoder.decode(signal, wire);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  return decoded.batches;
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
const stringValue = (key: string, value: string) => ({ key, value: { stringValue: value } });

function spansRequest(service: string, spans: readonly object[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: [stringValue('service.name', service)] },
        scopeSpans: [{ scope: { name: 'lib' }, spans }],
      },
    ],
  };
}

function encodeAll<S extends Signal>(
  signal: S,
  batches: readonly ServiceBatch<S>[],
  ids = new EntryIds(),
  omit = false,
): Record<string, Value[]> {
  for (const { batch } of batches) ids.note(batch);
  const omitted = omit
    ? emptyColumns(
        signal,
        batches.map(({ batch }) => batch),
      )
    : new Set<string>();
  const encoder = new BatchEncoder(signal, { segment: 5, day: 19_000 }, ids, omitted);
  for (const { service, batch } of batches) encoder.append(service, batch);
  const reader = new BlockReader(encoder.takeBlock());
  const block = reader.block();
  expect(reader.isAtEnd).toBe(true);
  expect(Object.keys(block)).toEqual(encoder.columnNames);
  return block;
}

const arbitrarySpan = fc
  .record({
    traceId: fc.nat().map((n) => hex(n + 1, 32)),
    spanId: fc.nat().map((n) => hex(n + 1, 16)),
    name: fc.constantFrom('a', 'b', 'ℵ', 'x'.repeat(200)),
    kind: fc.nat({ max: 5 }),
    startTimeUnixNano: fc.bigInt({ min: 1n, max: 2n ** 63n }).map(String),
    traceState: fc.constantFrom('', 'a=1'),
    attributes: fc.array(
      fc.record({
        key: fc.constantFrom('k', 'l'),
        value: fc.string().map((text) => ({ stringValue: text })),
      }),
      {
        maxLength: 3,
      },
    ),
    events: fc.array(
      fc.record({
        name: fc.constantFrom('', 'exception'),
        timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
        attributes: fc.array(fc.constantFrom(stringValue('e', '1'), stringValue('e', '2')), { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  })
  .map((span) => ({ ...span, endTimeUnixNano: span.startTimeUnixNano }));

describe('BatchEncoder', () => {
  it('writes what was sent, whatever batches and generations it comes in', () => {
    const requests = fc.array(fc.array(arbitrarySpan, { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(requests, fc.boolean(), (groups, isOneGeneration) => {
        let decoder = createDecoder();
        const batches = groups.flatMap((spans, i) => {
          if (!isOneGeneration) decoder = createDecoder();
          return decode(decoder, 'traces', spansRequest(`service ${i}`, spans));
        });
        const ids = new EntryIds();
        const block = encodeAll('traces', batches, ids);
        const spans = groups.flat();
        const texts = entryTexts(ids);
        const named = (list: Value | undefined): unknown => (list as bigint[]).map((id) => texts.get(id));
        const sent = (list: readonly { key: string; value: { stringValue: string } }[]) =>
          list.map(({ key, value }) => `${key}=${value.stringValue}`);
        expect(block['traceId']).toEqual(spans.map(({ traceId }) => traceId));
        expect(block['name']).toEqual(spans.map(({ name }) => name));
        expect(block['traceState']).toEqual(spans.map(({ traceState }) => traceState));
        expect(block['startTimeUnixNano']).toEqual(
          spans.map(({ startTimeUnixNano }) => BigInt(startTimeUnixNano)),
        );
        expect(block['kind']).toEqual(spans.map(({ kind }) => kind));
        expect(block['attributes']?.map(named)).toEqual(spans.map(({ attributes }) => sent(attributes)));
        expect(block['events.name']).toEqual(spans.map(({ events }) => events.map(({ name }) => name)));
        expect(block['events.timeUnixNano']).toEqual(
          spans.map(({ events }) => events.map(({ timeUnixNano }) => BigInt(timeUnixNano))),
        );
        expect(block['events.attributes']?.map((list) => (list as Value[]).map(named))).toEqual(
          spans.map(({ events }) => events.map(({ attributes }) => sent(attributes))),
        );
        expect(block['serviceName']).toEqual(groups.flatMap((group, i) => group.map(() => `service ${i}`)));
        expect(new Set(block['segment'])).toEqual(new Set([5n]));
        expect(new Set(block['day'])).toEqual(new Set([19_000]));
      }),
      { numRuns: 100 },
    );
  });

  it('is empty after a block, and starts the next one afresh', () => {
    const decoder = createDecoder();
    const ids = new EntryIds();
    const encoder = new BatchEncoder('traces', { segment: 2 ** 40 + 1, day: 1 }, ids);
    expect(encoder.takeBlock()).toEqual([]);
    for (const name of ['first', 'second']) {
      const [batch] = decode(
        decoder,
        'traces',
        spansRequest('s', [{ traceId: hex(1, 32), spanId: hex(1, 16), name }]),
      );
      if (!batch) throw new Error('no batch');
      ids.note(batch.batch);
      encoder.append(batch.service, batch.batch);
      const block = new BlockReader(encoder.takeBlock()).block();
      expect(block).toMatchObject({ name: [name], segment: [2n ** 40n + 1n], 'events.name': [[]] });
    }
  });

  it('omits columns without a value, and never an id', () => {
    const batches = decode(
      createDecoder(),
      'traces',
      spansRequest('s', [{ traceId: hex(1, 32), spanId: hex(1, 16), name: 'n', kind: 2 }]),
    );
    const block = encodeAll('traces', batches, new EntryIds(), true);
    expect(block).toMatchObject({ name: ['n'], kind: [2] });
    expect(Object.keys(block)).toEqual(expect.arrayContaining(['resource', 'scope']));
    for (const name of ['parentSpanId', 'traceState', 'events.name', 'links.flags', 'droppedLinksCount']) {
      expect(block).not.toHaveProperty([name]);
    }
  });

  it('writes points with their metric, and bounds as doubles', () => {
    const batches = decode(createDecoder(), 'metrics', {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                { name: 'g', gauge: { dataPoints: [{ asInt: '-5' }, { asDouble: 0.5 }] } },
                {
                  name: 'h',
                  histogram: {
                    dataPoints: [
                      { count: '3', bucketCounts: ['1', '2'], explicitBounds: [0.25] },
                      { count: '0', bucketCounts: [], explicitBounds: [] },
                      { count: '1', bucketCounts: ['1', '0'], explicitBounds: [0.25] },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    const block = encodeAll('metrics', batches);
    expect(block).toMatchObject({
      metricName: ['g', 'g', 'h', 'h', 'h'],
      metricKind: [5, 5, 9, 9, 9],
      intValue: [-5n, 0n, 0n, 0n, 0n],
      doubleValue: [0, 0.5, 0, 0, 0],
      bucketCounts: [[], [], [1n, 2n], [], [1n, 0n]],
      explicitBounds: [[], [], [0.25], [], [0.25]],
    });
  });

  it('writes the text form of bodies that are no text', () => {
    const bodies = [
      { stringValue: 'text' },
      { intValue: '7' },
      undefined,
      { arrayValue: { values: [{ boolValue: true }] } },
    ];
    const logRecords = bodies.map((body) => (body ? { body } : {}));
    const batches = decode(createDecoder(), 'logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
    expect(encodeAll('logs', batches)).toMatchObject({
      bodyKind: [1, 2, 0, 2],
      bodyText: ['', '7', '', '[true]'],
      serviceName: Array(4).fill('unknown_service'),
    });
  });
});

/** Entries that were noted, by id: `key=value`. */
function entryTexts(ids: EntryIds): Map<Value, string> {
  const { attributes } = entryBlocks(ids);
  const { id = [], key = [], value = [] } = attributes ?? {};
  return new Map(id.map((each, i) => [each, `${String(key[i])}=${String(value[i])}`]));
}

function entryBlocks(ids: EntryIds): Partial<Record<string, Record<string, Value[]>>> {
  const encoder = new EntryEncoder(19_000);
  for (const entries of ids.takeNew()) encoder.append(entries);
  return Object.fromEntries(
    encoder.take().map(({ table, parts, rowCount, columnNames }) => {
      const block = new BlockReader(parts).block();
      expect(Object.keys(block)).toEqual(columnNames);
      expect(block['id']).toHaveLength(rowCount);
      return [table, block];
    }),
  );
}

describe('entries', () => {
  const request = (name: string): object => ({
    resourceMetrics: [
      {
        resource: {
          attributes: [stringValue('service.name', 's'), stringValue('host', 'h')],
          droppedAttributesCount: 2,
        },
        schemaUrl: 'urn:r',
        scopeMetrics: [
          {
            scope: { name: 'lib', version: '1', attributes: [stringValue('in', 'scope')] },
            metrics: [
              {
                name,
                unit: 's',
                description: 'd',
                metadata: [stringValue('from', 'prometheus')],
                sum: {
                  aggregationTemporality: 2,
                  isMonotonic: true,
                  dataPoints: [{ attributes: [stringValue('host', 'h')] }],
                },
              },
            ],
          },
        ],
      },
    ],
  });
  const note = (ids: EntryIds, batches: readonly { readonly batch: Batch<'metrics'> }[]): void => {
    for (const { batch } of batches) ids.note(batch);
  };

  it('have a row each, those inside of others too', () => {
    const ids = new EntryIds();
    note(ids, decode(createDecoder(), 'metrics', request('m')));
    const { attributes, resources, scopes, metrics } = entryBlocks(ids);
    const idOf = (text: string): bigint => {
      const index = attributes?.['value']?.indexOf(text) ?? -1;
      return attributes?.['id']?.[index] as bigint;
    };
    expect(attributes?.['key']?.slice().sort()).toEqual(['from', 'host', 'in', 'service.name']);
    expect(resources).toMatchObject({
      attributes: [[idOf('s'), idOf('h')]],
      schemaUrl: ['urn:r'],
      droppedAttributesCount: [2],
    });
    expect(scopes).toMatchObject({ name: ['lib'], version: ['1'], attributes: [[idOf('scope')]] });
    expect(metrics).toMatchObject({
      name: ['m'],
      description: ['d'],
      unit: ['s'],
      kind: ['sum'],
      temporality: [2],
      isMonotonic: [1],
      metadata: [[idOf('prometheus')]],
      seen: [19_000],
    });
  });

  it('are noted once a mark, and again when they were not written', () => {
    const ids = new EntryIds();
    const decoder = createDecoder();
    const batches = decode(decoder, 'metrics', request('m'));
    const codes = (): number => ids.takeNew().reduce((sum, entries) => sum + entries.codes.length, 0);
    note(ids, batches);
    expect(codes()).toBe(4);
    ids.confirm();
    note(ids, batches);
    expect(codes()).toBe(0);
    note(ids, decode(decoder, 'metrics', request('another')));
    expect(codes()).toBe(1);
    ids.revoke();
    note(ids, decode(decoder, 'metrics', request('another')));
    expect(codes()).toBe(1);
    ids.confirm();
    ids.mark = 2;
    note(ids, batches);
    expect(codes()).toBe(4);
  });

  it('have the same id in every generation and process', () => {
    expect(entryId(Buffer.from('abc'))).toBe(Buffer.from('ba7816bf8f01cfea', 'hex').readBigUInt64LE());
  });
});
