import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { unboundedRun } from '../../../actors/fixtures/index.ts';
import {
  insertSegment,
  PreparedSegmentGoneError,
  StorageUnavailableError,
  type TimeRange,
} from '../../../actors/ports/index.ts';
import type {
  AttributeJson,
  LogJson,
  MetricSeriesJson,
  OriginJson,
  SpanJson,
} from '../../../proto/api/index.ts';
import { DURATION_GAMMA, type ServiceBatch, type Signal } from '../../../proto/columns/index.ts';
import { EVERYTHING } from '../../../proto/query/index.ts';
import { createDecoder, jsonToWire, type Decoder } from '../../../workers/decode/index.ts';
import { logSearch, spanSearch, type LogTerms, type SpanTerms } from '../../../workers/search/index.ts';
import { ClickHouseArchive } from './archive.ts';
import { connect, type Connection } from './connection.ts';
import { COUNTED_TABLES, RED_TABLES } from './rollups.ts';
import { Spool } from './spool.ts';
import {
  ClickHouseOpenError,
  SchemaTooNewError,
  openClickHouse,
  startEmbeddedClickHouse,
  type ClickHouseStore,
  type EmbeddedClickHouse,
} from './index.ts';

// chDB has no other user.
const USER = { username: 'default', password: '' };
const T0 = 1_705_327_800_000_000_000n;
const RUN = unboundedRun();
const ALL: TimeRange = { fromUnixNano: 0n, toUnixNano: 2n ** 64n - 1n };

let home: string;
let engine: EmbeddedClickHouse;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-clickhouse-'));
  engine = await startEmbeddedClickHouse({ dataDir: home, tcp: { port: 0, ...USER } });
});
afterAll(async () => {
  await engine.stop();
  await rm(home, { recursive: true, force: true });
});

/** The two ways to ClickHouse: the embedded engine's socket, and a server's address with user and password. */
const TARGETS = {
  'the embedded engine': () => engine,
  'a server': () => ({ url: `http://127.0.0.1:${engine.tcpPort ?? 0}`, ...USER }),
};

// --- telemetry in the API's shape, sent as OTLP/JSON, and expected back equal in every field

const ATTRIBUTES: readonly AttributeJson[] = [
  { key: 'http.route', value: { stringValue: '/cart/{id}' } },
  { key: 'big', value: { intValue: '9223372036854775807' } },
  { key: 'ratio', value: { doubleValue: 0.1 } },
  { key: 'not a number', value: { doubleValue: 'NaN' } },
  { key: 'ok', value: { boolValue: false } },
  { key: 'raw', value: { bytesValue: 'AP/+' } },
  { key: 'none', value: {} },
  { key: 'twice', value: { stringValue: 'first' } },
  { key: 'twice', value: { stringValue: 'second' } },
  {
    key: 'nested',
    value: {
      arrayValue: {
        values: [
          { stringValue: "it's ℵ\u0000\n" },
          { kvlistValue: { values: [{ key: 'k', value: { intValue: '-1' } }] } },
        ],
      },
    },
  },
];

function origin(name: string, more: Partial<OriginJson['resource']> = {}): OriginJson {
  return {
    service: { id: `prod~shop~${name}`, namespace: 'shop', name, environment: 'prod' },
    resource: {
      attributes: [
        { key: 'service.name', value: { stringValue: name } },
        { key: 'service.namespace', value: { stringValue: 'shop' } },
        { key: 'deployment.environment.name', value: { stringValue: 'prod' } },
      ],
      droppedAttributesCount: 3,
      schemaUrl: 'https://opentelemetry.io/schemas/1.27.0',
      ...more,
    },
    scope: {
      name: 'io.opentelemetry.http',
      version: '1.2.3',
      attributes: [{ key: 'scope.key', value: { stringValue: 'scope value' } }],
      droppedAttributesCount: 1,
      schemaUrl: 'https://example.org/scope',
    },
  };
}

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');

function span(n: number, more: Partial<SpanJson> = {}): SpanJson {
  return {
    ...origin('cart'),
    traceId: hex(n, 32),
    spanId: hex(n, 16),
    parentSpanId: '',
    name: 'GET /cart',
    kind: 2,
    startTimeUnixNano: String(T0 + BigInt(n) * 1_000_000n),
    endTimeUnixNano: String(T0 + BigInt(n) * 1_000_000n + 5_000_000n),
    status: { code: 0, message: '' },
    traceState: '',
    flags: 0,
    attributes: [],
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    ...more,
  };
}

const RICH_SPAN = span(1, {
  parentSpanId: hex(77, 16),
  status: { code: 2, message: 'it failed ✗' },
  traceState: 'a=1,b=2',
  flags: 4_294_967_295,
  attributes: ATTRIBUTES,
  droppedAttributesCount: 7,
  events: [
    { timeUnixNano: String(T0 + 1n), name: 'exception', attributes: ATTRIBUTES, droppedAttributesCount: 2 },
    { timeUnixNano: '0', name: '', attributes: [], droppedAttributesCount: 0 },
  ],
  droppedEventsCount: 8,
  links: [
    {
      traceId: hex(5, 32),
      spanId: hex(6, 16),
      traceState: 'c=3',
      attributes: ATTRIBUTES.slice(0, 1),
      droppedAttributesCount: 1,
      flags: 257,
    },
  ],
  droppedLinksCount: 9,
});
/** Its clock went back. */
const BACKWARD_SPAN = span(2, { name: 'backward', endTimeUnixNano: String(T0 - 1n) });
const LAST_MOMENT_SPAN = span(3, {
  name: 'far',
  startTimeUnixNano: '18446744073709551614',
  endTimeUnixNano: '18446744073709551615',
});

