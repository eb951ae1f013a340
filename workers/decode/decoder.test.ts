import { describe, expect, it } from 'vitest';
import type { DecodedRequest, RejectionReason, Signal } from '../../proto/columns/index.ts';
import { dictionaryReader, logAt, metricPointAt, spanAt } from '../columns/index.ts';
import { loadDecoderModule, loadRequestTypes } from '../reference/index.ts';
import { ByteBuffer } from '../wire/index.ts';
import type { DecoderOptions } from './create-decoder.ts';
import { createDecoder, MAX_SERVICES, type Decoder } from './index.ts';

const TYPES = await loadRequestTypes();
const ENGINES = { javascript: {}, webassembly: { module: await loadDecoderModule() } };

function encode(signal: Signal, request: object): Uint8Array {
  return TYPES[signal].encode(TYPES[signal].fromObject(request)).finish();
}

describe.each(['javascript', 'webassembly'] as const)('%s', (engine) => {
  const newDecoder = (options: DecoderOptions = {}): Decoder =>
    createDecoder({ ...ENGINES[engine], ...options });

  function decode<S extends Signal>(signal: S, bytes: Uint8Array, decoder = newDecoder()): DecodedRequest<S> {
    const decoded = decoder.decode(signal, bytes);
    expect(decoder.fallbacks).toBe(0);
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    return decoded;
  }

  function reasonOf(signal: Signal, bytes: Uint8Array): string {
    const decoder = newDecoder();
    const decoded = decoder.decode(signal, bytes);
    expect(decoder.fallbacks).toBe(0);
    return 'undecodable' in decoded ? decoded.reason : 'decoded';
  }

  /** Start and end of a span that ends some time before it starts. */
  const times = (laterNs: bigint): object => ({
    startTimeUnixNano: String(1_700_000_000_000_000_000n + laterNs),
    endTimeUnixNano: '1700000000000000000',
  });
  const id = (width: number, fill: number): Uint8Array => new Uint8Array(width).fill(fill);
  const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
  const span = (fields: object = {}): object => ({
    traceId: id(16, 1),
    spanId: id(8, 2),
    name: 'work',
    ...fields,
  });
  const spans = (...items: object[]): Uint8Array =>
    encode('traces', { resourceSpans: [{ scopeSpans: [{ spans: items }] }] });
  const logs = (...items: object[]): Uint8Array =>
    encode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: items }] }] });
  const metrics = (...items: object[]): Uint8Array =>
    encode('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: items }] }] });

  /** A length-delimited field. */
  function field(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
    const out = new ByteBuffer();
    out.varint32(tag);
    const start = out.beginDelimited();
    for (const part of parts) out.append(part, 0, part.length);
    out.endDelimited(start);
    return out.written();
  }

  describe('services', () => {
    const from = (name: string | undefined, environment?: string): object => ({
      resource: {
        attributes: [
          ...(name === undefined ? [] : [text('service.name', name)]),
          ...(environment === undefined ? [] : [text('deployment.environment', environment)]),
        ],
      },
      scopeSpans: [{ spans: [span({ name: `of ${name}` })] }, { spans: [span()] }],
    });

    it('get one batch each, in the order they came', () => {
      const bytes = encode('traces', {
        resourceSpans: [
          from('cart'),
          from('pay'),
          from('cart'),
          from(undefined),
          from('cart', 'test'),
          from(''),
        ],
      });
      const { batches, accepted } = decode('traces', bytes);
      expect(
        batches.map(({ service, batch }) => [service.name, service.environment, batch.rowCount]),
      ).toEqual([
        ['cart', '', 4],
        ['pay', '', 2],
        ['unknown_service', '', 4],
        ['cart', 'test', 2],
      ]);
      expect(accepted).toBe(12);
      const cart = batches[0]?.batch;
      expect(cart && [...cart.columns.resource]).toEqual([0, 0, 0, 0]);
    });

    it('keep their own events, links and attributes when their spans come in turns', () => {
      const turn = (service: string, count: number): object => ({
        resource: { attributes: [text('service.name', service)] },
        scopeSpans: [
          {
            spans: [
              span({
                name: `${service} ${count}`,
                attributes: Array.from({ length: count }, (_, index) => text(service, `${count} ${index}`)),
                events: Array.from({ length: count }, (_, index) => ({
                  name: `${service} ${count} ${index}`,
                  attributes: index % 2 ? [text('event', `${service} ${index}`)] : [],
                })),
                links: Array.from({ length: count % 2 }, () => ({ attributes: [text('link', service)] })),
              }),
            ],
          },
        ],
      });
      const turns = [turn('a', 3), turn('b', 2), turn('a', 0), turn('b', 1), turn('c', 0), turn('a', 0)];
      const decoded = decode('traces', encode('traces', { resourceSpans: turns }));
      for (const { service, batch } of decoded.batches) {
        for (let row = 0; row < batch.rowCount; row++) {
          const { name, attributes, events, links } = spanAt(batch, row);
          const count = Number(name.split(' ')[1]);
          expect(attributes.map(({ key }) => key)).toEqual(Array.from({ length: count }, () => service.name));
          expect(events.map((event) => event.name)).toEqual(
            Array.from({ length: count }, (_, index) => `${name} ${index}`),
          );
          expect(events.map((event) => event.attributes.length)).toEqual(
            Array.from({ length: count }, (_, index) => index % 2),
          );
          expect(links).toHaveLength(count % 2);
        }
      }
      expect(decoded.batches.map(({ batch }) => batch.rowCount)).toEqual([3, 2, 1]);
    });

    it('are keyed by namespace and by the newer name of the environment', () => {
      const attributes = [
        text('service.namespace', 'shop'),
        text('service.name', 'cart'),
        text('deployment.environment', 'old'),
        text('deployment.environment.name', 'new'),
      ];
      const bytes = encode('traces', {
        resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span()] }] }],
      });
      expect(decode('traces', bytes).batches[0]?.service).toEqual({
        namespace: 'shop',
        name: 'cart',
        environment: 'new',
      });
    });

    it('are the same object from request to request', () => {
      const decoder = newDecoder();
      const bytes = encode('traces', { resourceSpans: [from('cart')] });
      const [first, second] = [decode('traces', bytes, decoder), decode('traces', bytes, decoder)];
      expect(first.batches[0]?.service).toBe(second.batches[0]?.service);
    });

    it('without an accepted item get no batch', () => {
      const bytes = encode('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span({ name: '' })] }] }] });
      expect(decode('traces', bytes)).toMatchObject({ batches: [], accepted: 0, rejected: 1 });
    });

    it('are bounded in number', () => {
      const one = (index: number): object => ({
        resource: { attributes: [text('service.name', `s${index}`)] },
        scopeLogs: [{ logRecords: [{}] }],
      });
      const many = (count: number): Uint8Array =>
        encode('logs', { resourceLogs: Array.from({ length: count }, (_, index) => one(index)) });
      const decoder = newDecoder();
      expect(decode('logs', many(MAX_SERVICES), decoder).batches).toHaveLength(MAX_SERVICES);
      expect(decoder.decode('logs', many(MAX_SERVICES + 1))).toMatchObject({
        undecodable: true,
        reason: expect.stringMatching(/more than 4096 services; send them in several requests/) as string,
      });
      expect(decode('logs', many(1), decoder).accepted).toBe(1);
    });
  });

  describe('rejections', () => {
    const good = span({
      name: 'good',
      attributes: [text('a', 'b')],
      events: [{ name: 'e', attributes: [text('c', 'd')] }],
    });
    it.each<[RejectionReason, object]>([
      ['trace-id-invalid', { traceId: id(15, 1) }],
      ['trace-id-invalid', { traceId: id(16, 0) }],
      ['trace-id-invalid', { traceId: new Uint8Array(0) }],
      ['span-id-invalid', { spanId: id(9, 1) }],
      ['span-id-invalid', { spanId: id(8, 0) }],
      ['parent-span-id-invalid', { parentSpanId: id(7, 1) }],
      ['name-missing', { name: '' }],
      ['end-before-start', { startTimeUnixNano: '1700000000000000000', endTimeUnixNano: 0 }],
      ['end-before-start', times(60_000_000_001n)],
      ['value-out-of-range', { kind: 256 }],
      ['value-out-of-range', { kind: -1 }],
      ['value-out-of-range', { status: { code: 1000 } }],
      ['trace-id-invalid', { links: [{ traceId: id(3, 1), spanId: id(8, 1) }] }],
      ['span-id-invalid', { links: [{ traceId: id(16, 1), spanId: id(3, 1) }] }],
    ])('%s of a span leaves nothing of it (case %#)', (reason, fields) => {
      const bad = span({
        parentSpanId: id(8, 9),
        attributes: [text('x', 'y'), text('z', 'z')],
        events: [{ name: 'f', attributes: [text('g', 'h')] }],
        ...fields,
      });
      const decoded = decode('traces', spans(good, bad, good, bad));
      expect(decoded).toMatchObject({ accepted: 2, rejected: 2, rejections: new Map([[reason, 2]]) });
      const alone = decode('traces', spans(good, good)).batches[0]?.batch;
      const batch = decoded.batches[0]?.batch;
      if (!batch || !alone) throw new Error('no batch');
      expect([spanAt(batch, 0), spanAt(batch, 1)]).toEqual([spanAt(alone, 0), spanAt(alone, 1)]);
      expect(batch.columns.attributes.items).toHaveLength(2);
      expect(batch.columns.events.items.attributes.items).toHaveLength(2);
    });

    it('spare spans whose end a clock step put a little before their start', () => {
      const decoded = decode('traces', spans(span(times(60_000_000_000n)), span(times(1n))));
      expect(decoded.accepted).toBe(2);
      expect([...(decoded.batches[0]?.batch.columns.durationNano ?? [])]).toEqual([-60_000_000_000n, -1n]);
    });

    it('of logs: ids of a wrong length and severities out of range, but no ids at all are fine', () => {
      const decoded = decode(
        'logs',
        logs(
          {},
          { traceId: id(16, 0) },
          { traceId: id(4, 1) },
          { spanId: id(4, 1) },
          { severityNumber: 300 },
        ),
      );
      expect(decoded).toMatchObject({ accepted: 2, rejected: 3 });
      expect([...decoded.rejections.keys()]).toEqual([
        'trace-id-invalid',
        'span-id-invalid',
        'value-out-of-range',
      ]);
    });

    it('of histogram points: bucket counts that do not match the bounds', () => {
      const histogram = (bucketCounts: number[], explicitBounds: number[]): object => ({
        histogram: { dataPoints: [{ bucketCounts, explicitBounds }] },
      });
      const decoded = decode(
        'metrics',
        metrics(
          histogram([], []),
          histogram([4], []),
          histogram([1, 2], [0.5]),
          histogram([1], [0.5]),
          histogram([], [0.5]),
        ),
      );
      expect(decoded).toMatchObject({
        accepted: 3,
        rejected: 2,
        rejections: new Map([['bucket-counts-mismatch', 2]]),
      });
    });
  });

  describe('fields that come twice or out of order', () => {
    it('last one counts, also when it is the default', () => {
      const one = spans(span({ kind: 3, flags: 7, status: { code: 2, message: 'no' } }));
      expect(decode('traces', one).accepted).toBe(1);
      const parts = [
        TYPES.traces.root
          .lookupType('opentelemetry.proto.trace.v1.Span')
          .encode(span({ kind: 3 }))
          .finish(),
        // kind 0, status { message 'late' }, parent id once right and then absent
        Uint8Array.of(0x30, 0),
        field(122, Uint8Array.of(0x18, 2)),
        field(122, field(18, new TextEncoder().encode('late'))),
        field(34, id(8, 9)),
        field(34),
      ];
      const bytes = field(10, field(18, field(18, ...parts)));
      const batch = decode('traces', bytes).batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      expect(spanAt(batch, 0)).toMatchObject({
        kind: 0,
        status: { code: 2, message: 'late' },
        parentSpanId: new Uint8Array(0),
      });
    });

    it('resource and scope may follow their items, in pieces', () => {
      const item = logs({ body: { stringValue: 'hi' } });
      const record = field(18, item.subarray(item.length - 6));
      const attribute = (key: string, value: string): Uint8Array =>
        field(
          10,
          field(10, new TextEncoder().encode(key)),
          field(18, field(10, new TextEncoder().encode(value))),
        );
      const scope = field(10, field(10, new TextEncoder().encode('lib')));
      const bytes = field(
        10,
        field(18, record, scope),
        field(10, attribute('service.name', 'cart')),
        field(10, attribute('service.namespace', 'shop')),
      );
      const decoded = decode('logs', bytes);
      expect(decoded.batches[0]?.service).toEqual({ namespace: 'shop', name: 'cart', environment: '' });
      const batch = decoded.batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      expect(logAt(batch, 0).body).toEqual({ stringValue: 'hi' });
      expect(dictionaryReader(batch.dictionary).scope(batch.columns.scope[0] ?? -1).name).toBe('lib');
      expect(dictionaryReader(batch.dictionary).resource(0).attributes).toHaveLength(2);
    });

    it('of a metric the last kind of data counts, with all pieces after the change', () => {
      const number = (value: number): Uint8Array =>
        field(10, Uint8Array.of(0x31, value, 0, 0, 0, 0, 0, 0, 0));
      const gauge = (...points: Uint8Array[]): Uint8Array => field(42, ...points);
      const sum = (...points: Uint8Array[]): Uint8Array => field(58, ...points, Uint8Array.of(0x10, 2));
      const metric = field(18, gauge(number(1)), sum(number(2)), gauge(number(3)), gauge(number(4)));
      const decoded = decode('metrics', field(10, field(18, metric)));
      expect(decoded.accepted).toBe(2);
      const batch = decoded.batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      expect([...batch.columns.intValue]).toEqual([3n, 4n]);
      expect(dictionaryReader(batch.dictionary).metric(0)).toMatchObject({ kind: 'gauge', temporality: 0 });
    });

    it('of a gauge neither temporality nor monotony is known', () => {
      const point = field(10, Uint8Array.of(0x31, 1, 0, 0, 0, 0, 0, 0, 0));
      const gauge = field(42, point, Uint8Array.of(0x10, 2, 0x18, 1));
      const batch = decode('metrics', field(10, field(18, field(18, gauge)))).batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      const metric = dictionaryReader(batch.dictionary).metric(0);
      expect(metric).toMatchObject({ kind: 'gauge', temporality: 0, isMonotonic: false });
    });

    it('a log body in two pieces is both of them', () => {
      const array = (value: number): Uint8Array =>
        field(42, field(42, field(10, Uint8Array.of(0x18, value))));
      const batch = decode('logs', field(10, field(18, field(18, array(1), array(2))))).batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      expect(logAt(batch, 0).body).toEqual({ arrayValue: { values: [{ intValue: 1n }, { intValue: 2n }] } });
    });

    it('a known field of another wire type is an unknown field', () => {
      const number = TYPES.traces.root
        .lookupType('opentelemetry.proto.trace.v1.Span')
        .encode(span())
        .finish();
      // kind as fixed32, name as varint
      const bytes = field(10, field(18, field(18, number, Uint8Array.of(0x35, 9, 9, 9, 9, 0x28, 5))));
      const batch = decode('traces', bytes).batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      expect(spanAt(batch, 0)).toMatchObject({ kind: 0, name: 'work' });
    });

    it('numbers come packed or one by one', () => {
      const le = (value: number): number[] => [value, 0, 0, 0, 0, 0, 0, 0];
      const half = [0, 0, 0, 0, 0, 0, 0xe0, 0x3f];
      const point = Uint8Array.of(0x31, ...le(1), 0x31, ...le(2), 0x39, ...half);
      const decoded = decode('metrics', field(10, field(18, field(18, field(74, field(10, point))))));
      const batch = decoded.batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      expect(metricPointAt(batch, 0)).toMatchObject({ bucketCounts: [1n, 2n], explicitBounds: [0.5] });
    });
  });

  describe('requests that cannot be read', () => {
    const whole = spans(span({ attributes: [text('key', 'value')] }));

    it('name themselves, the byte and what was expected', () => {
      expect(reasonOf('traces', whole.subarray(0, whole.length - 3))).toMatch(
        /^The ExportTraceServiceRequest cannot be read\. At byte \d+ a length of \d+ bytes reaches beyond byte \d+, where its message ends\.$/,
      );
      expect(reasonOf('logs', Uint8Array.of(0x0b))).toMatch(/ExportLogsServiceRequest .* wire type 3/);
      expect(reasonOf('metrics', Uint8Array.of(0x0a, 0x03, 0x12, 0x01))).toMatch(
        /ExportMetricsServiceRequest/,
      );
    });

    it('are refused for what stands in an attribute, a resource or a metric without points', () => {
      const broken = Uint8Array.of(0x12, 0x02, 0x0a, 0x7f);
      const bytes = field(10, field(18, field(18, field(74, broken))));
      expect(reasonOf('traces', bytes)).toMatch(/length of 127 bytes/);
      expect(reasonOf('logs', field(10, field(10, field(10, broken))))).toMatch(/length of 127 bytes/);
      expect(reasonOf('metrics', field(10, field(18, field(18, field(98, broken)))))).toMatch(
        /length of 127 bytes/,
      );
    });

    it.each([
      ['bucket counts', 50],
      ['bounds', 58],
    ])('are refused for %s that end within a number', (_, tag) => {
      const point = field(tag, new Uint8Array(8 + 5));
      const bytes = field(10, field(18, field(18, field(74, field(10, point)))));
      expect(reasonOf('metrics', bytes)).toMatch(/8 bytes of a number reach beyond byte/);
    });

    it('are refused when values stand too deep inside each other', () => {
      const nested = (levels: number): Uint8Array => {
        let value = Uint8Array.of(0x10, 1);
        for (let level = 0; level < levels; level++) value = Uint8Array.from(field(42, field(10, value)));
        return field(10, field(18, field(18, field(50, field(18, value)))));
      };
      expect(reasonOf('logs', nested(40))).toBe('decoded');
      expect(reasonOf('logs', nested(60))).toMatch(/more than 100 deep/);
      expect(reasonOf('logs', nested(2_000))).toMatch(/more than 100 deep/);
    });

    it('leave no rows and no entries for the next one', () => {
      const decoder = newDecoder();
      expect(decoder.decode('traces', whole.subarray(0, whole.length - 1))).toHaveProperty(
        'undecodable',
        true,
      );
      const decoded = decode('traces', whole, decoder);
      expect(decoded.accepted).toBe(1);
      expect(decoded.batches[0]?.batch.columns.attributes.items).toHaveLength(1);
    });
  });

  describe('indices into string tables, which only profiles have', () => {
    const indexed = [
      { key: 'both', value: { stringValueStrindex: 3 }, keyStrindex: 7 },
      { key: 'nested', value: { arrayValue: { values: [{ stringValueStrindex: 0 }] } } },
    ];
    const expected = [
      { key: 'both', value: {} },
      { key: 'nested', value: { arrayValue: { values: [{}] } } },
    ];

    it('are absent, and counted when an entry is seen for the first time', () => {
      const decoder = newDecoder();
      const bytes = spans(span({ attributes: indexed }), span({ attributes: indexed }));
      const decoded = decode('traces', bytes, decoder);
      expect(decoded).toMatchObject({
        accepted: 2,
        rejected: 0,
        warnings: new Map([['string-index-ignored', 3]]),
      });
      const batch = decoded.batches[0]?.batch;
      if (!batch) throw new Error('no batch');
      expect(spanAt(batch, 1).attributes).toEqual(expected);
      expect(decode('traces', bytes, decoder).warnings).toEqual(new Map());
    });

    it('are counted in resources, scopes, metrics and in every log body', () => {
      const decoder = newDecoder();
      const resource = { attributes: indexed };
      const scope = { attributes: indexed.slice(0, 1) };
      const gauge = { dataPoints: [{}] };
      const points = encode('metrics', {
        resourceMetrics: [
          { resource, scopeMetrics: [{ scope, metrics: [{ metadata: indexed.slice(1), gauge }] }] },
        ],
      });
      expect(decode('metrics', points, decoder).warnings.get('string-index-ignored')).toBe(3 + 2 + 1);
      const records = logs({ body: { stringValueStrindex: 1 } }, { body: { stringValueStrindex: 1 } });
      expect(decode('logs', records, decoder).warnings.get('string-index-ignored')).toBe(2);
      expect(decode('logs', records, decoder).warnings.get('string-index-ignored')).toBe(2);
    });
  });

  describe('dictionary generations', () => {
    it('change between requests, when one is full', () => {
      const decoder = newDecoder({ maxDictionaryEntries: 20 });
      const request = (round: number): Uint8Array =>
        spans(
          ...Array.from({ length: 15 }, (_, index) => span({ attributes: [text('n', `${round} ${index}`)] })),
        );
      const batches = [0, 1, 2].map((round) => decode('traces', request(round), decoder).batches[0]?.batch);
      const ids = batches.map((batch) => batch?.dictionary.id);
      expect(ids[0]).toBe(ids[1]);
      expect(ids[2]).not.toBe(ids[1]);
      for (const [round, batch] of batches.entries()) {
        if (!batch) throw new Error('no batch');
        expect(spanAt(batch, 14)).toMatchObject({
          name: 'work',
          attributes: [{ key: 'n', value: { stringValue: `${round} 14` } }],
        });
      }
    });

    it('are bounded by bytes too', () => {
      const decoder = newDecoder({ maxDictionaryBytes: 1000 });
      const bytes = spans(span({ name: 'x'.repeat(1001) }));
      const first = decode('traces', bytes, decoder).batches[0]?.batch;
      const second = decode('traces', bytes, decoder).batches[0]?.batch;
      expect(first?.dictionary.id).not.toBe(second?.dictionary.id);
    });
  });

  describe('what one request may add to the dictionaries', () => {
    const many = (count: number): Uint8Array =>
      spans(...Array.from({ length: count }, (_, index) => span({ name: `GET /${index}` })));

    it('is bounded, with advice', () => {
      const decoder = newDecoder({ maxRequestEntries: 50 });
      // A resource and a scope beside the names.
      expect(decode('traces', many(48), decoder).accepted).toBe(48);
      expect(decoder.decode('traces', many(100))).toEqual({
        undecodable: true,
        reason:
          'The ExportTraceServiceRequest cannot be read. ' +
          'It holds more than 50 names and values not seen lately; send them in several requests.',
      });
      expect(decode('traces', many(48), decoder).accepted).toBe(48);
    });
  });

  describe('empty requests', () => {
    it.each(['traces', 'metrics', 'logs'] as const)('of %s are decoded to nothing', (signal) => {
      const nothing = {
        signal,
        batches: [],
        accepted: 0,
        rejected: 0,
        rejections: new Map(),
        warnings: new Map(),
      };
      expect(newDecoder().decode(signal, new Uint8Array(0))).toEqual(nothing);
      expect(newDecoder().decode(signal, field(10, field(18)))).toEqual(nothing);
    });
  });
});
