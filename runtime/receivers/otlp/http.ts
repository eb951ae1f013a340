// Hot: every OTLP/HTTP request. Bench: bench/ingest.
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import type { Signal } from '../../../proto/columns/index.ts';
import type { HttpRequest, HttpRequestHead, HttpResponse, HttpServer, ListenHttp } from '../../http/index.ts';
import type { Ingest, IngestOutcome, RequestEncoding } from '../../ingest/index.ts';
import { exportResponse, RpcCode, rpcStatus, UNEXPECTED } from './reply.ts';

export interface OtlpHttpOptions {
  readonly host: string;
  readonly port: number;
  /** Bytes of a body, as sent and after decompression. */
  readonly maxRequestBytes: number;
  /** Origins whose pages may send; `*` for any. */
  readonly corsOrigins: readonly string[];
  readonly ingest: Pick<Ingest, 'accept'>;
  readonly onError: (error: unknown) => void;
}

const SIGNAL_OF_PATH: ReadonlyMap<string, Signal> = new Map([
  ['/v1/traces', 'traces'],
  ['/v1/metrics', 'metrics'],
  ['/v1/logs', 'logs'],
]);

const CONTENT_TYPE = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

type Decompress = (body: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

const decompressors: ReadonlyMap<string, Decompress> = new Map([
  ['gzip', promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(gunzip)],
  ['deflate', promisify<Uint8Array, { maxOutputLength: number }, Uint8Array>(inflate)],
]);

export function listenOtlpHttp(listen: ListenHttp, options: OtlpHttpOptions): Promise<HttpServer> {
  const tooLarge = (request: HttpRequestHead): HttpResponse =>
    failure(
      encodingOf(request) ?? 'json',
      413,
      RpcCode.resourceExhausted,
      `the request is larger than ${options.maxRequestBytes} bytes: send smaller batches, or raise OPHION_OTLP_MAX_REQUEST_BYTES`,
    );
  const withCors = (request: HttpRequestHead, response: HttpResponse): HttpResponse => {
    if (options.corsOrigins.length === 0) return response;
    const origin = request.header('origin');
    const permission =
      origin !== undefined && isAllowed(origin, options.corsOrigins)
        ? { 'access-control-allow-origin': origin }
        : {};
    return { ...response, headers: { ...response.headers, ...permission, vary: 'Origin' } };
  };
  return listen({
    host: options.host,
    port: options.port,
    maxBodyBytes: options.maxRequestBytes,
    onError: options.onError,
    tooLarge: (request) => withCors(request, tooLarge(request)),
    admit: (request) => {
      const refusal = refusalOf(request);
      return refusal && withCors(request, refusal);
    },
    handle: async (request) => withCors(request, await receive(options, request, tooLarge)),
  });
}

async function receive(
  { ingest, maxRequestBytes, onError }: OtlpHttpOptions,
  request: HttpRequest,
  tooLarge: (request: HttpRequestHead) => HttpResponse,
): Promise<HttpResponse> {
  // `admit` has let only known paths and types through.
  const signal = SIGNAL_OF_PATH.get(request.path) ?? 'traces';
  const encoding = encodingOf(request) ?? 'protobuf';
  const body = await decompressed(request, maxRequestBytes);
  if (body === 'too-large') return tooLarge(request);
  if (typeof body === 'string') return failure(encoding, 400, RpcCode.invalidArgument, body);
  try {
    return responseOf(await ingest.accept(signal, body, encoding), signal, encoding);
  } catch (error) {
    onError(error);
    return failure(encoding, 500, RpcCode.internal, UNEXPECTED);
  }
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
      return failure(encoding, 503, RpcCode.unavailable, outcome.reason, {
        'retry-after': String(Math.max(1, Math.ceil(outcome.retryAfterMs / 1000))),
      });
  }
}

/** Answers to requests that no body could make right, and to CORS preflights. */
function refusalOf(request: HttpRequestHead): HttpResponse | undefined {
  const encoding = encodingOf(request);
  if (!SIGNAL_OF_PATH.has(request.path)) {
    const message = `no such path: OTLP is received at ${[...SIGNAL_OF_PATH.keys()].join(', ')}`;
    return failure(encoding ?? 'json', 404, RpcCode.notFound, message);
  }
  if (request.method === 'OPTIONS') return preflight();
  if (request.method !== 'POST') {
    return failure(encoding ?? 'json', 405, RpcCode.unimplemented, 'OTLP is sent with POST', {
      allow: 'POST, OPTIONS',
    });
  }
  if (encoding === undefined) {
    const message = `the content type is ${request.header('content-type') ?? 'not given'}: expected application/x-protobuf or application/json`;
    return failure('json', 415, RpcCode.invalidArgument, message);
  }
  const coding = codingOf(request);
  if (coding !== 'identity' && !decompressors.has(coding)) {
    const message = `the content encoding is ${coding}: expected gzip, deflate or identity`;
    return failure(encoding, 415, RpcCode.invalidArgument, message);
  }
  return undefined;
}

function preflight(): HttpResponse {
  return {
    status: 204,
    headers: {
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'content-type, content-encoding, authorization, x-ophion-key',
      'access-control-max-age': '7200',
    },
  };
}

function isAllowed(origin: string, allowed: readonly string[]): boolean {
  return allowed.includes('*') || allowed.includes(origin);
}

function encodingOf(request: HttpRequestHead): RequestEncoding | undefined {
  const type = (request.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  return type === 'application/json' ? 'json' : undefined;
}

function codingOf(request: HttpRequestHead): string {
  const coding = (request.header('content-encoding') ?? '').trim().toLowerCase();
  return coding === '' ? 'identity' : coding;
}

/** The body, or `'too-large'`, or the reason why it cannot be read. Never holds more than the limit. */
async function decompressed(
  request: HttpRequest,
  maxRequestBytes: number,
): Promise<Uint8Array | 'too-large' | (string & {})> {
  const coding = codingOf(request);
  const decompress = decompressors.get(coding);
  if (!decompress) return request.body;
  try {
    return await decompress(request.body, { maxOutputLength: maxRequestBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return 'too-large';
    return `the body is not ${coding}: ${(error as Error).message}`;
  }
}

function failure(
  encoding: RequestEncoding,
  status: number,
  code: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    headers: { 'content-type': CONTENT_TYPE[encoding], ...headers },
    body: rpcStatus(encoding, code, message),
  };
}