function log(n: number, more: Partial<LogJson> = {}): LogJson {
  return {
    ...origin('cart'),
    timeUnixNano: String(T0 + BigInt(n)),
    observedTimeUnixNano: String(T0 + BigInt(n) + 10n),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: `message ${n}` },
    eventName: '',
    traceId: '',
    spanId: '',
    flags: 0,
    attributes: [],
    droppedAttributesCount: 0,
    ...more,
  };
}

const LOGS: readonly LogJson[] = [
  log(50, {
    traceId: hex(1, 32),
    spanId: hex(1, 16),
    flags: 1,
    eventName: 'cart.paid',
    severityNumber: 17,
    severityText: 'ERROR',
    attributes: ATTRIBUTES,
    droppedAttributesCount: 4,
    body: { kvlistValue: { values: [{ key: 'amount', value: { doubleValue: 12.5 } }] } },
  }),
  log(40, { body: {} }),
  log(30, { body: { stringValue: '' } }),
  log(20, {
    timeUnixNano: '0',
    observedTimeUnixNano: String(T0 + 20n),
    body: { stringValue: '\ufeffBOM ☂' },
  }),
  log(10, { body: { intValue: '-9223372036854775808' } }),
];

const EXEMPLARS = [
  {
    timeUnixNano: String(T0),
    value: { asDouble: 1.5 },
    traceId: hex(1, 32),
    spanId: hex(1, 16),
    filteredAttributes: ATTRIBUTES.slice(0, 2),
  },
  { timeUnixNano: String(T0), value: { asInt: '3' }, traceId: '', spanId: '', filteredAttributes: [] },
] as const;

const metric = (name: string, kind: MetricSeriesJson['metric']['kind'], more = {}) => ({
  name,
  description: `about ${name}`,
  unit: 's',
  kind,
  temporality: 0,
  monotonic: false,
  metadata: [{ key: 'from', value: { stringValue: 'prometheus' } }],
  ...more,
});
const at = (n: number) => ({
  startTimeUnixNano: String(T0),
  timeUnixNano: String(T0 + BigInt(n)),
  flags: 0,
  exemplars: [],
});

const SERIES: readonly MetricSeriesJson[] = [
  {
    ...origin('cart'),
    metric: metric('gauge', 'gauge'),
    attributes: ATTRIBUTES.slice(0, 3),
    points: [
      { ...at(1), value: { asDouble: -0.25 }, exemplars: EXEMPLARS },
      { ...at(2), value: { asInt: '-9223372036854775808' } },
      { ...at(3), value: { asDouble: 'Infinity' } },
      { ...at(4), value: null, flags: 1 },
    ],
  },
  {
    ...origin('cart'),
    metric: metric('sum', 'sum', { temporality: 2, monotonic: true }),
    attributes: [],
    points: [{ ...at(1), value: { asInt: '12' } }],
  },
  {
    ...origin('cart'),
    metric: metric('histogram', 'histogram', { temporality: 1 }),
    attributes: [],
    points: [
      {
        ...at(1),
        count: '18446744073709551615',
        sum: 7.5,
        min: null,
        max: 4,
        bucketCounts: ['1', '2', '3'],
        explicitBounds: [0.5, 10],
        exemplars: EXEMPLARS,
      },
      { ...at(2), count: '0', sum: null, min: null, max: null, bucketCounts: [], explicitBounds: [] },
    ],
  },
  {
    ...origin('cart'),
    metric: metric('exponential', 'exponentialHistogram', { temporality: 2 }),
    attributes: [],
    points: [
      {
        ...at(1),
        count: '6',
        sum: 'NaN',
        min: 0,
        max: null,
        scale: -3,
        zeroCount: '2',
        zeroThreshold: 0.001,
        positive: { offset: -5, bucketCounts: ['1', '0', '3'] },
        negative: { offset: 4, bucketCounts: [] },
      },
    ],
  },
  {
    ...origin('cart'),
    metric: metric('summary', 'summary'),
    attributes: [],
    points: [
      {
        ...at(1),
        count: '10',
        sum: 99.5,
        quantiles: [
          { quantile: 0.5, value: 1 },
          { quantile: 0.99, value: 'NaN' },
        ],
      },
    ],
  },
];

function envelope({ resource, scope }: OriginJson, item: object): object {
  const { schemaUrl, ...resourceFields } = resource;
  const { schemaUrl: scopeUrl, ...scopeFields } = scope;
  return {
    resource: resourceFields,
    schemaUrl,
    scope: [{ scope: scopeFields, schemaUrl: scopeUrl, ...item }],
  };
}

function requestOf(signal: Signal, items: readonly object[]): Uint8Array {
  const names = { traces: 'Spans', logs: 'Logs', metrics: 'Metrics' } as const;
  const name = names[signal];
  const groups = items.map((each) => {
    const { scope, ...rest } = each as { scope: object };
    return { ...rest, [`scope${name}`]: scope };
  });
  const wire = jsonToWire(signal, Buffer.from(JSON.stringify({ [`resource${name}`]: groups })));
  if (!(wire instanceof Uint8Array)) throw new Error(wire.reason);
  return wire;
}

const KIND_FIELDS = { temporality: 'aggregationTemporality', monotonic: 'isMonotonic' } as const;

