import type {
  LogJson,
  OperationActivityJson,
  ServiceJson,
  SpanJson,
  StatusJson,
  TraceSummaryJson,
} from '../../proto/api/index.ts';

/** Telemetry of a made-up shop for the browser tests: the same every time, apart from when it happened. */

export const SHOP = [
  'gateway',
  'cart',
  'checkout',
  'payment',
  'catalog',
  'search',
  'shipping',
  'email',
  'recommendation',
  'currency',
  'ads',
  'frontend',
] as const;

export const shopId = (name: string): string => `production~shop~${name}`;

export const serviceOf = (name: string): ServiceJson => ({
  id: shopId(name),
  namespace: 'shop',
  name,
  environment: 'production',
});

export const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

const text = (key: string, value: string) => ({ key, value: { stringValue: value } });

export const resourceOf = (name: string): SpanJson['resource'] => ({
  attributes: [
    text('service.name', name),
    text('service.namespace', 'shop'),
    text('deployment.environment.name', 'production'),
    text('host.name', `${name}-7d9f`),
    { key: 'process.pid', value: { intValue: '9007199254740993' } },
  ],
  droppedAttributesCount: 0,
  schemaUrl: '',
});

const scope = {
  name: '@shop/http',
  version: '1.4.0',
  attributes: [],
  droppedAttributesCount: 0,
  schemaUrl: '',
};

export interface SpanOptions {
  readonly index: number;
  readonly parent: number | undefined;
  readonly service: string;
  readonly name: string;
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly kind?: number;
  readonly isError?: boolean;
  readonly parentSpanId?: string;
}

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

export function makeSpan(options: SpanOptions): SpanJson {
  const { index, parent, service, name, startNs, durationNs, kind = 1, isError = false } = options;
  return {
    traceId: TRACE_ID,
    spanId: hex(index + 1, 16),
    parentSpanId: options.parentSpanId ?? (parent === undefined ? '' : hex(parent + 1, 16)),
    name,
    kind,
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + BigInt(durationNs)),
    status: isError ? { code: 2, message: 'card declined: 402 from the bank' } : { code: 0, message: '' },
    traceState: '',
    flags: 1,
    attributes: [
      text('http.request.method', 'POST'),
      text('http.route', name),
      { key: 'order.id', value: { intValue: '9223372036854775807' } },
      { key: 'cart.total', value: { doubleValue: 129.95 } },
      { key: 'tags', value: { arrayValue: { values: [{ stringValue: 'vip' }, { boolValue: true }] } } },
    ],
    droppedAttributesCount: 0,
    events: isError
      ? [
          {
            timeUnixNano: String(startNs + BigInt(Math.floor(durationNs * 0.8))),
            name: 'exception',
            attributes: [
              text('exception.type', 'PaymentDeclined'),
              text('exception.message', 'card declined'),
            ],
            droppedAttributesCount: 0,
          },
        ]
      : [],
    droppedEventsCount: 0,
    links: [],
    droppedLinksCount: 0,
    service: serviceOf(service),
    resource: resourceOf(service),
    scope,
  };
}

const MS = 1_000_000;

/** A checkout: thirteen spans, an error, an orphan, and a child whose clock runs 3 ms behind. */
export function checkoutTrace(startMs: number): SpanJson[] {
  const start = BigInt(startMs) * BigInt(MS);
  const at = (ms: number) => start + BigInt(Math.round(ms * MS));
  const span = (
    index: number,
    parent: number | undefined,
    service: string,
    name: string,
    fromMs: number,
    lengthMs: number,
    more: Partial<SpanOptions> = {},
  ) =>
    makeSpan({
      index,
      parent,
      service,
      name,
      startNs: at(fromMs),
      durationNs: Math.round(lengthMs * MS),
      ...more,
    });
  return [
    span(0, undefined, 'frontend', 'POST /checkout', 0, 412, { kind: 2, isError: true }),
    span(1, 0, 'gateway', 'POST /api/checkout', 4, 402, { kind: 2 }),
    span(2, 1, 'cart', 'GET /cart/{id}', 10, 38, { kind: 2 }),
    span(3, 2, 'cart', 'redis GET', 14, 6.2, { kind: 3 }),
    span(4, 1, 'catalog', 'GET /prices', 52, 44, { kind: 2 }),
    span(5, 4, 'catalog', 'SELECT prices', 57, 31, { kind: 3 }),
    span(6, 1, 'checkout', 'PlaceOrder', 101, 290, { kind: 2 }),
    span(7, 6, 'currency', 'Convert', 98, 9, { kind: 2 }),
    span(8, 6, 'payment', 'Charge', 118, 231, { kind: 2, isError: true }),
    span(9, 8, 'payment', 'POST bank.example/charge', 124, 219, { kind: 3, isError: true }),
    span(10, 6, 'shipping', 'Quote', 352, 24, { kind: 2 }),
    span(11, 6, 'checkout', 'publish order.placed', 379, 5, { kind: 4 }),
    span(12, undefined, 'email', 'consume order.placed', 384, 22, {
      kind: 5,
      parentSpanId: 'ffffffffffffffff',
    }),
  ];
}

