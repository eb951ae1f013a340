import fc from 'fast-check';
import type { Type } from 'protobufjs';
import { describe, expect, it } from 'vitest';
import {
  MetricKind,
  type AnyBatch,
  type DecodedRequest,
  type RejectionReason,
  type Signal,
} from '../../proto/columns/index.ts';
import { dictionaryReader, logAt, metricPointAt, spanAt, toOtlpAttribute } from '../columns/index.ts';
import { loadRequestTypes, toPlain } from '../reference/index.ts';
import { createDecoder, jsonToWire } from './index.ts';

const TYPES = await loadRequestTypes();
const RUNS = 300;
/** Shrinking is bounded: a failure is reported after some of it. */
function check<Values>(property: fc.IProperty<Values>, numRuns: number): void {
  fc.assert(property, { numRuns, plugins: [fc.interruptAfterTimeLimit(20_000)] });
}

type Plain = Record<string, unknown>;
interface Rows {
  readonly byService: Record<string, Plain[]>;
  readonly rejections: Record<string, number>;
}

const LISTS = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
} as const;

// --- random requests: OTLP as plain data with bigints and byte arrays

const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('', 'a', 'http.route', 'GET /cart', 'ℵ-zero', '"\\\n\u0001\u{1f600}'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
);
const name = fc.oneof(
  { weight: 9, arbitrary: text.map((value) => `n${value}`) },
  { weight: 1, arbitrary: text },
);
const u32 = fc.oneof(fc.constant(0), fc.nat({ max: 300 }), fc.constant(2 ** 32 - 1));
const i32 = fc.oneof(fc.constant(0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
const u64 = fc.oneof(
  fc.constantFrom(0n, 1n, 1_705_327_800_000_000_001n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const i64 = fc.oneof(
  fc.constantFrom(0n, -1n, 2n ** 53n + 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const double = fc.double();
const bytes = fc.uint8Array({ maxLength: 20 });
const enumOf = (max: number): fc.Arbitrary<number> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.nat({ max }) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 255, 256) },
  );
const idOf = (width: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 40, arbitrary: fc.uint8Array({ minLength: width, maxLength: width }) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(width)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 18 }) },
  );
const optional = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Plain> =>
  fc.record(fields, { requiredKeys: [] });
const list = <T>(item: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> => fc.array(item, { maxLength });

const { keyValue, anyValue } = fc.letrec<{ keyValue: Plain; anyValue: Plain }>((tie) => ({
  keyValue: optional({ key: text, value: tie('anyValue') }),
  anyValue: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant({}),
    text.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    i64.map((intValue) => ({ intValue })),
    double.map((doubleValue) => ({ doubleValue })),
    bytes.map((bytesValue) => ({ bytesValue })),
    list(tie('anyValue')).map((values) => ({ arrayValue: { values } })),
    list(tie('keyValue')).map((values) => ({ kvlistValue: { values } })),
  ),
}));
const attributes = list(keyValue, 5);

const serviceKeys = [
  'service.name',
  'service.namespace',
  'deployment.environment.name',
  'deployment.environment',
];
const serviceAttribute = fc.record({
  key: fc.constantFrom(...serviceKeys),
  value: fc.oneof(
    fc.constantFrom('', 'cart', 'pay').map((stringValue) => ({ stringValue })),
    fc.constant({ intValue: 1n }),
  ),
});
const resource = optional({
  attributes: list(fc.oneof(serviceAttribute, keyValue)),
  droppedAttributesCount: u32,
  entityRefs: list(
    optional({ schemaUrl: text, type: text, idKeys: list(text), descriptionKeys: list(text) }),
  ),
});
const scope = optional({ name: text, version: text, attributes, droppedAttributesCount: u32 });

const span = optional({
  parentSpanId: idOf(8),
  traceState: text,
  kind: enumOf(5),
  startTimeUnixNano: u64,
  endTimeUnixNano: u64,
  attributes,
  droppedAttributesCount: u32,
  events: list(optional({ timeUnixNano: u64, name: text, attributes, droppedAttributesCount: u32 })),
  droppedEventsCount: u32,
  links: list(
    optional({
      traceId: idOf(16),
      spanId: idOf(8),
      traceState: text,
      attributes,
      droppedAttributesCount: u32,
      flags: u32,
    }),
  ),
  droppedLinksCount: u32,
  status: optional({ message: text, code: enumOf(2) }),
  flags: u32,
}).chain((rest) =>
  fc.record({ traceId: idOf(16), spanId: idOf(8), name }).map((ids) => ({ ...ids, ...rest })),
);

