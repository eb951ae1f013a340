import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Signal } from '../../proto/columns/index.ts';
import {
  loadOtlpCodec,
  loadReferenceZstd,
  lz4Frame,
  snappyBlock,
  snappyFramed,
} from '../../runtime/receivers/otlp/fixtures/index.ts';
import type { Lane } from './lanes.ts';

export const codec = await loadOtlpCodec();
const zstd = await loadReferenceZstd();

export const REJECTED_FIELD = {
  traces: 'rejectedSpans',
  metrics: 'rejectedDataPoints',
  logs: 'rejectedLogRecords',
} as const satisfies Record<Signal, string>;

export interface Compression {
  /** As `content-encoding` or `grpc-encoding`. */
  readonly name: string;
  readonly compress: (bytes: Uint8Array) => Buffer | Promise<Buffer>;
}

export const COMPRESSIONS: readonly Compression[] = [
  { name: 'gzip', compress: (bytes) => gzipSync(bytes) },
  { name: 'deflate', compress: (bytes) => deflateSync(bytes) },
  { name: 'deflate', compress: (bytes) => deflateRawSync(bytes) },
  { name: 'zstd', compress: (bytes) => zstd.compress(bytes) },
  { name: 'snappy', compress: (bytes) => snappyBlock(bytes) },
  { name: 'snappy', compress: async (bytes) => snappyFramed(bytes) },
  { name: 'lz4', compress: (bytes) => lz4Frame(bytes) },
];

/** A request, given as OTLP/JSON, in the lane's encoding. */
export function encode(lane: Lane, signal: Signal, json: object): Buffer {
  return lane.encoding === 'json' ? Buffer.from(JSON.stringify(json)) : codec.encodeRequest(signal, json);
}

export const NANOS = '1700000000000000000';
export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
export const SPAN_ID = 'b7ad6b7169203331';

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };

export function spanJson(changes: object = {}): object {
  return {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    name: 'GET /',
    startTimeUnixNano: NANOS,
    endTimeUnixNano: '1700000000001000000',
    ...changes,
  };
}

export function logJson(changes: object = {}): object {
  return { timeUnixNano: NANOS, body: { stringValue: 'hello' }, ...changes };
}

export function pointJson(changes: object = {}): object {
  return { timeUnixNano: NANOS, asInt: '1', ...changes };
}

export function spansRequest(...spans: readonly object[]): object {
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}

export function logsRequest(...logRecords: readonly object[]): object {
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
}

/** `data`: the metric without its name, such as `{ gauge: { dataPoints } }`. */
export function metricsRequest(data: object): object {
  return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: 'size', ...data }] }] }] };
}

export function gaugeRequest(...dataPoints: readonly object[]): object {
  return metricsRequest({ gauge: { dataPoints } });
}

/** `valid` items, and `invalid` ones of which each has a wrong trace id, or counts that do not fit its buckets. */
export function requestOf(signal: Signal, valid: number, invalid = 0): object {
  const items = (good: object, bad: object): object[] => [
    ...Array.from({ length: valid }, () => good),
    ...Array.from({ length: invalid }, () => bad),
  ];
  switch (signal) {
    case 'traces':
      return spansRequest(...items(spanJson(), spanJson({ traceId: '0af765' })));
    case 'logs':
      return logsRequest(...items(logJson(), logJson({ traceId: '0af765' })));
    case 'metrics': {
      const point = {
        timeUnixNano: NANOS,
        count: '3',
        explicitBounds: [1, 2],
        bucketCounts: ['1', '1', '1'],
      };
      const dataPoints = items(point, { ...point, explicitBounds: [1, 2, 3, 4] });
      return metricsRequest({ histogram: { aggregationTemporality: 2, dataPoints } });
    }
  }
}
