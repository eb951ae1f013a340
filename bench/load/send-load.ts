// A process of its own: what it costs must not count as the receiver's. Loopback only; ends by itself.
// Message in: LoadOrder. Message out: LoadReport.
import { Agent, request as httpRequest } from 'node:http';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { EXPORT_MESSAGES } from '../../proto/otlp/index.ts';
import { createSpanPayload } from './span-payload.ts';

export interface LoadOrder {
  readonly protocol: 'grpc' | 'http';
  readonly port: number;
  readonly durationMs: number;
  /** Requests under way at a time. */
  readonly concurrency: number;
  readonly spansPerRequest: number;
  /** Spans a second; as many as go when left out. */
  readonly spansPerSecond?: number;
}

export interface LoadReport {
  readonly acceptedSpans: number;
  readonly refusedRequests: number;
  readonly elapsedMs: number;
}

const SERVICES = 4;

async function run(order: LoadOrder): Promise<LoadReport> {
  const payloads = await Promise.all(
    Array.from({ length: SERVICES }, (_, i) => createSpanPayload(`bench-${i}`, order.spansPerRequest)),
  );
  const send = order.protocol === 'grpc' ? grpcSender(order.port) : httpSender(order.port, order.concurrency);
  const startedMs = performance.now();
  const deadline = startedMs + order.durationMs;
  let sent = 0;
  let acceptedSpans = 0;
  let refusedRequests = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const waitMs =
        order.spansPerSecond === undefined ? 0 : startedMs + dueMs(sent, order) - performance.now();
      const payload = payloads[sent % payloads.length];
      if (!payload) throw new Error('no payload');
      sent += 1;
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (await send(payload.next())) acceptedSpans += payload.spanCount;
      else refusedRequests += 1;
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, worker));
  return { acceptedSpans, refusedRequests, elapsedMs: performance.now() - startedMs };
}

function dueMs(sent: number, order: LoadOrder): number {
  return ((sent * order.spansPerRequest) / (order.spansPerSecond ?? 1)) * 1_000;
}

function httpSender(port: number, concurrency: number): (body: Buffer) => Promise<boolean> {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  return (body) =>
    new Promise((resolve) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port,
          path: '/v1/traces',
          method: 'POST',
          agent,
          headers: { 'content-type': 'application/x-protobuf', 'content-length': body.length },
        },
        (response) => {
          response.resume();
          response.on('end', () => {
            resolve(response.statusCode === 200);
          });
        },
      );
      request.on('error', () => {
        resolve(false);
      });
      request.end(body);
    });
}

/**
 * A unary call is a POST over HTTP/2 with five bytes before the message. Straight on node:http2, since a whole gRPC client
 * takes as much of the shared machine as the receiver's engine does: 2.1 µs a span.
 */
function grpcSender(port: number): (body: Buffer) => Promise<boolean> {
  const session = connect(`http://127.0.0.1:${port}`);
  const headers = {
    ':method': 'POST',
    ':path': `/${EXPORT_MESSAGES.traces.service}/Export`,
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  return (body) =>
    new Promise((resolve) => {
      const stream = session.request(headers);
      let status: unknown;
      const note = (received: IncomingHttpHeaders): void => {
        status ??= received['grpc-status'];
      };
      // An answer without a body has its trailers in its head.
      stream.on('response', note);
      stream.on('trailers', note);
      stream.on('close', () => {
        resolve(status === '0');
      });
      stream.on('error', () => {
        resolve(false);
      });
      stream.resume();
      const head = Buffer.alloc(5);
      head.writeUInt32BE(body.length, 1);
      stream.write(head);
      stream.end(body);
    });
}

process.once('message', (order) => {
  void run(order as LoadOrder).then((report) => {
    process.send?.(report);
    process.disconnect();
    process.exit();
  });
});
