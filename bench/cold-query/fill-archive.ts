import { insertSegment } from '../../actors/ports/index.ts';
import type { Batch, ServiceBatch } from '../../proto/columns/index.ts';
import type { ClickHouseStore } from '../../runtime/storage/clickhouse/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import { loadRequestTypes } from '../../workers/reference/index.ts';

export const SERVICES = ['cart', 'checkout', 'payment', 'catalog', 'search', 'users', 'email', 'gateway'];
const OPERATIONS = 12;
const SPANS_A_TRACE = 20;
const REQUEST_SPANS = 1_000;
const SECOND = 1_000_000_000n;

export interface Filling {
  readonly spans: number;
  readonly segmentSpans: number;
  /** All spans start from here, over this long. */
  readonly fromUnixNano: bigint;
  readonly lengthNanos: bigint;
}

/**
 * Fills the archive segment by segment, as the platform does: spans of ten attributes in traces of twenty over eight
 * services, each segment with ids and times of its own. Gives the hex of a trace id of every segment.
 */
export async function fillArchive(store: ClickHouseStore, filling: Filling): Promise<string[]> {
  const segments = Math.round(filling.spans / filling.segmentSpans);
  const batches = await template(filling.segmentSpans, filling.lengthNanos / BigInt(segments));
  const traceIds: string[] = [];
  for (let number = 1; number <= segments; number += 1) {
    const shift = number === 1 ? filling.fromUnixNano : filling.lengthNanos / BigInt(segments);
    for (const { batch } of batches) move(batch as Batch<'traces'>, number, shift);
    await insertSegment(store.archive, { number, batches });
    const [first] = batches as readonly ServiceBatch<'traces'>[];
    if (first) traceIds.push(Buffer.from(first.batch.columns.traceId.slice(0, 16)).toString('hex'));
  }
  return traceIds;
}

/** Ids with the number of the segment in them, and times moved on. Published batches do not change elsewhere. */
function move({ columns, rowCount }: Batch<'traces'>, segment: number, shiftNanos: bigint): void {
  for (let row = 0; row < rowCount; row += 1) {
    columns.traceId[row * 16] = segment;
    columns.spanId[row * 8] = segment;
    if (columns.parentSpanId.length > 0 && (columns.parentSpanId[row * 8 + 1] ?? 0) !== 0) {
      columns.parentSpanId[row * 8] = segment;
    }
    columns.startTimeUnixNano[row] = (columns.startTimeUnixNano[row] ?? 0n) + shiftNanos;
  }
}

async function template(spanCount: number, lengthNanos: bigint): Promise<ServiceBatch[]> {
  const { traces } = await loadRequestTypes();
  const decoder = createDecoder();
  const batches: ServiceBatch[] = [];
  const requests = Math.ceil(spanCount / REQUEST_SPANS);
  for (let request = 0; request < requests; request += 1) {
    const service = SERVICES[request % SERVICES.length] ?? '';
    const spans = Array.from({ length: REQUEST_SPANS }, (_, i) =>
      span(request, i, (BigInt(request) * lengthNanos) / BigInt(requests)),
    );
    const resource = {
      attributes: [text('service.name', service), text('host.name', `node-${request % 7}`)],
    };
    const bytes = traces
      .encode({
        resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'bench', version: '1' }, spans }] }],
      })
      .finish();
    const decoded = decoder.decode('traces', Buffer.from(bytes));
    if ('undecodable' in decoded) throw new Error(decoded.reason);
    batches.push(...decoded.batches);
  }
  return batches;
}

/** Eight requests, one a service, share their traces. */
function span(request: number, i: number, startNanos: bigint): object {
  const trace =
    Math.floor(request / SERVICES.length) * (REQUEST_SPANS / SPANS_A_TRACE) * 4 + Math.floor(i / 5);
  const serial = request * REQUEST_SPANS + i;
  const isRoot = request % SERVICES.length === 0 && i % 5 === 0;
  // Most are quick, some slow.
  const durationNanos = BigInt(200_000 + ((serial * 7_919) % 1_000) ** 2 * (serial % 997 === 0 ? 5_000 : 50));
  const start = startNanos + BigInt(i) * 1_000_000n + SECOND;
  return {
    traceId: id(16, trace + 1),
    spanId: id(8, serial + 1),
    ...(isRoot ? {} : { parentSpanId: id(8, serial) }),
    name: `operation ${serial % OPERATIONS}`,
    kind: 1 + (serial % 5),
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + durationNanos),
    status: serial % 50 === 0 ? { code: 2, message: 'failed' } : {},
    attributes: [
      text('http.request.method', serial % 3 === 0 ? 'POST' : 'GET'),
      text('http.route', `/route/${serial % 40}`),
      text('http.response.status_code', String(200 + (serial % 4) * 100)),
      text('server.address', `10.0.0.${serial % 60}`),
      text('user.id', `user-${(serial * 31) % 20_000}`),
      text('db.system', 'postgresql'),
      text('db.statement', `SELECT * FROM t${serial % 100}`),
      text('thread.name', `worker-${serial % 32}`),
      text('feature.flag', serial % 2 === 0 ? 'on' : 'off'),
      text('request.id', `request-${serial}`),
    ],
  };
}

/** Spread over all values, as random ids are; the first byte becomes the segment's. */
function id(width: 8 | 16, number: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes[0] = 1;
  // An odd factor: no two numbers have the same.
  for (let at = 3; at + 4 <= width; at += 4) bytes.writeUInt32BE(Math.imul(number, 2_654_435_761) >>> 0, at);
  bytes[1] = 1;
  return bytes;
}

function text(key: string, value: string): object {
  return { key, value: { stringValue: value } };
}