function otlpPoint(point: object, attributes: readonly AttributeJson[]): object {
  const { value, exemplars, quantiles, ...rest } = point as Record<string, unknown> & { exemplars: object[] };
  return {
    ...Object.fromEntries(Object.entries(rest).filter(([, each]) => each !== null)),
    ...(value as object | null),
    ...(quantiles === undefined ? {} : { quantileValues: quantiles }),
    exemplars: exemplars.map((each) => {
      const { value: exemplarValue, ...fields } = each as { value: object };
      return { ...fields, ...exemplarValue };
    }),
    attributes,
  };
}

function batchesOf(
  decoder: Decoder,
  spans: readonly SpanJson[],
  logs: readonly LogJson[] = [],
  series: readonly MetricSeriesJson[] = [],
): ServiceBatch[] {
  const decode = (signal: Signal, items: readonly object[]): readonly ServiceBatch[] => {
    const decoded = decoder.decode(signal, requestOf(signal, items));
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    if (decoded.rejected > 0) throw new Error([...decoded.rejections.keys()].join());
    return decoded.batches;
  };
  return [
    ...decode(
      'traces',
      spans.map((each) => envelope(each, { spans: [each] })),
    ),
    ...decode(
      'logs',
      logs.map((each) => envelope(each, { logRecords: [each] })),
    ),
    ...decode(
      'metrics',
      series.map((each) => {
        const { kind, temporality, monotonic, ...fields } = each.metric;
        const data = {
          [KIND_FIELDS.temporality]: temporality,
          [KIND_FIELDS.monotonic]: monotonic,
          dataPoints: each.points.map((point) => otlpPoint(point, each.attributes)),
        };
        return envelope(each, { metrics: [{ ...fields, [kind]: data }] });
      }),
    ),
  ];
}

let databases = 0;
const stores: ClickHouseStore[] = [];
const connections: Connection[] = [];
const spools: Spool[] = [];
afterAll(() => Promise.all([...stores, ...connections, ...spools].map((each) => each.close())));

function connectTo(database: string): Connection {
  const connection = connect({ client: { ...engine.clientOptions }, database, queryTimeoutMs: 10_000 });
  connections.push(connection);
  return connection;
}

function archiveOn(connection: Connection, now: () => number = Date.now): ClickHouseArchive {
  const spool = new Spool();
  spools.push(spool);
  return new ClickHouseArchive({ connection, spool, now });
}

async function openStore(
  target: keyof typeof TARGETS = 'the embedded engine',
  database = `test_${++databases}`,
): Promise<ClickHouseStore & { readonly database: string; readonly connection: Connection }> {
  const store = await openClickHouse({ target: TARGETS[target](), database });
  stores.push(store);
  return { ...store, database, connection: connectTo(database) };
}

const byKey = <T extends object>(items: readonly T[], key: keyof T): T[] =>
  [...items].sort((a, b) => (String(a[key]) < String(b[key]) ? -1 : 1));

