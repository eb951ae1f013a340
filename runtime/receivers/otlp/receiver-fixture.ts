import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import type { Signal } from '../../../proto/columns/index.ts';
import { EXPORT_MESSAGES, PROTO_FILES } from '../../../proto/otlp/index.ts';
import { createDecoder } from '../../../workers/decode/index.ts';
import { createIngest, type Ingest, type RefusalReason } from '../../ingest/index.ts';
import type { Journal } from '../../journal/index.ts';

/** The real way of a request up to the windows, over a journal in memory. */
export interface MemoryIngest extends Ingest {
  /** Items delivered so far. */
  readonly delivered: () => number;
  /** From now on: refuse for this reason, or take everything again. */
  setGate(reason: RefusalReason | undefined): void;
  /** From now on: fail as only a bug does. */
  break(): void;
}

export function createMemoryIngest(): MemoryIngest {
  let gate: RefusalReason | undefined;
  let isBroken = false;
  let delivered = 0;
  const journal: Pick<Journal, 'append'> = {
    append(_record, deliver) {
      if (isBroken) return Promise.reject(new Error('secret detail of a bug'));
      deliver(1);
      return Promise.resolve({ segment: 1 });
    },
  };
  const ingest = createIngest({
    decoder: createDecoder(),
    journal: journal as Journal,
    deliver(_segment, batches) {
      for (const { batch } of batches) delivered += batch.rowCount;
    },
    gate: () => gate,
    now: Date.now,
  });
  return {
    ...ingest,
    delivered: () => delivered,
    setGate(reason) {
      gate = reason;
    },
    break() {
      isBroken = true;
    },
  };
}

const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'cart' } }] };

/**
 * A request of each signal as OTLP/JSON, of `valid` items and `invalid` ones: spans and log records whose trace id is
 * too short, data points whose buckets and counts do not fit each other.
 */
export function requestJson(signal: Signal, valid: number, invalid = 0): object {
  const items = <Item>(item: (isValid: boolean) => Item): Item[] => [
    ...Array.from({ length: valid }, () => item(true)),
    ...Array.from({ length: invalid }, () => item(false)),
  ];
  switch (signal) {
    case 'traces': {
      const spans = items((isValid) => ({
        traceId: isValid ? '0af7651916cd43dd8448eb211c80319c' : '0af765',
        spanId: 'b7ad6b7169203331',
        name: 'GET /',
        startTimeUnixNano: '1700000000000000000',
        endTimeUnixNano: '1700000000001000000',
      }));
      return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
    }
    case 'logs': {
      const logRecords = items((isValid) => ({
        timeUnixNano: '1700000000000000000',
        traceId: isValid ? '' : '0af765',
        body: { stringValue: 'hello' },
      }));
      return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
    }
    case 'metrics': {
      const dataPoints = items((isValid) => ({
        timeUnixNano: '1700000000000000000',
        count: '3',
        explicitBounds: isValid ? [1, 2] : [1, 2, 3, 4],
        bucketCounts: ['1', '1', '1'],
      }));
      const metric = { name: 'size', histogram: { aggregationTemporality: 2, dataPoints } };
      return { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] };
    }
  }
}

/** The reference codec over our .proto files, for what a client sends and gets. */
export interface OtlpCodec {
  encodeRequest(signal: Signal, json: object): Buffer;
  /** 64-bit numbers as strings; only what was sent. */
  decodeResponse(signal: Signal, bytes: Uint8Array): Record<string, unknown>;
  /** `google.rpc.Status` with its details opened: `retryDelayMs` of a RetryInfo, `violations` of a BadRequest. */
  decodeStatus(bytes: Uint8Array): DecodedStatus;
}

export interface DecodedStatus {
  readonly code: number;
  readonly message: string;
  readonly retryDelayMs?: number;
  readonly violations?: readonly string[];
}

export async function loadOtlpCodec(): Promise<OtlpCodec> {
  const root = await new protobuf.Root().load(Object.values(PROTO_FILES).map((url) => fileURLToPath(url)));
  root.resolveAll();
  const statusType = root.lookupType('google.rpc.Status');
  const plain = (type: protobuf.Type, bytes: Uint8Array): Record<string, unknown> =>
    type.toObject(type.decode(bytes), { longs: String });
  return {
    encodeRequest(signal, json) {
      const type = root.lookupType(EXPORT_MESSAGES[signal].request);
      return Buffer.from(type.encode(type.fromObject(withBinaryIds(json) as object)).finish());
    },
    decodeResponse: (signal, bytes) => plain(root.lookupType(EXPORT_MESSAGES[signal].response), bytes),
    decodeStatus(bytes) {
      const status = plain(statusType, bytes) as {
        code: number;
        message: string;
        details?: { type_url: string; value: Uint8Array }[];
      };
      let opened: Omit<DecodedStatus, 'code' | 'message'> = {};
      for (const { type_url, value } of status.details ?? []) {
        const name = type_url.replace('type.googleapis.com/', '');
        opened = { ...opened, ...openDetail(name, plain(root.lookupType(name), value)) };
      }
      return { code: status.code, message: status.message, ...opened };
    },
  };
}

function openDetail(name: string, detail: Record<string, unknown>): Omit<DecodedStatus, 'code' | 'message'> {
  if (name === 'google.rpc.RetryInfo') {
    const { seconds = '0', nanos = 0 } = detail['retryDelay'] as { seconds?: string; nanos?: number };
    return { retryDelayMs: Number(seconds) * 1_000 + nanos / 1e6 };
  }
  const violations = detail['fieldViolations'] as { description: string }[];
  return { violations: violations.map(({ description }) => description) };
}

/** JSON has ids in hexadecimal, protobufjs takes bytes. */
function withBinaryIds(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBinaryIds);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown]) => [
      key,
      /^(?:traceId|spanId|parentSpanId)$/.test(key) && typeof inner === 'string'
        ? Buffer.from(inner, 'hex')
        : withBinaryIds(inner),
    ]),
  );
}
