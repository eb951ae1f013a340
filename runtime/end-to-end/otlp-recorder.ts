import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  credentials,
  makeClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { SIGNALS, type Signal } from '../../proto/columns/index.ts';
import { EXPORT_MESSAGES } from '../../proto/otlp/index.ts';

export interface RecordedRequest {
  readonly signal: Signal;
  readonly encoding: 'protobuf' | 'json';
  readonly body: Buffer;
}

/** Stands between an SDK and the platform: passes everything on as it is, and keeps a copy of what was accepted. */
export interface OtlpRecorder {
  readonly grpcPort: number;
  readonly httpPort: number;
  readonly requests: RecordedRequest[];
  close(): Promise<void>;
}

export async function startOtlpRecorder(platform: {
  readonly otlpGrpc: number;
  readonly otlpHttp: number;
}): Promise<OtlpRecorder> {
  const requests: RecordedRequest[] = [];
  const http = await recordHttp(platform.otlpHttp, requests);
  const grpc = await recordGrpc(platform.otlpGrpc, requests);
  return {
    grpcPort: grpc.port,
    httpPort: (http.address() as AddressInfo).port,
    requests,
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      grpc.server.forceShutdown();
    },
  };
}

const unzip = promisify(gunzip);

async function recordHttp(port: number, requests: RecordedRequest[]): Promise<HttpServer> {
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const sent = Buffer.concat(chunks);
      const encoding = incoming.headers['content-type']?.includes('json') === true ? 'json' : 'protobuf';
      const coding = incoming.headers['content-encoding'];
      void fetch(`http://127.0.0.1:${port}${incoming.url ?? ''}`, {
        method: 'POST',
        headers: {
          'content-type': incoming.headers['content-type'] ?? '',
          ...(coding === undefined ? {} : { 'content-encoding': coding }),
        },
        body: sent,
      }).then(async (response) => {
        if (response.ok) {
          const signal = (incoming.url ?? '').split('/').at(-1) as Signal;
          requests.push({ signal, encoding, body: coding === 'gzip' ? await unzip(sent) : sent });
        }
        outgoing.writeHead(response.status, { 'content-type': response.headers.get('content-type') ?? '' });
        outgoing.end(Buffer.from(await response.arrayBuffer()));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function recordGrpc(
  port: number,
  requests: RecordedRequest[],
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 });
  for (const signal of SIGNALS) {
    const definition = rawService(EXPORT_MESSAGES[signal].service);
    const Client = makeClientConstructor(definition, 'raw');
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    const forward = client['Export'] as (
      request: Buffer,
      callback: (error: Error | null, response?: Buffer) => void,
    ) => void;
    server.addService(definition, {
      Export: (call: { request: Buffer }, callback: (error: Error | null, response?: Buffer) => void) => {
        forward.call(client, call.request, (error, response) => {
          if (!error) requests.push({ signal, encoding: 'protobuf', body: call.request });
          callback(error, response);
        });
      },
    });
  }
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, value) => {
      if (error) reject(error);
      else resolve(value);
    });
  });
  return { server, port: bound };
}

function rawService(service: string): ServiceDefinition {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    Export: {
      path: `/${service}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    },
  };
}