/** `count` spans under one root, eight levels deep, none of them alike. */
export function largeTrace(count: number, startMs: number): SpanJson[] {
  const start = BigInt(startMs) * BigInt(MS);
  return Array.from({ length: count }, (_, index) =>
    makeSpan({
      index,
      parent: index === 0 ? undefined : Math.floor((index - 1) / 5),
      service: SHOP[index % SHOP.length] ?? 'cart',
      name: `operation ${index}`,
      startNs: start + BigInt(index * 2_000),
      durationNs: index === 0 ? count * 2_000 + 5_000_000 : 1_000_000 + (index % 97) * 40_000,
      isError: index % 1_009 === 1_008,
    }),
  );
}

export function traceSummaries(count: number, nowMs: number): TraceSummaryJson[] {
  return Array.from({ length: count }, (_, index) => {
    const durationMs = 12 + ((index * 7_919) % 640);
    return {
      traceId: index === 0 ? TRACE_ID : hex(index + 1, 32),
      rootName: ['POST /checkout', 'GET /product/{id}', 'GET /', 'POST /cart'][index % 4] ?? '',
      rootService: serviceOf('frontend'),
      startTimeUnixNano: `${nowMs - index * 731}000000`,
      durationNano: String(durationMs * MS),
      spanCount: 9 + ((index * 13) % 60),
      errorCount: index % 6 === 0 ? 1 + (index % 3) : 0,
      services: ['frontend', 'gateway', 'cart', 'checkout', 'payment', 'catalog']
        .slice(0, 2 + (index % 5))
        .map((name, at) => ({ service: serviceOf(name), spanCount: 3 + at })),
      more: index === 3,
    };
  });
}

const BODIES = [
  'order placed',
  'cache miss for key cart:8812, reading from the store',
  'request to bank.example took 812 ms, retrying (attempt 2 of 3)',
  'card declined: 402 from the bank',
  'health check ok',
] as const;
const SEVERITIES = [9, 5, 13, 17, 9] as const;

export function logRecords(count: number, nowMs: number): LogJson[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = (index * 7) % 5;
    const service = SHOP[(index * 5) % SHOP.length] ?? 'cart';
    return {
      timeUnixNano: `${nowMs - index * 800}${String((index * 7_177) % 1_000_000).padStart(6, '0')}`,
      observedTimeUnixNano: `${nowMs - index * 800}000000`,
      severityNumber: SEVERITIES[kind] ?? 9,
      severityText: '',
      body:
        index % 9 === 4
          ? {
              kvlistValue: {
                values: [text('msg', 'structured'), { key: 'attempt', value: { intValue: '3' } }],
              },
            }
          : { stringValue: BODIES[kind] ?? '' },
      eventName: '',
      traceId: index % 2 === 0 ? TRACE_ID : '',
      spanId: index % 2 === 0 ? hex(1, 16) : '',
      flags: 0,
      attributes: [
        text('logger.name', 'shop.orders'),
        { key: 'user.id', value: { intValue: '9007199254740993' } },
      ],
      droppedAttributesCount: 0,
      service: serviceOf(service),
      resource: resourceOf(service),
      scope,
    };
  });
}

export const operationsOf = (service: string): OperationActivityJson[] =>
  ['GET /cart/{id}', 'POST /cart', 'DELETE /cart/{id}', 'redis GET'].map((name, at) => ({
    name: service === 'cart' ? name : `${service} ${at}`,
    kind: at === 3 ? 3 : 2,
    requests: 12_400 >> at,
    errors: at === 1 ? 210 : at,
    p50Ms: 8 + at,
    p95Ms: 42 + at * 7,
    p99Ms: 118 + at * 11,
  }));

export const STATUS: StatusJson = {
  version: '0.1.0',
  startedAtUnixMs: 0,
  otlp: { grpcPort: 14_317, httpPort: 14_318, tls: false, anonymous: 'loopback' },
  clickhouse: 'embedded',
  postgres: 'embedded',
  accepted: { traces: 0, metrics: 0, logs: 0 },
  rejected: { traces: 0, metrics: 0, logs: 0 },
  segment: 0,
  archivedThrough: 0,
  waitingItems: 0,
  windowBytes: 0,
};