describe.each(Object.keys(TARGETS) as (keyof typeof TARGETS)[])('a store on %s', (target) => {
  let store: Awaited<ReturnType<typeof openStore>>;

  beforeAll(async () => {
    store = await openStore(target);
    const decoder = createDecoder();
    const batches = batchesOf(decoder, [RICH_SPAN, BACKWARD_SPAN, LAST_MOMENT_SPAN], LOGS, SERIES);
    await insertSegment(store.archive, { number: 1, batches });
    const other = span(4, { ...origin('payment'), kind: 3, parentSpanId: hex(1, 16), traceId: hex(1, 32) });
    await insertSegment(store.archive, { number: 2, batches: batchesOf(decoder, [other]) });
  });

  it('knows how far it is archived', async () => {
    expect(await store.archive.archivedThrough()).toBe(2);
    await expect(store.ping()).resolves.toBeUndefined();
  });

  it('gives spans back equal in every field', async () => {
    const ids = [RICH_SPAN, BACKWARD_SPAN, LAST_MOMENT_SPAN].map(({ traceId }) => traceId);
    const found = await store.history.spansOf(ids, 100, 1, RUN);
    expect(byKey(found, 'spanId')).toEqual([RICH_SPAN, BACKWARD_SPAN, LAST_MOMENT_SPAN]);
  });

  it('gives log records back equal in every field, newest first', async () => {
    const logsOf = async (limit: number) =>
      (await store.history.findLogs(EVERYTHING, ALL, { limit }, 1, RUN)).map(({ log }) => log);
    expect(await logsOf(100)).toEqual(LOGS);
    expect(await logsOf(2)).toEqual(LOGS.slice(0, 2));
  });

  it('gives points of all kinds back equal in every field', async () => {
    for (const series of SERIES) {
      const found = await store.history.series({ name: series.metric.name, labels: [] }, ALL, 10, 1, RUN);
      expect(found).toEqual([series]);
    }
    const metrics = await store.history.metrics(undefined, ALL, 1, RUN);
    expect(byKey(metrics, 'name')).toEqual(
      byKey(
        SERIES.map((each) => each.metric),
        'name',
      ),
    );
  });

  it('sees no segment beyond the one asked for', async () => {
    expect(await store.history.spansOf([hex(1, 32)], 100, 0, RUN)).toEqual([]);
    expect(await store.history.spansOf([hex(1, 32)], 100, 1, RUN)).toHaveLength(1);
    expect(await store.history.spansOf([hex(1, 32)], 100, 2, RUN)).toHaveLength(2);
    expect(await store.history.services(ALL, 0, RUN)).toEqual([]);
    expect(await store.history.findTraces({ search: EVERYTHING }, ALL, { limit: 10 }, 0, RUN)).toEqual([]);
    expect(await store.history.findLogs(EVERYTHING, ALL, { limit: 10 }, 0, RUN)).toEqual([]);
    expect(await store.history.metrics(undefined, ALL, 0, RUN)).toEqual([]);
    expect(await store.history.series({ name: 'gauge', labels: [] }, ALL, 10, 0, RUN)).toEqual([]);
  });

  it('compares ranges half-open', async () => {
    const start = BigInt(RICH_SPAN.startTimeUnixNano);
    const found = (fromUnixNano: bigint, toUnixNano: bigint) =>
      store.history.findTraces(
        { search: spanSearch({ operation: 'GET /cart' }) },
        { fromUnixNano, toUnixNano },
        { limit: 10 },
        1,
        RUN,
      );
    expect(await found(start, start + 1n)).toEqual([{ traceId: hex(1, 32), startTimeUnixNano: start }]);
    expect(await found(start + 1n, start + 2n)).toEqual([]);
    expect(await found(start - 1n, start)).toEqual([]);
  });

  it('finds traces by service, operation, text, duration and status', async () => {
    const find = async (terms: SpanTerms) =>
      (await store.history.findTraces({ search: spanSearch(terms) }, ALL, { limit: 10 }, 2, RUN)).map(
        ({ traceId }) => Number.parseInt(traceId, 16),
      );
    const service = { namespace: 'shop', name: 'payment', environment: 'prod' };
    expect(await find({})).toEqual([3, 1, 2]);
    expect(await find({ service })).toEqual([1]);
    expect(await find({ service: { ...service, environment: '' } })).toEqual([]);
    expect(await find({ operation: 'backward' })).toEqual([2]);
    expect(await find({ text: 'BACKW' })).toEqual([2]);
    expect(await find({ text: '/CART/{ID}' })).toEqual([1]);
    expect(await find({ text: '9223372036854775807' })).toEqual([1]);
    expect(await find({ text: "'; DROP TABLE spans --" })).toEqual([]);
    expect(await find({ minDurationNano: 5_000_000n })).toEqual([1]);
    expect(await find({ maxDurationNano: 0n })).toEqual([2]);
    expect(await find({ status: 'error' })).toEqual([1]);
    expect(await find({ status: 'ok', operation: 'far' })).toEqual([3]);
  });

  it('turns pages: what is behind a position, among what had arrived', async () => {
    const ids = (hits: readonly { readonly traceId: string }[]) =>
      hits.map(({ traceId }) => Number.parseInt(traceId, 16));
    const { history } = store;
    const all = await history.findTraces({ search: EVERYTHING }, ALL, { limit: 10 }, 2, RUN);
    expect(ids(all)).toEqual([3, 1, 2]);
    for (const [i, after] of all.entries()) {
      expect(await history.findTraces({ search: EVERYTHING }, ALL, { limit: 10, after }, 2, RUN)).toEqual(
        all.slice(i + 1),
      );
      expect(await history.findTraces({ search: EVERYTHING }, ALL, { limit: 1, after }, 2, RUN)).toEqual(
        all.slice(i + 1, i + 2),
      );
    }
    const among = [hex(2, 32), hex(9, 32)];
    expect(ids(await history.findTraces({ search: EVERYTHING, among }, ALL, { limit: 10 }, 2, RUN))).toEqual([
      2,
    ]);
    for (const ordinal of [0, 1, 2]) {
      const asOf = { segment: 1, ordinal };
      const known = await history.findTraces({ search: EVERYTHING }, ALL, { limit: 10, asOf }, 2, RUN);
      expect(known).toHaveLength(ordinal + 1);
      expect(ids(all)).toEqual(expect.arrayContaining(ids(known)));
    }

    const logs = await history.findLogs(EVERYTHING, ALL, { limit: 10 }, 1, RUN);
    expect(logs.map(({ ordinal }) => ordinal).sort()).toEqual(LOGS.map((_, i) => i));
    for (const [i, after] of logs.entries()) {
      expect(await history.findLogs(EVERYTHING, ALL, { limit: 10, after }, 1, RUN)).toEqual(
        logs.slice(i + 1),
      );
    }
    const early = await history.findLogs(
      EVERYTHING,
      ALL,
      { limit: 10, asOf: { segment: 1, ordinal: 0 } },
      1,
      RUN,
    );
    expect(early).toEqual(logs.filter(({ ordinal }) => ordinal === 0));
  });

  it('finds logs by service, text, severity and trace', async () => {
    const find = async (terms: LogTerms) =>
      (await store.history.findLogs(logSearch(terms), ALL, { limit: 10 }, 2, RUN)).map(
        ({ log }) => log.observedTimeUnixNano,
      );
    const times = LOGS.map(({ observedTimeUnixNano }) => observedTimeUnixNano);
    expect(await find({ minSeverity: 17 })).toEqual(times.slice(0, 1));
    expect(await find({ traceId: hex(1, 32) })).toEqual(times.slice(0, 1));
    expect(await find({ text: '"AMOUNT":12.5' })).toEqual(times.slice(0, 1));
    expect(await find({ text: '☂' })).toEqual(times.slice(3, 4));
    expect(await find({ service: { namespace: '', name: 'nobody', environment: '' } })).toEqual([]);
  });

  it('finds series by labels of the point and of the resource', async () => {
    const find = async (labels: { key: string; value: string }[]) =>
      (await store.history.series({ name: 'gauge', labels }, ALL, 10, 1, RUN)).length;
    expect(await find([{ key: 'big', value: '9223372036854775807' }])).toBe(1);
    expect(await find([{ key: 'service.name', value: 'cart' }])).toBe(1);
    expect(
      await find([
        { key: 'service.name', value: 'cart' },
        { key: 'ratio', value: '0.1' },
      ]),
    ).toBe(1);
    expect(
      await find([
        { key: 'service.name', value: 'cart' },
        { key: 'ratio', value: '0.2' },
      ]),
    ).toBe(0);
  });

  it('counts requests, errors and durations of services and operations', async () => {
    const cart = { namespace: 'shop', name: 'cart', environment: 'prod' };
    const activity = byKey(await store.history.services(ALL, 2, RUN), 'spans');
    const bucket = Math.ceil(Math.log(5_000_000) / Math.log(DURATION_GAMMA));
    expect(activity).toEqual([
      {
        service: { ...cart, name: 'payment' },
        requests: 0,
        errors: 0,
        durations: new Map(),
        spans: 1,
        logs: 0,
        points: 0,
      },
      {
        service: cart,
        requests: 3,
        errors: 1,
        durations: new Map([
          [bucket, 1],
          [0, 2],
        ]),
        spans: 3,
        logs: 5,
        points: 9,
      },
    ]);
    const operations = byKey(await store.history.operations(cart, ALL, 2, RUN), 'name');
    expect(operations).toEqual([
      { name: 'GET /cart', kind: 2, requests: 1, errors: 1, durations: new Map([[bucket, 1]]) },
      { name: 'backward', kind: 2, requests: 1, errors: 0, durations: new Map([[0, 1]]) },
      { name: 'far', kind: 2, requests: 1, errors: 0, durations: new Map([[0, 1]]) },
    ]);
  });

  it('shows the stock OpenTelemetry shape', async () => {
    const { connection } = store;
    const [row] = await connection
      .reader(RUN)
      .records<Record<string, unknown>>(
        "SELECT * FROM otel_traces WHERE SpanId = {id:String} AND SpanName = 'GET /cart' AND ServiceName = 'cart'",
        { id: RICH_SPAN.spanId },
      );
    expect(row).toMatchObject({
      Timestamp: '2024-01-15 14:10:00.001000000',
      TraceId: RICH_SPAN.traceId,
      ParentSpanId: RICH_SPAN.parentSpanId,
      TraceState: 'a=1,b=2',
      SpanKind: 'Server',
      ServiceName: 'cart',
      ScopeName: 'io.opentelemetry.http',
      ScopeVersion: '1.2.3',
      Duration: '5000000',
      StatusCode: 'Error',
      StatusMessage: 'it failed ✗',
      'Events.Timestamp': ['2024-01-15 14:10:00.000000001', '1970-01-01 00:00:00.000000000'],
      'Events.Name': ['exception', ''],
      'Links.TraceId': [hex(5, 32)],
      'Links.SpanId': [hex(6, 16)],
      'Links.TraceState': ['c=3'],
      'Links.Attributes': [{ 'http.route': '/cart/{id}' }],
    });
    expect(row?.['ResourceAttributes']).toMatchObject({
      'service.name': 'cart',
      'service.namespace': 'shop',
    });
    expect(row?.['SpanAttributes']).toMatchObject({
      'http.route': '/cart/{id}',
      big: '9223372036854775807',
      ok: 'false',
      raw: 'AP/+',
    });
    const logs = await connection
      .reader(RUN)
      .records<Record<string, unknown>>('SELECT * FROM otel_logs ORDER BY Timestamp DESC');
    expect(logs).toHaveLength(LOGS.length);
    expect(logs[0]).toMatchObject({
      Timestamp: '2024-01-15 14:10:00.000000050',
      TraceFlags: 1,
      SeverityText: 'ERROR',
      SeverityNumber: 17,
      Body: '{"amount":12.5}',
      ScopeAttributes: { 'scope.key': 'scope value' },
      EventName: 'cart.paid',
    });
    const counts = await connection.rows(
      ['gauge', 'sum', 'histogram', 'exponential_histogram', 'summary']
        .map(
          (kind) => `SELECT '${kind}', count(), any(MetricName), any(MetricUnit) FROM otel_metrics_${kind}`,
        )
        .join(' UNION ALL '),
    );
    expect(new Map(counts.map(([kind, ...rest]) => [kind, rest]))).toEqual(
      new Map([
        ['gauge', ['4', 'gauge', 's']],
        ['sum', ['1', 'sum', 's']],
        ['histogram', ['2', 'histogram', 's']],
        ['exponential_histogram', ['1', 'exponential', 's']],
        ['summary', ['1', 'summary', 's']],
      ]),
    );
    const [gauge] = await connection
      .reader(RUN)
      .records<Record<string, unknown>>('SELECT * FROM otel_metrics_gauge ORDER BY TimeUnix LIMIT 1');
    expect(gauge).toMatchObject({
      Value: -0.25,
      Attributes: { big: '9223372036854775807' },
      'Exemplars.Value': [1.5, 3],
      'Exemplars.TraceId': [hex(1, 32), ''],
    });
  });
});

