import { Agent, request as httpRequest } from 'node:http';
import { credentials, makeClientConstructor, Metadata, status, type Client } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Signal } from '../../proto/columns/index.ts';
import { EXPORT_MESSAGES } from '../../proto/otlp/index.ts';
import type { Encoding } from './numbered-requests.ts';

export type Answer =
  | { readonly type: 'acknowledged' }
  /** Nothing was kept: try again after that time. */
  | { readonly type: 'refused'; readonly retryAfterMs: number }
  /** No reply: it may have been kept. */
  | { readonly type: 'unanswered' }
  /** What a good request must never be told. */
  | { readonly type: 'wrong'; readonly reason: string };

export interface OtlpClient {
  send(signal: Signal, body: Buffer): Promise<Answer>;
  close(): void;
}

const PATIENCE_MS = 30_000;
const NO_HINT_MS = 1_000;

export interface HttpClientOptions {
  readonly port: number;
  readonly encoding: Encoding;
  /** The share of requests whose connection is cut before the reply can come. */
  readonly lostReplies?: number;
}

/** One connection, one request at a time. */
export function connectHttp({ port, encoding, lostReplies = 0 }: HttpClientOptions): OtlpClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const type = encoding === 'json' ? 'application/json' : 'application/x-protobuf';
  return {
    send: (signal, body) =>
      new Promise((resolve) => {
        const request = httpRequest(
          {
            host: '127.0.0.1',
            port,
            path: `/v1/${signal}`,
            method: 'POST',
            agent,
            timeout: PATIENCE_MS,
            headers: { 'content-type': type, 'content-length': body.length },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('close', () => {
              if (!response.complete) resolve({ type: 'unanswered' });
            });
            response.on('end', () => {
              resolve(answerOf(response.statusCode ?? 0, response.headers['retry-after'], chunks));
            });
          },
        );
        request.on('timeout', () => request.destroy());
        request.on('error', () => {
          resolve({ type: 'unanswered' });
        });
        request.end(body);
        if (Math.random() < lostReplies) setTimeout(() => request.destroy(), Math.random() * 4);
      }),
    close() {
      agent.destroy();
    },
  };
}

function answerOf(code: number, retryAfter: string | undefined, chunks: readonly Buffer[]): Answer {
  const body = Buffer.concat(chunks).toString();
  if (code === 200 && (body === '' || body === '{}')) return { type: 'acknowledged' };
  if (code === 503 || code === 429) {
    const seconds = Number(retryAfter);
    return { type: 'refused', retryAfterMs: seconds > 0 ? seconds * 1_000 : NO_HINT_MS };
  }
  return { type: 'wrong', reason: `${code}: ${body}` };
}

const RETRYABLE: ReadonlySet<number> = new Set([status.UNAVAILABLE, status.RESOURCE_EXHAUSTED]);

/** One channel. */
export function connectGrpc(port: number): OtlpClient {
  const Constructor = makeClientConstructor({}, 'raw');
  const client: Client = new Constructor(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 50,
    'grpc.max_reconnect_backoff_ms': 200,
  });
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    send: (signal, body) =>
      new Promise((resolve) => {
        const path = `/${EXPORT_MESSAGES[signal].service}/Export`;
        const options = { deadline: Date.now() + PATIENCE_MS };
        client.makeUnaryRequest(path, same, same, body, new Metadata(), options, (error, response) => {
          if (!error) {
            const isFull = response?.length === 0;
            resolve(isFull ? { type: 'acknowledged' } : { type: 'wrong', reason: 'a partial success' });
            return;
          }
          const [details] = error.metadata.get('grpc-status-details-bin');
          // Without details it is the channel that speaks, not the server.
          if (RETRYABLE.has(error.code) && details !== undefined) {
            resolve({ type: 'refused', retryAfterMs: retryDelayMs(Buffer.from(details)) });
          } else if (error.code === status.INVALID_ARGUMENT || error.code === status.INTERNAL) {
            const isOurs = details !== undefined || !/RST_STREAM|GOAWAY|connection/i.test(error.details);
            resolve(isOurs ? { type: 'wrong', reason: error.message } : { type: 'unanswered' });
          } else resolve({ type: 'unanswered' });
        });
      }),
    close() {
      client.close();
    },
  };
}

/** google.rpc.Status.details = 3 { value = 2: RetryInfo.retry_delay = 1 { seconds = 1, nanos = 2 } }. */
function retryDelayMs(statusBytes: Uint8Array): number {
  const field = (bytes: Uint8Array, wanted: number): { bytes?: Uint8Array; number?: number } => {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      const isWanted = tag >>> 3 === wanted;
      if (isWanted && (tag & 7) === 2) return { bytes: reader.bytes() };
      if (isWanted && (tag & 7) === 0) return { number: Number(reader.int64()) };
      reader.skipType(tag & 7);
    }
    return {};
  };
  const empty = new Uint8Array(0);
  const any = field(statusBytes, 3).bytes ?? empty;
  const delay = field(field(any, 2).bytes ?? empty, 1).bytes ?? empty;
  const ms = (field(delay, 1).number ?? 0) * 1_000 + (field(delay, 2).number ?? 0) / 1e6;
  return ms > 0 ? ms : NO_HINT_MS;
}