const logRecord = optional({
  timeUnixNano: u64,
  observedTimeUnixNano: u64,
  severityNumber: enumOf(24),
  severityText: text,
  body: anyValue,
  attributes,
  droppedAttributesCount: u32,
  flags: u32,
  traceId: idOf(16),
  spanId: idOf(8),
  eventName: text,
});

const numberValue = fc.oneof(
  fc.constant({}),
  double.map((asDouble) => ({ asDouble })),
  i64.map((asInt) => ({ asInt })),
);
const withValue = (fields: fc.Arbitrary<Plain>): fc.Arbitrary<Plain> =>
  fc.tuple(fields, numberValue).map(([rest, value]) => ({ ...rest, ...value }));
const exemplars = list(
  withValue(
    optional({ filteredAttributes: attributes, timeUnixNano: u64, spanId: idOf(8), traceId: idOf(16) }),
  ),
);
const pointFields = { attributes, startTimeUnixNano: u64, timeUnixNano: u64, flags: u32 };
const statistics = { count: u64, sum: double, min: double, max: double };
const numberPoint = withValue(optional({ ...pointFields, exemplars }));
const buckets = fc
  .tuple(list(u64, 5), list(double, 5), fc.nat({ max: 8 }))
  .map(([bucketCounts, bounds, dice]) => ({
    bucketCounts,
    explicitBounds: dice === 0 ? bounds : bucketCounts.slice(1).map((_, index) => index + 0.5),
  }));
const histogramPoint = fc
  .tuple(optional({ ...pointFields, ...statistics, exemplars }), buckets)
  .map(([rest, counted]) => ({ ...rest, ...counted }));
const exponentialBuckets = optional({ offset: i32, bucketCounts: list(u64, 5) });
const exponentialPoint = optional({
  ...pointFields,
  ...statistics,
  scale: i32,
  zeroCount: u64,
  zeroThreshold: double,
  positive: exponentialBuckets,
  negative: exponentialBuckets,
  exemplars,
});
const quantileValues = list(optional({ quantile: double, value: double }));
const summaryPoint = optional({ ...pointFields, count: u64, sum: double, quantileValues });

const temporality = fc.nat({ max: 3 });
const metricData = fc.oneof(
  fc.constant({}),
  optional({ dataPoints: list(numberPoint) }).map((gauge) => ({ gauge })),
  optional({
    dataPoints: list(numberPoint),
    aggregationTemporality: temporality,
    isMonotonic: fc.boolean(),
  }).map((sum) => ({ sum })),
  optional({ dataPoints: list(histogramPoint), aggregationTemporality: temporality }).map((histogram) => ({
    histogram,
  })),
  optional({ dataPoints: list(exponentialPoint), aggregationTemporality: temporality }).map(
    (exponentialHistogram) => ({ exponentialHistogram }),
  ),
  optional({ dataPoints: list(summaryPoint) }).map((summary) => ({ summary })),
);
const metric = fc
  .tuple(optional({ name: text, description: text, unit: text, metadata: attributes }), metricData)
  .map(([rest, data]) => ({ ...rest, ...data }));

function requestArbitrary(signal: Signal): fc.Arbitrary<Plain> {
  const [resources, scopes, items] = LISTS[signal];
  const item: fc.Arbitrary<Plain> = { traces: span, metrics: metric, logs: logRecord }[signal];
  const scoped = optional({ scope, [items]: list(item, 4), schemaUrl: text });
  const owner = optional({ resource, [scopes]: list(scoped), schemaUrl: text });
  return fc.record({ [resources]: list(owner) });
}

function encode(type: Type, request: Plain): Uint8Array {
  return Uint8Array.from(type.encode(type.fromObject(withLongText(request) as Plain)).finish());
}

function withLongText(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(withLongText);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([field, child]) => [field, withLongText(child)]));
}

