import fc from 'fast-check';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import type { SearchSignal } from '../../proto/query/index.ts';
import { createDecoder, jsonToWire } from '../decode/index.ts';

/**
 * Spans and log records of so few words that random searches find some of them, with values of every type, and letters
 * of more than one byte and case.
 */
const WORDS = [
  'get',
  'GET',
  'cart',
  'Timeout',
  'time out',
  'a*b',
  'ä',
  'Ä€𝄞',
  '42',
  '4',
  '-1.5',
  '1e2',
  '"',
  '\\',
  '',
  'line\nbreak',
];
const KEYS = ['user.id', 'http.route', 'size', 'Ключ'];

const word = fc.constantFrom(...WORDS);
const scalar = fc.oneof(
  { weight: 4, arbitrary: word.map((stringValue) => ({ stringValue })) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 60 }).map((value) => ({ intValue: String(value) })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('9007199254740993', '-9223372036854775808').map((intValue) => ({ intValue })),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<number | string>(0.5, -1.5, 4, 42, 1e21, 1e-7, 'NaN', 'Infinity')
      .map((doubleValue) => ({ doubleValue })),
  },
  { weight: 1, arbitrary: fc.boolean().map((boolValue) => ({ boolValue })) },
  { weight: 1, arbitrary: fc.constantFrom('AAE=', '').map((bytesValue) => ({ bytesValue })) },
);
const value = fc.oneof(
  { weight: 8, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc
      .array(
        scalar.filter((each) => !('bytesValue' in each)),
        { maxLength: 2 },
      )
      .map((values) => ({ arrayValue: { values } })),
  },
  {
    weight: 1,
    arbitrary: word.map((stringValue) => ({
      kvlistValue: { values: [{ key: 'k', value: { stringValue } }] },
    })),
  },
  { weight: 1, arbitrary: fc.constant({}) },
);
const attribute = fc.record({ key: fc.constantFrom(...KEYS), value });
const attributes = fc.oneof(
  { weight: 5, arbitrary: fc.uniqueArray(attribute, { selector: ({ key }) => key, maxLength: 3 }) },
  // Some senders repeat keys.
  { weight: 1, arbitrary: fc.array(attribute, { maxLength: 4 }) },
);
const id = (digits: number): fc.Arbitrary<string> =>
  fc.integer({ min: 1, max: 6 }).map((number) => String(number).padStart(digits, '0'));
const maybe = <T>(arbitrary: fc.Arbitrary<T>, without: T): fc.Arbitrary<T> =>
  fc.oneof(arbitrary, fc.constant(without));
/** Times within these many ms. */
export const WORLD_MS = 1_000;
const millis = fc.integer({ min: 1, max: WORLD_MS });
const nanos = (ms: number): string => String(ms * 1_000_000);

const span = fc
  .record({
    traceId: id(32),
    spanId: id(16),
    parentSpanId: maybe(id(16), ''),
    name: word.filter((name) => name !== ''),
    kind: fc.integer({ min: 0, max: 5 }),
    start: millis,
    duration: fc.constantFrom(0, 1, 3, 250, 500, 501, 70_000),
    status: fc.record({ code: fc.integer({ min: 0, max: 2 }), message: word }),
    attributes,
    events: fc.array(fc.record({ timeUnixNano: fc.constant('1'), name: word, attributes }), { maxLength: 2 }),
    links: fc.array(fc.record({ traceId: id(32), spanId: id(16) }), { maxLength: 2 }),
  })
  .map(({ start, duration, ...rest }) => ({
    ...rest,
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + duration),
  }));
const log = fc
  .record({
    time: maybe(millis, 0),
    observed: millis,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: word,
    body: value,
    eventName: word,
    traceId: maybe(id(32), ''),
    spanId: maybe(id(16), ''),
    attributes,
  })
  .map(({ time, observed, ...rest }) => ({
    ...rest,
    timeUnixNano: nanos(time),
    observedTimeUnixNano: nanos(observed),
  }));
const resource = fc
  .record({
    service: fc.constantFrom('cart', 'pay', 'Cart'),
    namespace: maybe(fc.constant('shop'), ''),
    attributes,
  })
  .map(({ service, namespace, attributes: others }) => ({
    attributes: [
      { key: 'service.name', value: { stringValue: service } },
      ...(namespace === '' ? [] : [{ key: 'service.namespace', value: { stringValue: namespace } }]),
      ...others,
    ],
  }));
const scope = fc.record({ name: word, version: word, attributes });

