// Hot: every OTLP/HTTP request. Bench: bench/ingest.
import { gzipSync } from 'node:zlib';
import type { Signal } from '../../../proto/columns/index.ts';
import {
  cutUtf8,
  isStream,
  type HttpRequest,
  type HttpRequestHead,
  type HttpResponse,
  type HttpServer,
  type ListenHttp,
  type TlsFiles,
} from '../../http/index.ts';
import type { IngestOutcome, RequestEncoding } from '../../ingest/index.ts';
import { isOfUnknownPage, preflight, withCors, type CorsOptions } from './cors.ts';
import {
  compressionOf,
  EXPECTED_ENCODINGS,
  inflate,
  READ_ENCODINGS,
  type InflateBounds,
  type Inflated,
} from './inflate/index.ts';
import { NO_ACCESS, NO_ROOM, senderOf, TOO_MANY, tooLargeReason, type OtlpReceiver } from './receiver.ts';
import { exportResponse, MAX_STATUS_MESSAGE_BYTES, RpcCode, rpcStatus, UNEXPECTED } from './reply.ts';

export interface OtlpHttpOptions {
  readonly host: string;
  readonly port: number;
  readonly cors: CorsOptions;
  readonly receiver: OtlpReceiver;
  readonly tls?: TlsFiles;
}

const SIGNAL_OF_PATH: ReadonlyMap<string, Signal> = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/metrics', 'metrics'],
  ['/v1/logs', 'logs'],
]);

const CONTENT_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

export function listenOtlpHttp(
  listen: ListenHttp,
  { host, port, cors, receiver, tls }: OtlpHttpOptions,
): Promise<HttpServer> {
  const finish = (request: HttpRequestHead, response: HttpResponse): HttpResponse =>
    withCors(request, gzipped(request, response), cors);
  return listen({
    host,
    port,
    maxBodyBytes: receiver.maxRequestBytes,
    ...(tls && { tls }),
    onError: receiver.onError,
    bodies: {
      budget: receiver.budget,
      noRoom: (request, wantedBytes) => {
        // What is announced is not above the bound of a request: that would have been too large.
        const announcedBytes = Number(request.header('content-length') ?? 0);
        const bytes = Math.max(announcedBytes, wantedBytes);
        return finish(request, noRoom(receiver, encodingOf(request) ?? 'json', bytes));
      },
    },
    tooLarge: (request) => finish(request, tooLarge(receiver, encodingOf(request) ?? 'json')),
    admit: (request) => {
      const refusal =
        request.method === 'OPTIONS' && SIGNAL_OF_PATH.has(request.path)
          ? preflight(cors)
          : (refusalOf(request, receiver) ?? accessRefusal(request, receiver, cors));
      return refusal && finish(request, refusal);
    },
    handle: async (request) => finish(request, await receive(receiver, request)),
  });
}

async function receive(receiver: OtlpReceiver, request: HttpRequest): Promise<HttpResponse> {
  // `admit` has let only known paths, types and encodings through.
  const signal = SIGNAL_OF_PATH.get(request.path) ?? 'traces';
  const encoding = encodingOf(request) ?? 'protobuf';
  try {
    // Without a wait where there is none: a turn of the event loop's queue is a delay for each request.
    let wantedBytes = request.body.length;
    const inflating = inflated(request, {
      maxBytes: receiver.maxRequestBytes,
      reserve(bytes) {
        wantedBytes += bytes;
        return request.reserve(bytes);
      },
    });
    const body = inflating instanceof Promise ? await inflating : inflating;
    if (body.type === 'no-room') return noRoom(receiver, encoding, wantedBytes);
    if (body.type !== 'inflated') return unreadable(body, receiver, request, encoding);
    return responseOf(await receiver.ingest.accept(signal, body.bytes, encoding), signal, encoding);
  } catch (error) {
    receiver.onError(error);
    return failure(encoding, 500, RpcCode.internal, UNEXPECTED);
  }
}

function inflated(request: HttpRequest, bounds: InflateBounds): Inflated | Promise<Inflated> {
  const compression = compressionOf(request.header('content-encoding') ?? '') ?? 'identity';
  if (compression === 'identity') return { type: 'inflated', bytes: request.body };
  return inflate(request.body, compression, bounds);
}

function unreadable(
  body: Exclude<Inflated, { readonly type: 'inflated' | 'no-room' }>,
  receiver: OtlpReceiver,
  request: HttpRequest,
  encoding: RequestEncoding,
): HttpResponse {
  if (body.type === 'too-large') return tooLarge(receiver, encoding);
  receiver.countRefusal('malformed-compression');
  const coding = request.header('content-encoding') ?? '';
  const message = `the body is not ${coding}: ${body.reason}`;
  return failure(encoding, 400, RpcCode.invalidArgument, message);
}

