// Hot: every OTLP/gRPC request. Bench: bench/ingest.
import type { ServerHttp2Session } from 'node:http2';
import { isIPv6 } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { RPC_NEEDS } from '../../../proto/access/index.ts';
import type { Signal } from '../../../proto/columns/index.ts';
import { PortUnavailableError, REQUEST_TIMEOUT_MS, type TlsFiles } from '../../http/index.ts';
import type { IngestOutcome } from '../../ingest/index.ts';
import { boundCall, refuseUnread } from './grpc-bounds.ts';
import { GrpcHealth } from './grpc-health.ts';
import { prepareSessions, preparingCalls, restrictCiphers, type RawCall } from './grpc-internals.ts';
import { asBuffer, giveBack } from './grpc-messages.ts';
import { GrpcFailure } from './grpc-status.ts';
import { NO_ACCESS, senderOf, TOO_MANY, type OtlpReceiver } from './receiver.ts';
import { exportResponse, MAX_RESPONSE_BYTES, UNEXPECTED } from './reply.ts';

export interface OtlpGrpcOptions {
  readonly host: string;
  readonly port: number;
  /** After this time clients are asked to connect anew, so that load balancers can spread them; 0: never. */
  readonly maxConnectionAgeMs: number;
  readonly receiver: OtlpReceiver;
  readonly tls?: TlsFiles;
  /** How long a request may take to arrive as a whole, and a connection to begin. Default 60 s. */
  readonly requestTimeoutMs?: number;
}

export interface OtlpGrpcServer {
  readonly port: number;
  /** Health answers NOT_SERVING from now on; calls are still taken. */
  drain(): void;
  /** Takes no more calls, lets those under way finish. */
  close(): Promise<void>;
}

const SERVICE_OF_SIGNAL: readonly (readonly [Signal, string])[] = [
  ['traces', 'opentelemetry.proto.collector.trace.v1.TraceService'],
  ['metrics', 'opentelemetry.proto.collector.metrics.v1.MetricsService'],
  ['logs', 'opentelemetry.proto.collector.logs.v1.LogsService'],
];

const SIGNAL_OF_PATH: ReadonlyMap<string, Signal> = new Map(
  SERVICE_OF_SIGNAL.map(([signal, service]) => [`/${service}/Export`, signal]),
);

/** How long a close waits for calls under way, and for answers to be written. */
const CLOSE_MS = { calls: 5_000, answers: 250 } as const;
/** As long as Node lets a client take for the head of a request. */
const BEGIN_TIMEOUT_MS = 10_000;

/** An RPC without a row that says what it needs does not start. */
export class DescribedServer extends Server {
  override addService(service: ServiceDefinition, implementation: UntypedServiceImplementation): void {
    for (const { path } of Object.values(service)) {
      if (!Object.hasOwn(RPC_NEEDS, path.slice(1))) throw new Error(`no row says what the RPC ${path} needs`);
    }
    super.addService(service, implementation);
  }
}

export async function listenOtlpGrpc(options: OtlpGrpcOptions): Promise<OtlpGrpcServer> {
  const { receiver, maxConnectionAgeMs, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  // What it would write to standard error comes as an error as well, and is told there.
  setLogVerbosity(logVerbosity.NONE);
  const exports = new CallsUnderWay();
  const server = new DescribedServer({
    'grpc.max_receive_message_length': receiver.maxRequestBytes,
    'grpc.max_send_message_length': MAX_RESPONSE_BYTES,
    'grpc.max_concurrent_streams': 1_000,
    // Pings of clients are always answered; these find clients that went away without a word.
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 20_000,
    ...(maxConnectionAgeMs > 0
      ? { 'grpc.max_connection_age_ms': maxConnectionAgeMs, 'grpc.max_connection_age_grace_ms': 30_000 }
      : {}),
    interceptors: [
      preparingCalls((path, call) => {
        const signal = SIGNAL_OF_PATH.get(path);
        if (signal) exports.add(call);
        const refusal = signal && accessFailure(signal, call, receiver);
        if (refusal) refuseUnread(call, refusal);
        else boundCall(receiver, call, requestTimeoutMs);
      }),
    ],
  });
  prepareSessions(server, (session) => {
    endUnlessBegun(session, Math.min(BEGIN_TIMEOUT_MS, requestTimeoutMs));
  });
  for (const [signal, service] of SERVICE_OF_SIGNAL) {
    server.addService(definitionOf(service), implementationOf(signal, receiver));
  }
  const health = new GrpcHealth(SERVICE_OF_SIGNAL.map(([, service]) => service));
  health.addTo(server);
  const port = await bind(server, options);
  return {
    port,
    drain() {
      health.drain();
    },
    async close() {
      health.drain();
      const closed = new Promise<void>((resolve) => {
        server.tryShutdown(() => {
          resolve();
        });
      });
      await exports.settled(CLOSE_MS.calls);
      // The last answers are on their way to the sockets, which end by themselves once they have them.
      await Promise.race([closed, sleep(CLOSE_MS.answers, undefined, { ref: false })]);
      // Whoever only watches the health would hold the server open.
      server.forceShutdown();
      await closed;
    },
  };
}

function bind(server: Server, { host, port, tls }: OtlpGrpcOptions): Promise<number> {
  const address = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentialsOf(tls), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(new PortUnavailableError(host, port, error));
    });
  });
}

