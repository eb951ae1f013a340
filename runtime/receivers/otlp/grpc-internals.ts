// Hot: every chunk of every OTLP/gRPC request. Bench: bench/ingest.
import type {
  Http2Server,
  SecureServerOptions,
  ServerHttp2Session,
  ServerHttp2Stream,
  ServerOptions,
} from 'node:http2';
import type { Metadata, Server, ServerCredentials, ServerInterceptor, StatusObject } from '@grpc/grpc-js';
import { TLS_OPTIONS } from '../../http/index.ts';

/**
 * What we reach in @grpc/grpc-js 1.14.7 that it does not offer: it inflates outside any common bound, calls damaged
 * bytes INTERNAL, puts each message together in new memory, asks who calls once the message is there, takes Node's
 * list of ciphers, and leaves servers HTTP/2's window of 64 KiB. Its version is pinned; after a change of it the conformance
 * suite shows whether this still fits.
 */
export interface RawCall {
  readonly stream: ServerHttp2Stream;
  readonly metadata: Metadata;
  /** Puts messages together, with their heads of 5 bytes; throws when one is too large. */
  decoder: { write: (data: Buffer) => Buffer[] };
  /** `message`: with gRPC's head of 5 bytes. `encoding`: `identity` where the head says so. May throw a status. */
  decompressMessage: (this: RawCall, message: Buffer, encoding: string) => Buffer | Promise<Buffer>;
  handleDataFrame: (this: RawCall, data: Buffer) => void;
  sendStatus: (this: RawCall, status: Partial<StatusObject>) => void;
}

/** Shows each call to `prepare` before any of its bytes is read. */
export function preparingCalls(prepare: (path: string, call: RawCall) => void): ServerInterceptor {
  const interceptor = (method: { readonly path: string }, call: Partial<RawCall>): unknown => {
    if (
      !call.stream ||
      !call.metadata ||
      !call.decoder ||
      !call.decompressMessage ||
      !call.handleDataFrame ||
      !call.sendStatus
    ) {
      throw new Error('this version of @grpc/grpc-js is built differently: see grpc-internals.ts');
    }
    prepare(method.path, call as RawCall);
    return call;
  };
  return interceptor as unknown as ServerInterceptor;
}

interface CredentialsInternals {
  _getConstructorOptions: () => SecureServerOptions;
}

/** Its own list of ciphers comes from the environment, as that was when the module was loaded. */
export function restrictCiphers(credentials: ServerCredentials): ServerCredentials {
  const internals = credentials as unknown as CredentialsInternals;
  const options = { ...internals._getConstructorOptions(), ...TLS_OPTIONS };
  internals._getConstructorOptions = () => options;
  return credentials;
}

interface ServerInternals {
  readonly commonServerOptions: ServerOptions;
  createHttp2Server: (this: Server, credentials: unknown) => Http2Server;
}

/**
 * Measured with requests of 1,000 spans (450 KB): 3.6 µs of the receiver's time a span with windows of 64 KiB and
 * frames of 16 KiB, 1.7 with these.
 */
const WINDOW_BYTES = 8 * 2 ** 20;
const FRAME_BYTES = 2 ** 20;

/** Shows each connection to `seen` as soon as it is there, and gives its streams wider windows. */
export function prepareSessions(server: Server, seen: (session: ServerHttp2Session) => void): void {
  const internals = server as unknown as ServerInternals;
  const { commonServerOptions, createHttp2Server } = internals;
  commonServerOptions.settings = {
    ...commonServerOptions.settings,
    initialWindowSize: WINDOW_BYTES,
    maxFrameSize: FRAME_BYTES,
  };
  internals.createHttp2Server = (credentials) => {
    const http2 = createHttp2Server.call(server, credentials);
    http2.on('session', (session) => {
      session.setLocalWindowSize(WINDOW_BYTES);
      seen(session);
    });
    return http2;
  };
}
