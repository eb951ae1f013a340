import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { credentials, makeClientConstructor, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainAddress } from '../../doors/index.ts';
import { chooseHttpEngine, type HttpServer } from '../../http/index.ts';
import { createMemoryIngest, loadOtlpCodec, type MemoryIngest } from './fixtures/index.ts';
import { listenOtlpGrpc, type OtlpGrpcServer } from './grpc.ts';
import { listenOtlpHttp } from './http.ts';
import { createOtlpReceiver, type Access, type OtlpReceiver, type Sender } from './receiver.ts';

const PAGE = 'https://shop.example';
const SAME = (bytes: Buffer): Buffer => bytes;

describe('who may send', () => {
  let verdict: Access;
  const senders: Sender[] = [];
  let ingest: MemoryIngest;
  let receiver: OtlpReceiver;
  let http: HttpServer;
  let grpc: OtlpGrpcServer;

  beforeEach(async () => {
    senders.length = 0;
    ingest = createMemoryIngest();
    receiver = createOtlpReceiver({
      ingest,
      maxRequestBytes: 100_000,
      maxInFlightBytes: 1_000_000,
      authorize: (sender) => {
        senders.push(sender);
        return verdict;
      },
      onError: (error) => {
        throw error;
      },
    });
    const { listen } = chooseHttpEngine();
    http = await listenOtlpHttp(listen, {
      host: '127.0.0.1',
      port: 0,
      cors: { origins: [PAGE], headers: [] },
      receiver,
    });
    grpc = await listenOtlpGrpc({ host: '127.0.0.1', port: 0, maxConnectionAgeMs: 0, receiver });
  });
  afterEach(async () => {
    await http.close();
    await grpc.close();
  });

  const post = (headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`http://127.0.0.1:${http.port}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  const call = (
    metadata: Readonly<Record<string, string>> = {},
    host = '127.0.0.1',
  ): Promise<ServiceError | null> => {
    const Raw = makeClientConstructor({}, 'raw');
    const client = new Raw(`${host}:${grpc.port}`, credentials.createInsecure());
    const path = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
    const sent = new Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, SAME, SAME, Buffer.alloc(0), sent, (error) => {
        client.close();
        resolve(error);
      });
    });
  };

  it('is asked with the key, in either header, and with what proxies say', async () => {
    verdict = 'granted';
    expect((await post({ authorization: 'Bearer one' })).status).toBe(200);
    expect((await post({ 'x-ophion-key': 'two', 'x-forwarded-for': '198.51.100.7' })).status).toBe(200);
    expect(await call({ authorization: 'Bearer three' })).toBeNull();
    expect(await call({ 'x-ophion-key': 'four', 'x-forwarded-for': '198.51.100.7' })).toBeNull();
    expect(await call()).toBeNull();
    expect(senders.map(({ key, forwardedFor }) => [key, forwardedFor])).toEqual([
      ['one', undefined],
      ['two', '198.51.100.7'],
      ['three', undefined],
      ['four', '198.51.100.7'],
      [undefined, undefined],
    ]);
    for (const { remoteAddress } of senders) expect(remoteAddress).toMatch(/127\.0\.0\.1|7f00:0001/);
  });

  it.each(['127.0.0.1', '::1', '::'])(
    'is named over gRPC by the address alone, listening on %s',
    async (host) => {
      verdict = 'granted';
      await grpc.close();
      grpc = await listenOtlpGrpc({ host, port: 0, maxConnectionAgeMs: 0, receiver });
      const reached = host === '::' ? ['[::1]', '127.0.0.1'] : [host === '::1' ? '[::1]' : host];
      for (const address of reached) expect(await call({}, address)).toBeNull();
      const known = senders.map(({ remoteAddress }) => plainAddress(remoteAddress));
      expect(known).toEqual(reached.map((address) => plainAddress(address)));
    },
  );

  it('is told over gRPC by the metadata alone: nothing of the message is waited for, kept or inflated', async () => {
    verdict = 'unknown';
    const session = connect(`http://127.0.0.1:${grpc.port}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-encoding': 'gzip',
      'x-ophion-key': 'nobody',
    });
    const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    expect(head['grpc-status']).toBe(String(status.UNAUTHENTICATED));
    expect(senders.map(({ key }) => key)).toEqual(['nobody']);
    // What comes nevertheless: a message that claims to be compressed, and is not.
    stream.end(Buffer.concat([Buffer.of(1, 0, 0, 0, 5), Buffer.from('wrong')]));
    stream.resume();
    await once(stream, 'close');
    session.close();
    expect([...receiver.refused]).toEqual([['no-access', 1]]);
    expect(receiver.budget.usedBytes).toBe(0);
  });

  it('is no page that was not named, unless it has a key: its host may have been made to mean this machine', async () => {
    verdict = 'granted';
    const rebound = 'http://elsewhere.example:4318';
    expect((await post({ origin: rebound })).status).toBe(401);
    expect((await post({ origin: 'null' })).status).toBe(401);
    expect(receiver.refused.get('no-access')).toBe(2);
    expect((await post({ origin: rebound, 'x-ophion-key': 'one' })).status).toBe(200);
    expect((await post({ origin: PAGE })).status).toBe(200);
    expect((await post()).status).toBe(200);
  });

  it.each([
    ['unknown', 401, status.UNAUTHENTICATED, 'no-access'],
    ['forbidden', 403, status.PERMISSION_DENIED, 'no-access'],
    [
      { retryAfterMs: 1_500, headers: { 'retry-after': '2', 'ratelimit-limit': '10' } },
      ...([429, status.RESOURCE_EXHAUSTED, 'rate-limited'] as const),
    ],
  ] as const)('%j is %d and gRPC %d', async (given, httpStatus, grpcStatus, reason) => {
    verdict = given;
    const response = await post();
    expect(response.status).toBe(httpStatus);
    expect(response.headers.get('retry-after')).toBe(httpStatus === 429 ? '2' : null);
    expect(response.headers.get('ratelimit-limit')).toBe(httpStatus === 429 ? '10' : null);
    const error = await call();
    expect(error?.code).toBe(grpcStatus);
    const codec = await loadOtlpCodec();
    const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
    expect(codec.decodeStatus(details as Buffer).retryDelayMs).toBe(httpStatus === 429 ? 1_500 : undefined);
    expect(receiver.refused.get(reason)).toBe(2);
    expect(ingest.delivered()).toBe(0);
  });
});
