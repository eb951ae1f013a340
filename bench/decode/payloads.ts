import { randomBytes } from 'node:crypto';
import type { Signal } from '../../proto/columns/index.ts';
import { loadRequestTypes } from '../../workers/reference/index.ts';

/** Makes export requests of `items` items with ten attributes each, of new ids, times and values each time. */
export type PayloadSource = (signal: Signal, items: number) => Uint8Array;

export interface PayloadOptions {
  /** How many values the two attributes of high cardinality have; 0: a new one for each item. Default 100,000. */
  readonly manyValues?: number;
  /** Without events, links and exemplars. */
  readonly plain?: boolean;
}

export async function createPayloadSource(options: PayloadOptions = {}): Promise<PayloadSource> {
  const { manyValues = 100_000, plain = false } = options;
  const types = await loadRequestTypes();
  const build = {
    traces: (items: number) => requestOf('Spans', { spans: listOf(items, () => span(manyValues, plain)) }),
    logs: (items: number) => requestOf('Logs', { logRecords: listOf(items, () => logRecord(manyValues)) }),
    metrics: (items: number) => requestOf('Metrics', { metrics: metrics(items, manyValues, plain) }),
  } satisfies Record<Signal, (items: number) => object>;
  return (signal, items) => types[signal].encode(types[signal].fromObject(build[signal](items))).finish();
}

const RESOURCE = {
  attributes: [
    text('service.name', 'checkout'),
    text('service.namespace', 'shop'),
    text('service.version', '4.12.1'),
    text('deployment.environment.name', 'production'),
    text('telemetry.sdk.language', 'nodejs'),
    text('host.name', 'node-7.eu-central-1.internal'),
    text('k8s.pod.name', 'checkout-6d4cf56db6-bk9xk'),
  ],
};

function requestOf(signal: string, items: object): object {
  const scope = { name: '@opentelemetry/instrumentation-http', version: '0.57.0' };
  return { [`resource${signal}`]: [{ resource: RESOURCE, [`scope${signal}`]: [{ scope, ...items }] }] };
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const ROUTES = listOf(
  20,
  (index) => `/api/v1/${['cart', 'orders', 'users', 'search'][index % 4] ?? ''}/{id}/${index}`,
);
const HOSTS = listOf(8, (index) => `checkout-${index}.shop.internal`);
const AGENTS = listOf(
  12,
  (index) => `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/12${index}.0.0.0 Safari/537.36`,
);
const STATUS_CODES = [200, 200, 200, 201, 204, 302, 404, 500];

function attributes(manyValues: number): object[] {
  return [
    text('http.request.method', oneOf(METHODS)),
    text('url.scheme', 'https'),
    text('http.route', oneOf(ROUTES)),
    int('http.response.status_code', oneOf(STATUS_CODES)),
    text('server.address', oneOf(HOSTS)),
    int('server.port', 443),
    text('network.protocol.version', '1.1'),
    text('user_agent.original', oneOf(AGENTS)),
    text('enduser.id', `user-${many(manyValues)}`),
    text('session.id', many(manyValues).padStart(12, '0')),
  ];
}

function many(values: number): string {
  return values === 0 ? randomBytes(8).toString('hex') : String(below(values));
}

function span(manyValues: number, plain: boolean): object {
  const startNs = nowNs();
  return {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    ...(below(20) === 0 ? {} : { parentSpanId: randomBytes(8) }),
    name: `${oneOf(METHODS)} ${oneOf(ROUTES)}`,
    kind: 1 + below(5),
    startTimeUnixNano: String(startNs),
    endTimeUnixNano: String(startNs + BigInt(below(250_000_000))),
    attributes: attributes(manyValues),
    status: below(50) === 0 ? { code: 2, message: 'upstream timed out' } : { code: 0 },
    flags: 257,
    ...(plain || below(20) > 0 ? {} : { events: [event(startNs)] }),
  };
}

function event(timeNs: bigint): object {
  return {
    timeUnixNano: String(timeNs),
    name: 'exception',
    attributes: [text('exception.type', 'TimeoutError'), text('exception.message', 'upstream timed out')],
  };
}

function logRecord(manyValues: number): object {
  return {
    timeUnixNano: String(nowNs()),
    observedTimeUnixNano: String(nowNs()),
    severityNumber: oneOf([5, 9, 9, 9, 13, 17]),
    severityText: oneOf(['DEBUG', 'INFO', 'INFO', 'WARN', 'ERROR']),
    body: { stringValue: `order ${below(1_000_000)} of ${below(90)} items was paid in ${below(900)} ms` },
    attributes: attributes(manyValues),
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    flags: 1,
  };
}

const POINTS_A_METRIC = 20;
const BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1_000, 2_500, 5_000, 7_500, 10_000];

/** Of three metrics one is a histogram, one a sum and one a gauge. */
function metrics(items: number, manyValues: number, plain: boolean): object[] {
  return listOf(Math.ceil(items / POINTS_A_METRIC), (index) => {
    const count = Math.min(POINTS_A_METRIC, items - index * POINTS_A_METRIC);
    const metric = {
      name: `http.server.metric.${index}`,
      description: 'Measured at the server.',
      unit: 'ms',
    };
    const points = listOf(count, () => ({
      startTimeUnixNano: '1700000000000000000',
      timeUnixNano: String(nowNs()),
      attributes: attributes(manyValues),
    }));
    if (index % 3 === 0) return { ...metric, histogram: histogram(points, plain) };
    const dataPoints = points.map((point) => ({
      ...point,
      ...(index % 2 ? { asInt: below(1e6) } : { asDouble: Math.random() }),
    }));
    if (index % 3 === 1) {
      return { ...metric, sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } };
    }
    return { ...metric, gauge: { dataPoints } };
  });
}

function histogram(points: readonly object[], plain: boolean): object {
  const dataPoints = points.map((point) => {
    const bucketCounts = listOf(BOUNDS.length + 1, () => below(100));
    return {
      ...point,
      count: bucketCounts.reduce((sum, count) => sum + count, 0),
      sum: below(1_000_000) / 7,
      bucketCounts,
      explicitBounds: BOUNDS,
      ...(plain || below(10) > 0 ? {} : { exemplars: [exemplar()] }),
    };
  });
  return { dataPoints, aggregationTemporality: 2 };
}

function exemplar(): object {
  return {
    timeUnixNano: String(nowNs()),
    asDouble: Math.random(),
    traceId: randomBytes(16),
    spanId: randomBytes(8),
  };
}

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

function int(key: string, intValue: number): object {
  return { key, value: { intValue } };
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n + BigInt(below(1_000_000));
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function oneOf<Value>(values: readonly Value[]): Value {
  return values[below(values.length)] as Value;
}

function listOf<Value>(length: number, make: (index: number) => Value): Value[] {
  return Array.from({ length }, (_, index) => make(index));
}
