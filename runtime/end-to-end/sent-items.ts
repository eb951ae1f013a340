import type {
  AnyValueJson,
  AttributeJson,
  LogJson,
  MetricSeriesJson,
  OriginJson,
  SpanJson,
} from '../../proto/api/index.ts';
import { serviceIdOf } from '../../proto/columns/index.ts';
import { loadRequestTypes, toPlain } from '../../workers/reference/index.ts';
import type { RecordedRequest } from './otlp-recorder.ts';

/**
 * What was sent, in the API's shapes, read by others than the code under test: protobuf by protobufjs, JSON by
 * `JSON.parse`.
 */
export interface SentItems {
  readonly spans: readonly SpanJson[];
  readonly logs: readonly LogJson[];
  /** One point a series: points are compared one by one. */
  readonly points: readonly MetricSeriesJson[];
}

type Plain = Readonly<Record<string, unknown>>;

const TYPES = await loadRequestTypes();

export function sentItems(requests: readonly RecordedRequest[]): SentItems {
  const spans: SpanJson[] = [];
  const logs: LogJson[] = [];
  const points: MetricSeriesJson[] = [];
  for (const request of requests) {
    for (const [origin, scoped] of scopesOf(request)) {
      switch (request.signal) {
        case 'traces':
          spans.push(...list(scoped, 'spans').map((span) => spanOf(origin, span)));
          break;
        case 'logs':
          logs.push(...list(scoped, 'logRecords').map((log) => logOf(origin, log)));
          break;
        case 'metrics':
          points.push(...list(scoped, 'metrics').flatMap((metric) => pointsOf(origin, metric)));
          break;
      }
    }
  }
  return { spans, logs, points };
}

function plainRequest({ signal, encoding, body }: RecordedRequest): Plain {
  if (encoding === 'json') return JSON.parse(body.toString()) as Plain;
  return toPlain(TYPES[signal], TYPES[signal].decode(body));
}

function* scopesOf(request: RecordedRequest): Generator<[OriginJson, Plain]> {
  const suffix = { traces: 'Spans', metrics: 'Metrics', logs: 'Logs' }[request.signal];
  for (const resourced of list(plainRequest(request), `resource${suffix}`)) {
    const resource = member(resourced, 'resource');
    const attributes = attributesOf(resource, 'attributes');
    const value = (key: string): string => {
      const found = attributes.find((attribute) => attribute.key === key)?.value;
      return found && 'stringValue' in found ? found.stringValue : '';
    };
    const service = {
      namespace: value('service.namespace'),
      name: value('service.name'),
      environment: value('deployment.environment.name'),
    };
    for (const scoped of list(resourced, `scope${suffix}`)) {
      const scope = member(scoped, 'scope');
      const origin: OriginJson = {
        service: { id: serviceIdOf(service), ...service },
        resource: {
          attributes,
          droppedAttributesCount: number(resource, 'droppedAttributesCount'),
          schemaUrl: text(resourced, 'schemaUrl'),
        },
        scope: {
          name: text(scope, 'name'),
          version: text(scope, 'version'),
          attributes: attributesOf(scope, 'attributes'),
          droppedAttributesCount: number(scope, 'droppedAttributesCount'),
          schemaUrl: text(scoped, 'schemaUrl'),
        },
      };
      yield [origin, scoped];
    }
  }
}

function spanOf(origin: OriginJson, span: Plain): SpanJson {
  const status = member(span, 'status');
  return {
    ...origin,
    traceId: id(span, 'traceId'),
    spanId: id(span, 'spanId'),
    parentSpanId: id(span, 'parentSpanId'),
    name: text(span, 'name'),
    kind: number(span, 'kind'),
    startTimeUnixNano: long(span, 'startTimeUnixNano'),
    endTimeUnixNano: long(span, 'endTimeUnixNano'),
    status: { code: number(status, 'code'), message: text(status, 'message') },
    traceState: text(span, 'traceState'),
    flags: number(span, 'flags'),
    attributes: attributesOf(span, 'attributes'),
    droppedAttributesCount: number(span, 'droppedAttributesCount'),
    events: list(span, 'events').map((event) => ({
      timeUnixNano: long(event, 'timeUnixNano'),
      name: text(event, 'name'),
      attributes: attributesOf(event, 'attributes'),
      droppedAttributesCount: number(event, 'droppedAttributesCount'),
    })),
    droppedEventsCount: number(span, 'droppedEventsCount'),
    links: list(span, 'links').map((link) => ({
      traceId: id(link, 'traceId'),
      spanId: id(link, 'spanId'),
      traceState: text(link, 'traceState'),
      attributes: attributesOf(link, 'attributes'),
      droppedAttributesCount: number(link, 'droppedAttributesCount'),
      flags: number(link, 'flags'),
    })),
    droppedLinksCount: number(span, 'droppedLinksCount'),
  };
}