/** OTLP/JSON, with 64-bit integers in each of the three forms that senders use. */
function jsonText(value: unknown, field = ''): string {
  if (typeof value === 'bigint') return jsonLong(value);
  if (typeof value === 'number') return jsonNumber(value);
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item)).join(',')}]`;
  if (value instanceof Uint8Array) {
    const isId = field.endsWith('raceId') || field.endsWith('panId');
    return JSON.stringify(Buffer.from(value).toString(isId ? 'hex' : 'base64'));
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, child]) => `${JSON.stringify(key)}: ${jsonText(child, key)}`,
  );
  return `{${[...members, '"not_in_otlp": [{"x": null}]'].join(',\n ')}}`;
}

function jsonLong(value: bigint): string {
  if (value % 3n === 0n) return `"${value}"`;
  if (value % 3n === 1n) return `${value}`;
  const words = BigInt.asUintN(64, value);
  return `{"low":${BigInt.asIntN(32, words)},"high":${BigInt.asIntN(32, words >> 32n)},"unsigned":${value > 0n}}`;
}

function jsonNumber(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

const damage = fc.array(
  fc.record({ at: fc.nat(), remove: fc.nat({ max: 3 }), insert: fc.uint8Array({ maxLength: 3 }) }),
  { minLength: 1, maxLength: 3 },
);

describe.each(['traces', 'metrics', 'logs'] as const)('%s', { timeout: 60_000 }, (signal) => {
  const requests = requestArbitrary(signal);

  it('decodes what protobufjs decodes', () => {
    const decoder = createDecoder({ maxDictionaryEntries: 500 });
    check(
      fc.property(requests, (request) => {
        const bytes = encode(TYPES[signal], request);
        expect(rowsOf(decoder.decode(signal, bytes))).toEqual(expectedRows(signal, bytes));
      }),
      RUNS,
    );
  });

  it('agrees with protobufjs on damaged bytes', () => {
    const decoder = createDecoder({ maxDictionaryEntries: 500 });
    let compared = 0;
    check(
      fc.property(requests, damage, (request, edits) => {
        const bytes = applyDamage(encode(TYPES[signal], request), edits);
        const decoded = decoder.decode(signal, bytes);
        const reference = decodeReference(TYPES[signal], bytes);
        if (reference.error !== undefined) {
          // protobufjs refuses text that is not UTF-8; here it is replaced when read.
          if (!/utf|encoded data/i.test(reference.error)) {
            expect({ ...decoded, expected: reference.error }).toHaveProperty('undecodable', true);
          }
          return;
        }
        if ('undecodable' in decoded) {
          // protobufjs skips groups and overlong varints of unknown fields.
          expect(decoded.reason).toMatch(/wire type [34]|longer than 10 bytes|has the number 0/);
          return;
        }
        expect(rowsOf(decoded)).toEqual(expectedRows(signal, bytes));
        compared++;
      }),
      3 * RUNS,
    );
    expect(compared).toBeGreaterThan(RUNS / 10);
  });

  it('reads nothing outside the bytes it is given', () => {
    check(
      fc.property(requests, fc.uint8Array({ maxLength: 40 }), fc.nat(), (request, around, cut) => {
        const whole = encode(TYPES[signal], request);
        const bytes = whole.subarray(0, whole.length === 0 ? 0 : cut % (whole.length + 1));
        const framed = new Uint8Array(around.length + bytes.length + around.length);
        framed.set(around);
        framed.set(bytes, around.length);
        framed.set(around, around.length + bytes.length);
        const inFrame = framed.subarray(around.length, around.length + bytes.length);
        expect(rowsOf(createDecoder().decode(signal, inFrame))).toEqual(
          rowsOf(createDecoder().decode(signal, Uint8Array.from(bytes))),
        );
      }),
      RUNS / 3,
    );
  });

  it('decodes OTLP/JSON to the same rows as protobuf', () => {
    const decoder = createDecoder({ maxDictionaryEntries: 500 });
    check(
      fc.property(requests, (request) => {
        const json = new TextEncoder().encode(jsonText(request));
        const wire = jsonToWire(signal, json);
        if ('undecodable' in wire) throw new Error(wire.reason);
        expect(rowsOf(decoder.decode(signal, wire))).toEqual(
          rowsOf(decoder.decode(signal, encode(TYPES[signal], request))),
        );
      }),
      RUNS,
    );
  });

  it('answers any JSON text with bytes or a reason', () => {
    const decoder = createDecoder({ maxDictionaryEntries: 500 });
    check(
      fc.property(requests, damage, (request, edits) => {
        const text = new TextEncoder().encode(jsonText(request));
        const json = applyDamage(text, edits);
        const wire = jsonToWire(signal, json);
        const isJson = isValidJson(json);
        if ('undecodable' in wire) {
          // Text that is JSON may still not be OTLP; that is said of the first place found wrong.
          expect(wire.reason).toMatch(isJson ? /At .+ \(byte \d+\): [^]+/ : /byte \d+/);
        } else {
          expect(isJson).toBe(true);
          expect(decoder.decode(signal, wire)).toHaveProperty('accepted');
        }
      }),
      3 * RUNS,
    );
  });
});

// --- what our decoder says, as plain data

function rowsOf(
  decoded: DecodedRequest | { readonly reason: string },
): Rows | { readonly undecodable: string } {
  if ('reason' in decoded) return { undecodable: decoded.reason };
  const byService: Record<string, Plain[]> = {};
  let count = 0;
  for (const { service, batch } of decoded.batches) {
    const key = JSON.stringify([service.namespace, service.name, service.environment]);
    expect(byService[key]).toBeUndefined();
    byService[key] = Array.from({ length: batch.rowCount }, (_, row) => rowOf(batch as AnyBatch, row));
    count += batch.rowCount;
  }
  expect(count).toBe(decoded.accepted);
  const rejections = Object.fromEntries(decoded.rejections);
  expect(Object.values(rejections).reduce((sum, n) => sum + n, 0)).toBe(decoded.rejected);
  return { byService, rejections };
}

function rowOf(batch: AnyBatch, row: number): Plain {
  const dictionary = dictionaryReader(batch.dictionary);
  const resource = dictionary.resource(batch.columns.resource[row] ?? -1);
  const scope = dictionary.scope(batch.columns.scope[row] ?? -1);
  return {
    resource: { ...resource, attributes: resource.attributes.map(toOtlpAttribute) },
    scope: { ...scope, attributes: scope.attributes.map(toOtlpAttribute) },
    item: itemOf(batch, row),
  };
}

function itemOf(batch: AnyBatch, row: number): unknown {
  if (batch.signal === 'traces') return spanAt(batch, row);
  if (batch.signal === 'logs') return logAt(batch, row);
  const metric = dictionaryReader(batch.dictionary).metric(batch.columns.metric[row] ?? -1);
  return {
    metric: { ...metric, metadata: metric.metadata.map(toOtlpAttribute) },
    point: metricPointAt(batch, row),
  };
}

// --- what protobufjs says, with the rules of rejection written the naive way

const EMPTY_SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };
const EMPTY_RESOURCE = { attributes: [], droppedAttributesCount: 0, entityRefs: [] };

function expectedRows(signal: Signal, bytes: Uint8Array): Rows {
  const type = TYPES[signal];
  const request = withoutStrindex(toPlain(type, type.decode(bytes))) as Plain;
  const [resources, scopes, items] = LISTS[signal];
  const byService: Record<string, Plain[]> = {};
  const rejections: Record<string, number> = {};
  for (const owner of request[resources] as Plain[]) {
    const resource = { ...EMPTY_RESOURCE, ...(owner['resource'] as Plain), schemaUrl: owner['schemaUrl'] };
    for (const scoped of owner[scopes] as Plain[]) {
      const scope = { ...EMPTY_SCOPE, ...(scoped['scope'] as Plain), schemaUrl: scoped['schemaUrl'] };
      for (const item of (scoped[items] as Plain[]).flatMap((each) => expectedItems(signal, each))) {
        const reason = rejectionOf(signal, item);
        if (reason !== undefined) rejections[reason] = (rejections[reason] ?? 0) + 1;
        else (byService[serviceOf(resource)] ??= []).push({ resource, scope, item });
      }
    }
  }
  return { byService, rejections };
}

function serviceOf(resource: Plain): string {
  const found = new Map<unknown, unknown>();
  for (const { key, value } of resource['attributes'] as { key: string; value?: Plain }[]) {
    if (value && 'stringValue' in value) found.set(key, value['stringValue']);
  }
  const environment = found.get('deployment.environment.name') ?? found.get('deployment.environment') ?? '';
  const name = found.get('service.name') ?? '';
  return JSON.stringify([
    found.get('service.namespace') ?? '',
    name === '' ? 'unknown_service' : name,
    environment,
  ]);
}

function expectedItems(signal: Signal, item: Plain): Plain[] {
  if (signal === 'traces') {
    return [{ ...item, status: { message: '', code: 0, ...(item['status'] as Plain) } }];
  }
  if (signal === 'logs') return [item];
  const kind = Object.keys(MetricKind).find((name) => name in item);
  if (kind === undefined) return [];
  const { dataPoints, aggregationTemporality = 0, isMonotonic = false } = item[kind] as Plain;
  const { name, description, unit, metadata } = item;
  const metric = {
    name,
    description,
    unit,
    kind,
    temporality: aggregationTemporality,
    isMonotonic,
    metadata,
  };
  const noBuckets = { offset: 0, bucketCounts: [] };
  const base = kind === 'exponentialHistogram' ? { positive: noBuckets, negative: noBuckets } : {};
  return (dataPoints as Plain[]).map((point) => ({ metric, point: { kind, ...base, ...point } }));
}

/** Also writes ids of zeros as absent ones, as the columns do. */
function rejectionOf(signal: Signal, item: Plain): RejectionReason | undefined {
  if (signal === 'traces') return spanRejection(item);
  if (signal === 'logs') {
    if (!isId(item, 'traceId', 16)) return 'trace-id-invalid';
    if (!isId(item, 'spanId', 8)) return 'span-id-invalid';
    return isByte(item['severityNumber']) ? undefined : 'value-out-of-range';
  }
  const point = item['point'] as Plain;
  const counts = point['bucketCounts'] as unknown[] | undefined;
  const bounds = (point['explicitBounds'] ?? []) as unknown[];
  if (counts && counts.length !== bounds.length + 1 && counts.length + bounds.length > 0) {
    return 'bucket-counts-mismatch';
  }
  return lastIdRejection((point['exemplars'] ?? []) as Plain[]);
}

function spanRejection(span: Plain): RejectionReason | undefined {
  const linkReason = lastIdRejection(span['links'] as Plain[]);
  if (!isId(span, 'traceId', 16) || isEmpty(span['traceId'])) return 'trace-id-invalid';
  if (!isId(span, 'spanId', 8) || isEmpty(span['spanId'])) return 'span-id-invalid';
  if (!isId(span, 'parentSpanId', 8)) return 'parent-span-id-invalid';
  if (span['name'] === '') return 'name-missing';
  const laterNs = (span['startTimeUnixNano'] as bigint) - (span['endTimeUnixNano'] as bigint);
  if (laterNs > 60_000_000_000n) return 'end-before-start';
  if (!isByte(span['kind']) || !isByte((span['status'] as Plain)['code'])) return 'value-out-of-range';
  return linkReason;
}

/** Of links or exemplars with bad ids the last one gives the reason. */
function lastIdRejection(items: Plain[]): RejectionReason | undefined {
  let reason: RejectionReason | undefined;
  for (const item of items) {
    const isTraceId = isId(item, 'traceId', 16);
    const isSpanId = isId(item, 'spanId', 8);
    if (!isTraceId) reason = 'trace-id-invalid';
    else if (!isSpanId) reason = 'span-id-invalid';
  }
  return reason;
}

function isId(item: Plain, field: string, width: number): boolean {
  const id = item[field] as Uint8Array;
  if (id.length === width && id.every((byte) => byte === 0)) item[field] = new Uint8Array(0);
  return id.length === width || id.length === 0;
}

function isEmpty(id: unknown): boolean {
  return (id as Uint8Array).length === 0;
}

function isByte(value: unknown): boolean {
  return (value as number) >= 0 && (value as number) <= 255;
}

/** Receivers of these signals read string table indices as absent. */
function withoutStrindex(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutStrindex);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !name.endsWith('Strindex'))
      .map(([name, child]) => [name, withoutStrindex(child)]),
  );
}

function decodeReference(type: Type, bytes: Uint8Array): { readonly error: string | undefined } {
  try {
    type.decode(bytes);
    return { error: undefined };
  } catch (error) {
    return { error: String(error) };
  }
}

// --- damage

interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

function applyDamage(bytes: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let damaged = bytes;
  for (const { at, remove, insert } of edits) {
    const start = at % (damaged.length + 1);
    damaged = Uint8Array.from([
      ...damaged.subarray(0, start),
      ...insert,
      ...damaged.subarray(start + remove),
    ]);
  }
  return damaged;
}

function isValidJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}
