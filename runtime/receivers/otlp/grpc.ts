// Hot: every OTLP/gRPC request. Bench: bench/ingest.
import { isIPv6 } from 'node:net';
import {
  logVerbosity,
  Metadata,
  Server,
  ServerCredentials,
  setLogVerbosity,
  status,
  type handleUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Signal } from '../../../proto/columns/index.ts';
import { PortUnavailableError } from '../../http/index.ts';
import type { Ingest } from '../../ingest/index.ts';
import { exportResponse, rpcStatus, UNEXPECTED } from './reply.ts';

export interface OtlpGrpcOptions {
  readonly host: string;
  readonly port: number;
  readonly maxRequestBytes: number;
  readonly ingest: Pick<Ingest, 'accept'>;
  readonly onError: (error: unknown) => void;
}

export interface OtlpGrpcServer {
  readonly port: number;
  /** Takes no more calls, lets those under way finish. */
  close(): Promise<void>;
}

const SERVICE_OF_SIGNAL: readonly (readonly [Signal, string])[] = [
  ['traces', 'opentelemetry.proto.collector.trace.v1.TraceService'],
  ['metrics', 'opentelemetry.proto.collector.metrics.v1.MetricsService'],
  ['logs', 'opentelemetry.proto.collector.logs.v1.LogsService'],
];

const CLOSE_GRACE_MS = 5_000;

export async function listenOtlpGrpc(options: OtlpGrpcOptions): Promise<OtlpGrpcServer> {
  // What it would write to standard error comes as an error as well, and is told there.
  setLogVerbosity(logVerbosity.NONE);
  const server = new Server({
    'grpc.max_receive_message_length': options.maxRequestBytes,
    'grpc.max_send_message_length': 4 * 2 ** 20,
    // Stock SDKs ping every 10 s at most; answering them with GOAWAY would cut exports short.
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.http2.min_ping_interval_without_data_ms': 5_000,
  });
  for (const [signal, service] of SERVICE_OF_SIGNAL) {
    server.addService(definitionOf(service), implementationOf(signal, options));
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(
      `${isIPv6(options.host) ? `[${options.host}]` : options.host}:${options.port}`,
      ServerCredentials.createInsecure(),
      (error, bound) => {
        if (error === null) resolve(bound);
        else {
          reject(new PortUnavailableError(options.host, options.port, error));
        }
      },
    );
  });
  return {
    port,
    close() {
      return new Promise((resolve) => {
        const force = setTimeout(() => {
          server.forceShutdown();
        }, CLOSE_GRACE_MS);
        server.tryShutdown(() => {
          clearTimeout(force);
          resolve();
        });
      });
    },
  };
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
      requestDeserialize: asBuffer,
      responseSerialize: asBuffer,
      responseDeserialize: asBuffer,
    },
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function implementationOf(
  signal: Signal,
  { ingest, onError }: OtlpGrpcOptions,
): UntypedServiceImplementation {
  const handle: handleUnaryCall<Buffer, Uint8Array> = (call, callback) => {
    ingest.accept(signal, call.request, 'protobuf').then(
      (outcome) => {
        switch (outcome.type) {
          case 'accepted':
            callback(null, exportResponse(signal, 'protobuf', outcome.rejected, outcome.message));
            break;
          case 'undecodable':
            callback({
              code: status.INVALID_ARGUMENT,
              details: outcome.reason,
              metadata: statusMetadata(status.INVALID_ARGUMENT, outcome.reason),
            });
            break;
          case 'refused':
            callback({
              code: status.UNAVAILABLE,
              details: outcome.reason,
              metadata: statusMetadata(status.UNAVAILABLE, outcome.reason, outcome.retryAfterMs),
            });
            break;
        }
      },
      (error: unknown) => {
        onError(error);
        callback({ code: status.INTERNAL, details: UNEXPECTED });
      },
    );
  };
  return { Export: handle };
}

function statusMetadata(code: number, reason: string, retryAfterMs?: number): Metadata {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', asBuffer(rpcStatus('protobuf', code, reason, retryAfterMs)));
  return metadata;
}