const DAY_MS = 86_400_000;
const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const ROW_TABLES = ['spans', 'logs', 'metric_points', 'trace_index'] as const;
const ENTRY_TABLES = ['attributes', 'resources', 'scopes', 'metrics'] as const;

async function countRows(connection: Connection): Promise<Record<string, number>> {
  const counts = await connection.rows(
    [
      ...[...ROW_TABLES, ...RED_TABLES].map((table) => `SELECT '${table}', count() FROM ${table}`),
      // A replaced row is gone after a merge; FINAL shows that now.
      ...ENTRY_TABLES.map((table) => `SELECT '${table}', count() FROM ${table} FINAL`),
    ].join(' UNION ALL '),
  );
  return Object.fromEntries(counts.map(([table, count]) => [String(table), Number(count)]));
}

const everything = (decoder = createDecoder()): ServiceBatch[] =>
  batchesOf(decoder, [RICH_SPAN, BACKWARD_SPAN, span(9, origin('payment'))], LOGS, SERIES);

/** A connection over which nothing is inserted into one table. */
function stoppedAt(connection: Connection, stopAt: string): Connection {
  const orStop = (isStopped: boolean, insert: () => Promise<void>): Promise<void> =>
    isStopped ? Promise.reject(new StorageUnavailableError('ClickHouse', 'the test stopped it')) : insert();
  return {
    ...connection,
    database: connection.database,
    rows: (sql, parameters) => connection.rows(sql, parameters),
    insertNative: (table, ...rest) => orStop(table === stopAt, () => connection.insertNative(table, ...rest)),
    insertFile: (table, ...rest) => orStop(table === stopAt, () => connection.insertFile(table, ...rest)),
    run: (sql, ...rest) => orStop(sql.includes(`INSERT INTO ${stopAt} `), () => connection.run(sql, ...rest)),
  };
}