function credentialsOf(tls: TlsFiles | undefined): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  return restrictCiphers(
    ServerCredentials.createSsl(null, [
      { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) },
    ]),
  );
}

/** Who only connects, and says nothing that is HTTP/2, is not waited for. */
function endUnlessBegun(session: ServerHttp2Session, timeoutMs: number): void {
  const timer = setTimeout(() => {
    session.destroy();
  }, timeoutMs);
  const done = (): void => {
    clearTimeout(timer);
  };
  session.once('remoteSettings', done);
  session.once('close', done);
}

/** Closing waits until the streams of these are closed, and so their answers sent. */
class CallsUnderWay {
  private count = 0;
  private readonly waiting: (() => void)[] = [];

  add(call: RawCall): void {
    this.count += 1;
    call.stream.once('close', () => {
      this.count -= 1;
      if (this.count === 0) for (const resolve of this.waiting.splice(0)) resolve();
    });
  }

  async settled(mostMs: number): Promise<void> {
    if (this.count === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** Requests and answers stay bytes: the decoder walks them as they came. */
function definitionOf(service: string): ServiceDefinition {
  return {
    Export: {
      path: `/${service}/Export`,
      originalName: 'export',
      requestStream: false,
      responseStream: false,
      requestSerialize: asBuffer,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: asBuffer,
      responseDeserialize: asBuffer,
    },
  };
}

function implementationOf(signal: Signal, receiver: OtlpReceiver): UntypedServiceImplementation {
  const { ingest, onError } = receiver;
  const handle: handleUnaryCall<Buffer, Uint8Array> = (call, callback) => {
    ingest.accept(signal, call.request, 'protobuf').then(
      (outcome) => {
        giveBack(call.request);
        if (outcome.type === 'accepted') {
          callback(null, exportResponse(signal, 'protobuf', outcome.rejected, outcome.message));
        } else {
          callback(outcomeFailure(outcome));
        }
      },
      (error: unknown) => {
        giveBack(call.request);
        onError(error);
        callback(new GrpcFailure(status.INTERNAL, UNEXPECTED));
      },
    );
  };
  return { Export: handle };
}

function outcomeFailure(outcome: Exclude<IngestOutcome, { readonly type: 'accepted' }>): GrpcFailure {
  return outcome.type === 'undecodable'
    ? new GrpcFailure(status.INVALID_ARGUMENT, outcome.reason)
    : new GrpcFailure(status.UNAVAILABLE, outcome.reason, outcome.retryAfterMs);
}

/** Without a port, which grpc-js appends to it, to IPv6 without brackets. */
function addressOf({ stream: { session } }: RawCall): string {
  return session === undefined || session.destroyed ? '' : (session.socket.remoteAddress ?? '');
}

function accessFailure(signal: Signal, call: RawCall, receiver: OtlpReceiver): GrpcFailure | undefined {
  if (!receiver.authorize) return undefined;
  const header = (name: string): string | undefined => call.metadata.get(name)[0]?.toString();
  const access = receiver.authorize(senderOf(header, addressOf(call)), signal);
  if (access === 'granted') return undefined;
  if (typeof access === 'object') {
    receiver.countRefusal('rate-limited');
    return new GrpcFailure(status.RESOURCE_EXHAUSTED, TOO_MANY, access.retryAfterMs);
  }
  receiver.countRefusal('no-access');
  const code = access === 'unknown' ? status.UNAUTHENTICATED : status.PERMISSION_DENIED;
  return new GrpcFailure(code, NO_ACCESS[access]);
}