function logOf(origin: OriginJson, log: Plain): LogJson {
  return {
    ...origin,
    timeUnixNano: long(log, 'timeUnixNano'),
    observedTimeUnixNano: long(log, 'observedTimeUnixNano'),
    severityNumber: number(log, 'severityNumber'),
    severityText: text(log, 'severityText'),
    body: valueOf(log['body'] as Plain | undefined),
    eventName: text(log, 'eventName'),
    traceId: id(log, 'traceId'),
    spanId: id(log, 'spanId'),
    flags: number(log, 'flags'),
    attributes: attributesOf(log, 'attributes'),
    droppedAttributesCount: number(log, 'droppedAttributesCount'),
  };
}

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

function pointsOf(origin: OriginJson, metric: Plain): MetricSeriesJson[] {
  const kind = KINDS.find((name) => metric[name] !== undefined);
  if (kind === undefined) throw new Error(`${text(metric, 'name')} has no data`);
  const data = member(metric, kind);
  const description = {
    name: text(metric, 'name'),
    description: text(metric, 'description'),
    unit: text(metric, 'unit'),
    kind,
    temporality: number(data, 'aggregationTemporality'),
    monotonic: data['isMonotonic'] === true,
    metadata: attributesOf(metric, 'metadata'),
  };
  return list(data, 'dataPoints').map((point) => ({
    ...origin,
    metric: description,
    attributes: attributesOf(point, 'attributes'),
    points: [
      {
        startTimeUnixNano: long(point, 'startTimeUnixNano'),
        timeUnixNano: long(point, 'timeUnixNano'),
        flags: number(point, 'flags'),
        exemplars: [],
        ...(kind === 'gauge' || kind === 'sum' ? { value: numberValue(point) } : distribution(kind, point)),
      },
    ],
  })) as unknown as MetricSeriesJson[];
}

function numberValue(point: Plain): object | null {
  if (point['asInt'] !== undefined) return { asInt: long(point, 'asInt') };
  return point['asDouble'] === undefined ? null : { asDouble: point['asDouble'] };
}

function distribution(kind: 'histogram' | 'exponentialHistogram' | 'summary', point: Plain): object {
  const optional = (key: string): unknown => point[key] ?? null;
  const longs = (holder: Plain, key: string): string[] => ((holder[key] ?? []) as unknown[]).map(String);
  const shared = {
    count: long(point, 'count'),
    sum: optional('sum'),
    min: optional('min'),
    max: optional('max'),
  };
  if (kind === 'histogram') {
    return {
      ...shared,
      bucketCounts: longs(point, 'bucketCounts'),
      explicitBounds: point['explicitBounds'] ?? [],
    };
  }
  if (kind === 'summary') throw new Error('the SDK sends no summaries');
  const buckets = (key: string): object => {
    const holder = member(point, key);
    return { offset: number(holder, 'offset'), bucketCounts: longs(holder, 'bucketCounts') };
  };
  return {
    ...shared,
    scale: number(point, 'scale'),
    zeroCount: long(point, 'zeroCount'),
    zeroThreshold: number(point, 'zeroThreshold'),
    positive: buckets('positive'),
    negative: buckets('negative'),
  };
}

function attributesOf(holder: Plain, key: string): AttributeJson[] {
  return list(holder, key).map((attribute) => ({
    key: text(attribute, 'key'),
    value: valueOf(attribute['value'] as Plain | undefined),
  }));
}

function valueOf(value: Plain | undefined): AnyValueJson {
  if (value === undefined) return {};
  if (value['stringValue'] !== undefined) return { stringValue: text(value, 'stringValue') };
  if (value['boolValue'] !== undefined) return { boolValue: value['boolValue'] === true };
  if (value['intValue'] !== undefined) return { intValue: long(value, 'intValue') };
  if (value['doubleValue'] !== undefined) return { doubleValue: number(value, 'doubleValue') };
  if (value['bytesValue'] !== undefined) {
    const bytes = value['bytesValue'];
    return {
      bytesValue: typeof bytes === 'string' ? bytes : Buffer.from(bytes as Uint8Array).toString('base64'),
    };
  }
  if (value['arrayValue'] !== undefined) {
    return { arrayValue: { values: list(member(value, 'arrayValue'), 'values').map(valueOf) } };
  }
  if (value['kvlistValue'] !== undefined) {
    return { kvlistValue: { values: attributesOf(member(value, 'kvlistValue'), 'values') } };
  }
  return {};
}

function member(holder: Plain, key: string): Plain {
  return (holder[key] ?? {}) as Plain;
}

function list(holder: Plain, key: string): readonly Plain[] {
  return (holder[key] ?? []) as readonly Plain[];
}

function text(holder: Plain, key: string): string {
  return (holder[key] ?? '') as string;
}

function number(holder: Plain, key: string): number {
  return (holder[key] ?? 0) as number;
}

/** 64-bit numbers: bigint from protobuf, string or number from JSON. */
function long(holder: Plain, key: string): string {
  const value = (holder[key] ?? 0) as bigint | string | number;
  return typeof value === 'string' ? value : value.toString();
}

/** Bytes from protobuf, hex from JSON. */
function id(holder: Plain, key: string): string {
  const value = holder[key];
  if (value === undefined) return '';
  return typeof value === 'string' ? value.toLowerCase() : Buffer.from(value as Uint8Array).toString('hex');
}