describe('a segment given again', () => {
  it('doubles no row of any table, from the same process or another, on this day or the next', async () => {
    const { connection } = await openStore();
    let now = Date.now();
    const batches = everything();
    const first = archiveOn(connection, () => now);
    await insertSegment(first, { number: 7, batches });
    const expected = await countRows(connection);
    expect(expected).toMatchObject({ spans: 3, logs: 5, metric_points: 9, trace_index: 3 });
    expect(Math.min(...Object.values(expected))).toBeGreaterThan(0);
    await insertSegment(first, { number: 7, batches });
    expect(await countRows(connection)).toEqual(expected);
    now += DAY_MS;
    // Decoded again by another process: other codes, the same rows.
    const second = archiveOn(connection, () => now);
    await insertSegment(second, { number: 7, batches: everything() });
    expect(await countRows(connection)).toEqual(expected);
    expect(await second.archivedThrough()).toBe(7);
    await insertSegment(second, { number: 8, batches });
    const days = await connection.rows('SELECT DISTINCT segment, toString(day) FROM spans ORDER BY segment');
    expect(days).toEqual([
      ['7', dateOf(now - DAY_MS)],
      ['8', dateOf(now)],
    ]);
  });

  it('is completed when it stopped between two tables', async () => {
    const { connection, history } = await openStore();
    for (const stopAt of [...ROW_TABLES, ...COUNTED_TABLES, 'segments', ...ENTRY_TABLES]) {
      const archive = archiveOn(connection);
      const number = (await archive.archivedThrough()) + 1;
      const traceId = hex(1_000 + number, 32);
      const batches = batchesOf(
        createDecoder(),
        [span(1, { traceId, attributes: ATTRIBUTES })],
        LOGS,
        SERIES,
      );
      await expect(
        insertSegment(archiveOn(stoppedAt(connection, stopAt)), { number, batches }),
      ).rejects.toThrow('the test stopped it');
      expect(await archive.archivedThrough()).toBe(number - 1);
      await insertSegment(archive, { number, batches });
      expect(await archive.archivedThrough()).toBe(number);
      expect(await history.spansOf([traceId], 10, number, RUN)).toHaveLength(1);
      expect(await countRows(connection)).toMatchObject({
        ...{ spans: number, logs: 5 * number, trace_index: number, service_red_1s: number, red_1m: number },
      });
    }
  });
});

const ofTraces = (batches: readonly ServiceBatch[]): ServiceBatch[] =>
  batches.filter(({ batch }) => batch.signal === 'traces');

