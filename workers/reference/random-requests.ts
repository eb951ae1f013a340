import fc from 'fast-check';
import type { Type } from 'protobufjs';
import type { Signal } from '../../proto/columns/index.ts';
import { REQUEST_LISTS } from './expected-rows.ts';

/** OTLP as plain data with bigints and byte arrays. */
export type PlainRequest = Record<string, unknown>;

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
const optional = (fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<PlainRequest> =>
  fc.record(fields, { requiredKeys: [] });
const list = <T>(item: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> => fc.array(item, { maxLength });

const { keyValue, anyValue } = fc.letrec<{ keyValue: PlainRequest; anyValue: PlainRequest }>((tie) => ({
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
const withValue = (fields: fc.Arbitrary<PlainRequest>): fc.Arbitrary<PlainRequest> =>
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

/** Export requests of every shape that OTLP allows, and some that it does not: ids of wrong lengths, enums out of range. */
export function randomRequests(signal: Signal): fc.Arbitrary<PlainRequest> {
  const [resources, scopes, items] = REQUEST_LISTS[signal];
  const item: fc.Arbitrary<PlainRequest> = { traces: span, metrics: metric, logs: logRecord }[signal];
  const scoped = optional({ scope, [items]: list(item, 4), schemaUrl: text });
  const owner = optional({ resource, [scopes]: list(scoped), schemaUrl: text });
  return fc.record({ [resources]: list(owner) });
}

export function encodeRequest(type: Type, request: PlainRequest): Uint8Array {
  return Uint8Array.from(type.encode(type.fromObject(withLongText(request) as PlainRequest)).finish());
}

function withLongText(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(withLongText);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([field, child]) => [field, withLongText(child)]));
}
