import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  compressionAlgorithms,
  credentials,
  makeClientConstructor,
  Metadata,
  status,
  type Client,
  type ServiceError,
} from '@grpc/grpc-js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SIGNALS, type Signal } from '../../../proto/columns/index.ts';
import { EXPORT_MESSAGES } from '../../../proto/otlp/index.ts';
import { DescribedServer, listenOtlpGrpc, type OtlpGrpcServer } from './grpc.ts';
import { createOtlpReceiver, type OtlpReceiver } from './receiver.ts';
import {
  createMemoryIngest,
  loadOtlpCodec,
  requestJson,
  type DecodedStatus,
  type MemoryIngest,
  type OtlpCodec,
} from './fixtures/index.ts';

const MAX_REQUEST_BYTES = 100_000;

type Result = { readonly response: Buffer } | { readonly error: ServiceError };

const same = (bytes: Buffer): Buffer => bytes;

describe('OTLP over gRPC', () => {
  let codec: OtlpCodec;
  let ingest: MemoryIngest;
  let server: OtlpGrpcServer;
  const clients: Client[] = [];
  const errors: unknown[] = [];

  const listen = (host: string, port: number): Promise<OtlpGrpcServer> =>
    listenOtlpGrpc({
      host,
      port,
      maxConnectionAgeMs: 0,
      receiver: receiverOf(ingest),
    });
  const receiverOf = (receiving: MemoryIngest): OtlpReceiver =>
    createOtlpReceiver({
      ingest: receiving,
      maxRequestBytes: MAX_REQUEST_BYTES,
      maxInFlightBytes: 2_000_000,
      onError: (error) => errors.push(error),
    });

  beforeAll(async () => {
    codec = await loadOtlpCodec();
  });
  beforeEach(async () => {
    ingest = createMemoryIngest();
    server = await listen('127.0.0.1', 0);
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await server.close();
    errors.length = 0;
  });

  /** One channel; `gzip` as SDKs switch it on. */
  const connect = (gzip = false, host = '127.0.0.1'): Client => {
    const Constructor = makeClientConstructor({}, 'raw');
    const client = new Constructor(`${host}:${server.port}`, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': gzip
        ? compressionAlgorithms.gzip
        : compressionAlgorithms.identity,
      // A channel of its own, so that what one test did to it is seen by that test alone.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
    });
    clients.push(client);
    return client;
  };

  const call = (client: Client, path: string, body: Buffer): Promise<Result> =>
    new Promise((resolve) => {
      const options = { deadline: Date.now() + 10_000 };
      client.makeUnaryRequest(path, same, same, body, new Metadata(), options, (error, response) => {
        resolve(error ? { error } : { response: response ?? Buffer.alloc(0) });
      });
    });

  const send = (client: Client, signal: Signal, body: Buffer): Promise<Result> =>
    call(client, `/${EXPORT_MESSAGES[signal].service}/Export`, body);

  const bodyOf = (signal: Signal, valid: number, invalid = 0): Buffer =>
    codec.encodeRequest(signal, requestJson(signal, valid, invalid));

  const responseOf = (signal: Signal, result: Result): unknown => {
    if ('error' in result) throw result.error;
    return codec.decodeResponse(signal, result.response);
  };

  const errorOf = (result: Result): ServiceError => {
    if ('response' in result) throw new Error('the call succeeded');
    return result.error;
  };

  const detailsOf = (error: ServiceError): DecodedStatus | undefined => {
    const [details] = error.metadata.get('grpc-status-details-bin');
    return details === undefined ? undefined : codec.decodeStatus(Buffer.from(details));
  };

  const expectAlive = async (client: Client): Promise<void> => {
    expect(responseOf('traces', await send(client, 'traces', bodyOf('traces', 1)))).toEqual({});
  };

  describe.each([
    ['identity', false],
    ['gzip', true],
  ])('%s', (_name, gzip) => {
    it.each(SIGNALS)('R1 R5: full success of %s leaves partial_success unset', async (signal) => {
      const result = await send(connect(gzip), signal, bodyOf(signal, 3));
      expect(result).toEqual({ response: Buffer.alloc(0) });
      expect(ingest.delivered()).toBe(3);
    });

    it.each(SIGNALS)('R6: partial success of %s counts what was rejected', async (signal) => {
      const result = await send(connect(gzip), signal, bodyOf(signal, 3, 2));
      const field = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' };
      expect(responseOf(signal, result)).toEqual({
        partialSuccess: {
          [field[signal]]: '2',
          errorMessage: expect.stringMatching(/^2 of 5 [a-z ]+ rejected: 2 [a-z-]+ \([^)]+\)$/) as string,
        },
      });
      expect(ingest.delivered()).toBe(3);
    });

    it.each(SIGNALS)('R8 R14: undecodable %s are INVALID_ARGUMENT, the channel lives on', async (signal) => {
      const client = connect(gzip);
      const error = errorOf(await send(client, signal, bodyOf(signal, 2).subarray(0, -3)));
      expect(error.code).toBe(status.INVALID_ARGUMENT);
      expect(error.details).toMatch(/^The Export\w+ServiceRequest cannot be read\. /);
      expect(detailsOf(error)).toEqual({
        code: status.INVALID_ARGUMENT,
        message: error.details,
        violations: [error.details],
      });
      await expectAlive(client);
    });

    it('R2 R9: too large is RESOURCE_EXHAUSTED without RetryInfo, the channel lives on', async () => {
      const client = connect(gzip);
      const error = errorOf(await send(client, 'traces', Buffer.alloc(MAX_REQUEST_BYTES + 1)));
      expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
      expect(detailsOf(error)?.retryDelayMs).toBeUndefined();
      expect(ingest.counters.traces.requests).toBe(0);
      await expectAlive(client);
    });

    it('R4: an empty request is a success', async () => {
      for (const signal of SIGNALS) {
        expect(responseOf(signal, await send(connect(gzip), signal, Buffer.alloc(0)))).toEqual({});
      }
      expect(ingest.delivered()).toBe(0);
    });
  });

  it('R2: a compressed request is measured after decompression, and not kept', async () => {
    const client = connect(true);
    const before = process.memoryUsage().arrayBuffers;
    const bomb = Buffer.alloc(60_000_000);
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 1);
    const error = errorOf(await send(client, 'traces', bomb));
    clearInterval(watch);
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(most - before - bomb.length).toBeLessThan(16_000_000);
    await expectAlive(client);
  });

  it('R8 R10: a refusal is UNAVAILABLE with RetryInfo, and the same request is taken later', async () => {
    const client = connect();
    ingest.setGate('window-full');
    const error = errorOf(await send(client, 'traces', bodyOf('traces', 1)));
    expect(error.code).toBe(status.UNAVAILABLE);
    expect(error.details).toBe('memory is full of telemetry that waits to be archived');
    expect(detailsOf(error)).toEqual({
      code: status.UNAVAILABLE,
      message: error.details,
      retryDelayMs: 5_000,
    });
    expect(ingest.delivered()).toBe(0);
    ingest.setGate(undefined);
    await expectAlive(client);
  });

  it('R9: only a bug is INTERNAL: it tells nothing of itself and is reported', async () => {
    const client = connect();
    ingest.break();
    const error = errorOf(await send(client, 'traces', bodyOf('traces', 1)));
    expect(error.code).toBe(status.INTERNAL);
    expect(error.details).not.toContain('secret');
    expect(String(errors[0])).toContain('secret');
  });

  it('an unknown service or method is UNIMPLEMENTED, the channel lives on', async () => {
    const client = connect();
    for (const path of [`/${EXPORT_MESSAGES.traces.service}/Import`, '/some.Service/Export']) {
      expect(errorOf(await call(client, path, bodyOf('traces', 1))).code).toBe(status.UNIMPLEMENTED);
    }
    await expectAlive(client);
  });

  it('many calls at a time over one channel are all answered', async () => {
    const client = connect();
    const body = bodyOf('logs', 2);
    const results = await Promise.all(Array.from({ length: 200 }, () => send(client, 'logs', body)));
    expect(results.every((result) => 'response' in result)).toBe(true);
    expect(ingest.delivered()).toBe(400);
  });

  describe('a client that takes its time', () => {
    let receiver: OtlpReceiver;
    beforeEach(async () => {
      await server.close();
      receiver = receiverOf(ingest);
      server = await listenOtlpGrpc({
        ...{ host: '127.0.0.1', port: 0, maxConnectionAgeMs: 0, receiver },
        requestTimeoutMs: 400,
      });
    });

    it('is given up with a request that only drips, and nothing of it is kept', async () => {
      const session = connectHttp2(`http://127.0.0.1:${server.port}`);
      const stream = session.request({
        ':method': 'POST',
        ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      stream.on('error', () => undefined);
      stream.write(Buffer.of(0, 0, 0, 0, 200));
      const dripping = setInterval(() => stream.write('y'), 50);
      const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
      expect(head['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED));
      stream.resume();
      await once(stream, 'close');
      clearInterval(dripping);
      session.close();
      expect([...receiver.refused]).toEqual([['too-slow', 1]]);
      expect(receiver.budget.usedBytes).toBe(0);
      expect(ingest.delivered()).toBe(0);
      await expectAlive(connect());
    });

    it('is not waited for when it connects and says nothing', async () => {
      const socket = connectTcp(server.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      await once(socket, 'close');
      await expectAlive(connect());
    });

    it('may think between requests', async () => {
      const client = connect();
      await expectAlive(client);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await expectAlive(client);
      expect(receiver.refused.size).toBe(0);
    });
  });

  it('an RPC that no row tells of does not start', () => {
    const definition = { path: '/of.nobody/Call', requestStream: false, responseStream: false };
    const shared = { requestSerialize: same, requestDeserialize: same, responseSerialize: same };
    expect(() => {
      new DescribedServer().addService({ Call: { ...definition, ...shared, responseDeserialize: same } }, {});
    }).toThrow('no row says what the RPC /of.nobody/Call needs');
  });

  it('a port in use is named', async () => {
    const again = listen('127.0.0.1', server.port);
    await expect(again).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: `port ${server.port} on 127.0.0.1 is in use by another process`,
    });
  });

  it('listens on an IPv6 address where the machine has one', async () => {
    await server.close();
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const host = all.some(({ address }) => address === '::1') ? '::1' : '127.0.0.1';
    server = await listen(host, 0);
    const result = await send(connect(false, host === '::1' ? '[::1]' : host), 'traces', bodyOf('traces', 1));
    expect(responseOf('traces', result)).toEqual({});
  });
});