describe('a prepared segment', () => {
  it.each(['the embedded engine', 'a server'] as const)(
    'can be inserted again and again, into %s: by the batches it had, doubling nothing',
    async (target) => {
      const { connection, archive } = await openStore(target);
      const batches = everything();
      const first = await archive.prepare({ number: 1, batches });
      const second = await archive.prepare({ number: 2, batches });
      await connection.run('RENAME TABLE trace_index TO elsewhere');
      await expect(first.insert()).rejects.toThrow(StorageUnavailableError);
      expect(await archive.archivedThrough()).toBe(0);
      await connection.run('RENAME TABLE elsewhere TO trace_index');
      await first.insert();
      const ofOne = await countRows(connection);
      expect(ofOne).toMatchObject({ spans: 3, logs: 5, metric_points: 9, trace_index: 3 });
      await second.insert();
      expect(await countRows(connection)).toMatchObject({ spans: 6, logs: 10, metric_points: 18 });
      expect(await archive.archivedThrough()).toBe(2);
    },
  );

  it('has nothing under way when it has failed', async () => {
    const { connection } = await openStore();
    let underWay = 0;
    const failing: Connection = {
      ...stoppedAt(connection, COUNTED_TABLES[0]),
      insertFile: async (...rows) => {
        underWay += 1;
        await connection.insertFile(...rows);
        underWay -= 1;
      },
    };
    const prepared = await archiveOn(failing).prepare({ number: 1, batches: everything() });
    await expect(prepared.insert()).rejects.toThrow('the test stopped it');
    expect(underWay).toBe(0);
    expect(await countRows(connection)).toMatchObject({ spans: 3, service_red_1s: 0 });
  });

  it('leaves no file when it is inserted, nor when its rows cannot be written down; a file that is gone is said', async () => {
    const { connection } = await openStore();
    const directory = join(home, 'rows');
    const spool = new Spool(directory);
    spools.push(spool);
    const archive = new ClickHouseArchive({ connection, spool, now: Date.now });
    const prepared = await archive.prepare({ number: 1, batches: everything() });
    expect(await readdir(directory)).toHaveLength(3);
    await prepared.insert();
    expect(await readdir(directory)).toEqual([]);
    const second = await archive.prepare({ number: 2, batches: everything() });
    await rm(directory, { recursive: true });
    await expect(second.insert()).rejects.toThrow(PreparedSegmentGoneError);
    await insertSegment(archive, { number: 2, batches: everything() });
    expect(await archive.archivedThrough()).toBe(2);
    expect(await countRows(connection)).toMatchObject({ spans: 6 });
    const batches = everything();
    const broken = batches.map((each) => ({ ...each, service: undefined }) as unknown as ServiceBatch);
    await expect(archive.prepare({ number: 3, batches: [...ofTraces(batches), ...broken] })).rejects.toThrow(
      TypeError,
    );
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('dictionary entries', () => {
  it('are written once a day, however many segments use them', async () => {
    const { connection } = await openStore();
    let now = Date.now();
    const archive = archiveOn(connection, () => now);
    const decoder = createDecoder();
    const written = async (): Promise<unknown> =>
      (await connection.rows('SELECT count(), uniqExact(id), uniqExact(seen) FROM attributes'))[0];
    await connection.run('SYSTEM STOP MERGES attributes');
    await insertSegment(archive, { number: 1, batches: everything(decoder) });
    const [count] = (await written()) as string[];
    expect(await written()).toEqual([count, count, '1']);
    await insertSegment(archive, { number: 2, batches: everything(decoder) });
    expect(await written()).toEqual([count, count, '1']);
    now += DAY_MS;
    await insertSegment(archive, { number: 3, batches: everything(decoder) });
    expect(await written()).toEqual([String(Number(count) * 2), count, '2']);
  });
});

describe('opening', () => {
  it('keeps what is there, and changes retention when it is asked to', async () => {
    const database = `test_${++databases}`;
    const open = (retentionDays?: { traces: number }) =>
      openClickHouse({ target: engine, database, ...(retentionDays && { retentionDays }) });
    const connection = connectTo(database);
    const ttlOf = async (table: string): Promise<string> => {
      const [row] = await connection.rows(
        'SELECT create_table_query FROM system.tables WHERE database = {database:String} AND name = {table:String}',
        { database, table },
      );
      return /TTL ([^ ]+ \+ toIntervalDay\(\d+\))/.exec(String(row?.[0]))?.[1] ?? '';
    };
    const first = await open();
    await insertSegment(first.archive, { number: 1, batches: everything() });
    await first.close();
    expect(await ttlOf('spans')).toBe('day + toIntervalDay(7)');
    expect(await ttlOf('attributes')).toBe('seen + toIntervalDay(32)');
    const second = await open({ traces: 90 });
    expect(await second.archive.archivedThrough()).toBe(1);
    await second.close();
    expect(await ttlOf('spans')).toBe('day + toIntervalDay(90)');
    expect(await ttlOf('logs')).toBe('day + toIntervalDay(7)');
    expect(await ttlOf('attributes')).toBe('seen + toIntervalDay(92)');
    expect(await connection.rows('SELECT version, name FROM schema_versions')).toEqual([
      [1, '0001-telemetry.sql'],
      [2, '0002-ordinals.sql'],
      [3, '0003-red-rollups.sql'],
      [4, '0004-finer-granules.sql'],
      [5, '0005-metric-rollups.sql'],
      [6, '0006-red-seconds.sql'],
      [7, '0007-metric-slots.sql'],
      [8, '0008-metric-days.sql'],
      [9, '0009-rollup-views.sql'],
    ]);
  });

  it('refuses a database of a newer version', async () => {
    const { connection, database } = await openStore();
    await connection.run("INSERT INTO schema_versions (version, name) VALUES (99, 'of the future')");
    const refusal = await openClickHouse({ target: engine, database }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(SchemaTooNewError);
    expect((refusal as Error).message).toContain('schema version 99');
  });

  it('names an address that nobody answers at, and the setting, but not the password', async () => {
    const url = 'http://someone:hidden@127.0.0.1:1';
    const target = { url, username: 'someone', password: 'secret' };
    const refusal = await openClickHouse({ target, startTimeoutMs: 500 }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ClickHouseOpenError);
    const { message } = refusal as Error;
    expect(message).toContain('http://127.0.0.1:1/');
    expect(message).toContain('OPHION_CLICKHOUSE_URL');
    expect(message).not.toMatch(/secret|hidden/);
  });

  it('does not wait for a server that knows the user no better later', async () => {
    const target = {
      url: `http://127.0.0.1:${engine.tcpPort ?? 0}`,
      username: 'default',
      password: 'wrong-one',
    };
    const refusal = await openClickHouse({ target }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(ClickHouseOpenError);
    expect((refusal as Error).message).toContain('Authentication failed');
    expect((refusal as Error).message).not.toContain('wrong-one');
  });

  it('waits for a server that starts late', async () => {
    const { port, server } = await listen((_, response) => response.writeHead(200).end('Ok.\n'));
    await close(server);
    const opening = openClickHouse({
      target: { url: `http://127.0.0.1:${port}`, ...USER },
      startTimeoutMs: 10_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    let asked = 0;
    const late = await listen((_, response) => {
      asked += 1;
      response
        .writeHead(500, { 'x-clickhouse-exception-code': '497' })
        .end('Code: 497. DB::Exception: default: Not enough privileges. (ACCESS_DENIED)\n');
    }, port);
    await expect(opening).rejects.toThrow('Not enough privileges');
    expect(asked).toBe(1);
    await close(late.server);
  });

  it('refuses names that are no database names, and addresses that are none', async () => {
    await expect(openClickHouse({ target: engine, database: 'a; DROP DATABASE b' })).rejects.toThrow(
      'OPHION_CLICKHOUSE_DATABASE',
    );
    await expect(openClickHouse({ target: { url: 'localhost', ...USER } })).rejects.toThrow('not an address');
  });
});

type Answer = Parameters<typeof createServer>[1];
const servers: Server[] = [];
afterEach(() => Promise.all(servers.splice(0).map(close)));

async function listen(answer: NonNullable<Answer>, port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

describe('a store that fails', () => {
  it('is asked again to make the database when it does not answer that', async () => {
    let asked = 0;
    const { port } = await listen((request, response) => {
      let body = request.url ?? '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
      request.on('end', () => {
        if (!body.includes('CREATE')) {
          response.end(body.includes('databases') ? '' : '1\n');
          return;
        }
        asked += 1;
        request.socket.destroy();
      });
    });
    const target = { url: `http://127.0.0.1:${port}`, ...USER };
    await expect(openClickHouse({ target, startTimeoutMs: 600 })).rejects.toThrow(ClickHouseOpenError);
    expect(asked).toBeGreaterThan(1);
  });

  const connectAt = (port: number): Connection => {
    const client = { url: `http://127.0.0.1:${port}`, ...USER };
    const connection = connect({ client, database: 'default', queryTimeoutMs: 300 });
    connections.push(connection);
    return connection;
  };

  it('is unavailable when it refuses', async () => {
    const { port } = await listen((request, response) => {
      request.resume();
      response.writeHead(503).end('Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY)\n');
    });
    const archive = archiveOn(connectAt(port));
    await expect(archive.archivedThrough()).rejects.toThrow(StorageUnavailableError);
    await expect(insertSegment(archive, { number: 1, batches: everything() })).rejects.toThrow(
      'Too many simultaneous',
    );
  });

  it('is unavailable when it does not answer in time', async () => {
    const { port } = await listen((request) => request.resume());
    const connection = connectAt(port);
    await expect(connection.rows('SELECT 1')).rejects.toThrow(StorageUnavailableError);
  });

  it('is unavailable when it hangs up in the middle of an insert', async () => {
    const { port } = await listen((request, response) => {
      if (request.url?.includes('Native')) request.socket.destroy();
      else response.end('["0","0"]\n');
    });
    const archive = archiveOn(connectAt(port));
    await expect(insertSegment(archive, { number: 1, batches: everything() })).rejects.toThrow(
      StorageUnavailableError,
    );
  });
});

describe('an engine that is killed in mid-insert', () => {
  it('has every row once when the segment is given again', async () => {
    const dataDir = join(home, 'killed');
    const victim = await startEmbeddedClickHouse({ dataDir });
    try {
      const store = await openClickHouse({ target: victim });
      const decoder = createDecoder();
      const spans = Array.from({ length: 20 }, (_, i) =>
        span(i + 1, { attributes: ATTRIBUTES, name: `operation ${i}` }),
      );
      const one = batchesOf(decoder, spans, LOGS, SERIES);
      const batches = Array.from({ length: 300 }, () => one).flat();
      const insert = async (number: number): Promise<number> => {
        const startedMs = performance.now();
        await insertSegment(store.archive, { number, batches });
        return performance.now() - startedMs;
      };
      await insert(1);
      const connection = connect({
        client: { ...victim.clientOptions },
        database: 'ophion',
        queryTimeoutMs: 10_000,
      });
      const ofOne = await countRows(connection);
      // The first one takes longer than any other.
      const usualMs = await insert(2);
      const SEGMENTS = 6;
      let failures = 0;
      for (let number = 3; number <= SEGMENTS; number++) {
        const killing = setTimeout(
          () => {
            if (victim.pid !== undefined) process.kill(victim.pid, 'SIGKILL');
          },
          (usualMs * (number - 2)) / (SEGMENTS - 1),
        );
        for (;;) {
          try {
            await insert(number);
            break;
          } catch (error) {
            expect(error).toBeInstanceOf(StorageUnavailableError);
            failures += 1;
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        }
        clearTimeout(killing);
      }
      expect(failures).toBeGreaterThan(0);
      const expected = {
        spans: 20 * 300 * SEGMENTS,
        logs: 5 * 300 * SEGMENTS,
        metric_points: 9 * 300 * SEGMENTS,
      };
      const found = await countRows(connection);
      expect(found).toMatchObject({ ...expected, trace_index: 20 * SEGMENTS });
      for (const table of RED_TABLES) {
        expect(ofOne[table]).toBeGreaterThan(0);
        expect([table, found[table]]).toEqual([table, SEGMENTS * (ofOne[table] ?? 0)]);
      }
      expect(await store.archive.archivedThrough()).toBe(SEGMENTS);
      await connection.close();
      await store.close();
    } finally {
      await victim.stop();
    }
  });
});
