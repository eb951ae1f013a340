// The baseline: an OTLP receiver as one writes it on an afternoon. grpc-js decodes with protobufjs, spans become
// objects, objects become JSONEachRow, and those go into the stock table of the OpenTelemetry exporter.
// Message in: { dataDir }. Message out: { port } once it listens.
import { createClient } from '@clickhouse/client';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Type } from 'protobufjs';
import { EXPORT_MESSAGES } from '../../proto/otlp/index.ts';
import { startEmbeddedClickHouse } from '../../runtime/storage/clickhouse/index.ts';
import { loadRequestTypes } from '../../workers/reference/index.ts';
import { STOCK_TABLE } from './stock-table.ts';

interface Attribute {
  readonly key: string;
  readonly value?: Readonly<Record<string, string | number | boolean>>;
}
interface PlainSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly traceState: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status?: { readonly code: number; readonly message: string };
}
interface PlainRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version: string } | null;
      readonly spans: readonly PlainSpan[];
    }[];
  }[];
}

const FLUSH_ROWS = 10_000;

async function serve(dataDir: string): Promise<{ grpcPort: number; httpPort: number }> {
  const engine = await startEmbeddedClickHouse({ dataDir });
  const client = createClient({ ...engine.clientOptions });
  await client.command({ query: STOCK_TABLE });
  const { traces } = await loadRequestTypes();
  let rows: object[] = [];
  let flushing = Promise.resolve();
  const accept = async (body: Buffer): Promise<void> => {
    rows.push(...rowsOf(decode(traces, body)));
    if (rows.length < FLUSH_ROWS) return;
    const values = rows;
    rows = [];
    flushing = flushing
      .then(() => client.insert({ table: 'otel_traces', format: 'JSONEachRow', values }))
      .then(() => undefined);
    // Without waiting, the rows that wait would fill the memory.
    await flushing;
  };
  process.once('disconnect', () => {
    void engine.stop().then(() => process.exit());
  });
  return { grpcPort: await listenGrpc(accept), httpPort: await listenHttp(accept) };
}

async function listenGrpc(accept: (body: Buffer) => Promise<void>): Promise<number> {
  const server = new Server({ 'grpc.max_receive_message_length': 64 * 2 ** 20 });
  const same = (bytes: Buffer): Buffer => bytes;
  server.addService(
    {
      Export: {
        path: `/${EXPORT_MESSAGES.traces.service}/Export`,
        requestStream: false,
        responseStream: false,
        requestSerialize: same,
        requestDeserialize: same,
        responseSerialize: same,
        responseDeserialize: same,
      },
    },
    {
      Export: (call: { request: Buffer }, callback: (error: Error | null, value?: Buffer) => void) => {
        accept(call.request).then(
          () => {
            callback(null, Buffer.alloc(0));
          },
          (error: unknown) => {
            callback(error as Error);
          },
        );
      },
    },
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error);
      else resolve(port);
    });
  });
}

async function listenHttp(accept: (body: Buffer) => Promise<void>): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      accept(Buffer.concat(chunks)).then(
        () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
        () => response.writeHead(500).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function decode(type: Type, body: Buffer): PlainRequest {
  return type.toObject(type.decode(body), { longs: String, defaults: true }) as PlainRequest;
}

function rowsOf(request: PlainRequest): object[] {
  const rows: object[] = [];
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const resourceAttributes = mapOf(resource.attributes);
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) {
        rows.push({
          Timestamp: `${span.startTimeUnixNano.slice(0, -9)}.${span.startTimeUnixNano.slice(-9)}`,
          TraceId: Buffer.from(span.traceId).toString('hex'),
          SpanId: Buffer.from(span.spanId).toString('hex'),
          ParentSpanId: Buffer.from(span.parentSpanId).toString('hex'),
          TraceState: span.traceState,
          SpanName: span.name,
          SpanKind: String(span.kind),
          ServiceName: resourceAttributes['service.name'],
          ResourceAttributes: resourceAttributes,
          ScopeName: scope?.name ?? '',
          ScopeVersion: scope?.version ?? '',
          SpanAttributes: mapOf(span.attributes),
          Duration: (BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)).toString(),
          StatusCode: String(span.status?.code ?? 0),
          StatusMessage: span.status?.message ?? '',
        });
      }
    }
  }
  return rows;
}

function mapOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, String(Object.values(value ?? {})[0] ?? '')]),
  );
}

process.once('message', (message) => {
  void serve((message as { dataDir: string }).dataDir).then((ports) => process.send?.(ports));
});