/** Batches of one request each, made by the real decoder. */
export function smallWorld(signal: SearchSignal, maxItems = 6): fc.Arbitrary<readonly ServiceBatch[]> {
  const [outer, inner, items, item] =
    signal === 'traces'
      ? (['resourceSpans', 'scopeSpans', 'spans', span] as const)
      : (['resourceLogs', 'scopeLogs', 'logRecords', log] as const);
  const ofScope = fc.record({ scope, [items]: fc.array<object>(item, { maxLength: maxItems }) });
  const ofResource = fc.record({ resource, [inner]: fc.array(ofScope, { minLength: 1, maxLength: 2 }) });
  return fc
    .array(ofResource, { minLength: 1, maxLength: 3 })
    .map((list) => decodeJson(signal, { [outer]: list }));
}

let decoder = createDecoder();

/** A decoder of its own generation: dictionaries of a long run would hold the words of all cases. */
function decodeJson(signal: SearchSignal, request: object): readonly ServiceBatch[] {
  decoder = createDecoder();
  const wire = jsonToWire(signal, Buffer.from(JSON.stringify(request)));
  const decoded = 'undecodable' in wire ? wire : decoder.decode(signal, wire);
  if ('undecodable' in decoded) throw new Error(decoded.reason);
  if (decoded.rejected > 0) throw new Error(`${decoded.rejected} items are invalid`);
  return decoded.batches;
}

const FIELDS: Readonly<Record<SearchSignal, readonly string[]>> = {
  traces: ['service', 'namespace', 'name', 'status.message', 'event', 'scope.name', 'scope.version'],
  logs: ['service', 'namespace', 'severity.text', 'body', 'event', 'scope.name', 'scope.version'],
};
const OWNERS: Readonly<Record<SearchSignal, readonly string[]>> = {
  traces: ['', '@', 'span.', 'resource.', 'scope.', 'event.'],
  logs: ['', '@', 'log.', 'resource.', 'scope.'],
};
const SPECIAL: Readonly<Record<SearchSignal, readonly string[]>> = {
  traces: [
    'kind:server',
    'kind:*',
    'status:error',
    'status:(ok OR unset)',
    'duration>=500ms',
    'duration<3ms',
    'duration:[1ms TO 0.5s}',
    'duration:250ms',
    'duration>1m',
    'parent:*',
    'trace:00000000000000000000000000000003',
    'span:0000000000000002',
    'parent:0000000000000002',
    'link.trace:*',
    'link.trace:00000000000000000000000000000001',
    'link.span:0000000000000004',
  ],
  logs: [
    'level>=warn',
    'level:info',
    'level<debug',
    'level:[9 TO 17}',
    'level:*',
    'trace:*',
    'span:0000000000000002',
  ],
};

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const pattern = fc.oneof(
  word.map(quoted),
  fc.constantFrom(
    '4*',
    '*t',
    '*i*',
    '?',
    '??',
    'g?t',
    '*',
    '?*',
    'a\\*b',
    'TIME*',
    '*\\"',
    '0.5',
    '4.0',
    '42',
    '100.0',
    '9007199254740993.0',
    '9007199254740992e0',
    'false',
  ),
);

/** Lines that are searches and use all there is. */
export function searchLines(signal: SearchSignal): fc.Arbitrary<string> {
  const key = fc
    .tuple(fc.constantFrom(...OWNERS[signal]), fc.constantFrom(...KEYS))
    .map((parts) => parts.join(''));
  const number = fc.constantFrom(
    ...[
      '-2',
      '0',
      '0.5',
      '4',
      '42',
      '1e2',
      '1KiB',
      '9007199254740992',
      '9007199254740993',
      '9007199254740994',
    ],
    ...['9.007199254740993e15', '-9223372036854775808', '-9223372036854775807', '8192TiB', '1e40'],
  );
  const term = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(key, pattern).map((parts) => parts.join(':')) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom(...FIELDS[signal]), pattern).map((parts) => parts.join(':')),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(key, fc.constantFrom('>', '>=', '<', '<='), number).map((parts) => parts.join('')),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(key, number, number).map(([name, min, max]) => `${name}:{${min} TO ${max}]`),
    },
    { weight: 1, arbitrary: fc.tuple(key, pattern, pattern).map(([name, a, b]) => `${name}:(${a} OR ${b})`) },
    { weight: 2, arbitrary: fc.constantFrom(...SPECIAL[signal]) },
    { weight: 2, arbitrary: fc.oneof(word.map(quoted), fc.constantFrom('time*out', 'CART', '?', 'ä', '-1')) },
  );
  return fc.letrec<{ line: string; group: string }>((tie) => ({
    group: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      term,
      tie('group').map((inner) => `-${inner}`),
      tie('line').map((inner) => `(${inner})`),
    ),
    line: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('group'),
      fc
        .tuple(tie('group'), fc.constantFrom(' ', ' AND ', ' OR ', ' OR NOT '), tie('line'))
        .map((parts) => parts.join('')),
    ),
  })).line;
}