function responseOf(outcome: IngestOutcome, signal: Signal, encoding: RequestEncoding): HttpResponse {
  switch (outcome.type) {
    case 'accepted':
      return {
        status: 200,
        headers: { 'content-type': CONTENT_TYPE[encoding] },
        body: exportResponse(signal, encoding, outcome.rejected, outcome.message),
      };
    case 'undecodable':
      return failure(encoding, 400, RpcCode.invalidArgument, outcome.reason);
    case 'refused':
      return unavailable(encoding, outcome.reason, outcome.retryAfterMs);
  }
}

function tooLarge(receiver: OtlpReceiver, encoding: RequestEncoding): HttpResponse {
  receiver.countRefusal('too-large');
  const message = tooLargeReason(receiver.maxRequestBytes);
  return failure(encoding, 413, RpcCode.resourceExhausted, message);
}

function noRoom(receiver: OtlpReceiver, encoding: RequestEncoding, bytes: number): HttpResponse {
  receiver.countRefusal('no-room');
  return unavailable(encoding, NO_ROOM, receiver.roomDelay.delayMs(bytes));
}

function unavailable(encoding: RequestEncoding, reason: string, retryAfterMs: number): HttpResponse {
  const retryAfter = String(Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  return failure(encoding, 503, RpcCode.unavailable, reason, { 'retry-after': retryAfter }, retryAfterMs);
}

/** Answers to requests that no body could make right. */
function refusalOf(request: HttpRequestHead, receiver: OtlpReceiver): HttpResponse | undefined {
  const refusal = refusalOfHead(request);
  if (refusal) receiver.countRefusal('unsupported');
  return refusal;
}

function refusalOfHead(request: HttpRequestHead): HttpResponse | undefined {
  const encoding = encodingOf(request);
  if (!SIGNAL_OF_PATH.has(request.path)) {
    const message = `no such path: OTLP is received at ${[...SIGNAL_OF_PATH.keys()].join(', ')}`;
    return failure(encoding ?? 'json', 404, RpcCode.notFound, message);
  }
  if (request.method !== 'POST') {
    return failure(encoding ?? 'json', 405, RpcCode.unimplemented, 'OTLP is sent with POST', {
      allow: 'POST, OPTIONS',
    });
  }
  if (encoding === undefined) {
    const type = request.header('content-type') ?? 'not given';
    const message = `the content type is ${type}: expected application/x-protobuf or application/json`;
    return failure('json', 415, RpcCode.invalidArgument, message);
  }
  const coding = request.header('content-encoding') ?? '';
  if (compressionOf(coding) === undefined) {
    const message = `the content encoding is ${coding}: ${EXPECTED_ENCODINGS}`;
    return failure(encoding, 415, RpcCode.invalidArgument, message, {
      'accept-encoding': READ_ENCODINGS.join(', '),
    });
  }
  return undefined;
}

function accessRefusal(
  request: HttpRequestHead,
  receiver: OtlpReceiver,
  cors: CorsOptions,
): HttpResponse | undefined {
  if (!receiver.authorize) return undefined;
  const sender = senderOf((name) => request.header(name), request.remoteAddress);
  const signal = SIGNAL_OF_PATH.get(request.path) ?? 'traces';
  const isForeign = sender.key === undefined && isOfUnknownPage(request, cors);
  if (isForeign) receiver.noteForeignPage?.(sender, signal);
  const access = isForeign ? 'unknown' : receiver.authorize(sender, signal);
  if (access === 'granted') return undefined;
  const encoding = encodingOf(request) ?? 'json';
  if (typeof access === 'object') {
    receiver.countRefusal('rate-limited');
    const { retryAfterMs, headers } = access;
    return failure(encoding, 429, RpcCode.resourceExhausted, TOO_MANY, headers, retryAfterMs);
  }
  receiver.countRefusal('no-access');
  return access === 'unknown'
    ? failure(encoding, 401, RpcCode.unauthenticated, NO_ACCESS.unknown, { 'www-authenticate': 'Bearer' })
    : failure(encoding, 403, RpcCode.permissionDenied, NO_ACCESS.forbidden);
}

function encodingOf(request: HttpRequestHead): RequestEncoding | undefined {
  const type = (request.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

/** Answers of success are a few bytes; below this gzip makes a body larger. */
const LEAST_GZIPPED_BYTES = 256;
const ACCEPTS_GZIP = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i;

function gzipped(request: HttpRequestHead, response: HttpResponse): HttpResponse {
  const { body } = response;
  if (body === undefined || isStream(body) || body.length < LEAST_GZIPPED_BYTES) return response;
  if (!ACCEPTS_GZIP.test(request.header('accept-encoding') ?? '')) return response;
  return {
    ...response,
    headers: { ...response.headers, 'content-encoding': 'gzip' },
    // oxlint-disable-next-line node/no-sync -- a status of some hundred bytes
    body: gzipSync(body),
  };
}

function failure(
  encoding: RequestEncoding,
  status: number,
  code: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
  retryAfterMs?: number,
): HttpResponse {
  const message = cutUtf8(reason, MAX_STATUS_MESSAGE_BYTES);
  return {
    status,
    headers: { 'content-type': CONTENT_TYPE[encoding], ...headers },
    body: rpcStatus(encoding, code, message, retryAfterMs),
  };
}
