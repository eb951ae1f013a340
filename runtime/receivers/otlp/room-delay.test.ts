import { credentials, makeClientConstructor, status, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ByteBudget, chooseHttpEngine, Hold, type HttpServer } from '../../http/index.ts';
import type { IngestOutcome } from '../../ingest/index.ts';
import { loadOtlpCodec } from './fixtures/index.ts';
import { listenOtlpGrpc, type OtlpGrpcServer } from './grpc.ts';
import { listenOtlpHttp } from './http.ts';
import { createOtlpReceiver, type OtlpReceiver } from './receiver.ts';
import { RoomDelay } from './room-delay.ts';

const LIMIT_BYTES = 200_000;

describe('the delay of who finds no room', () => {
  const setUp = () => {
    const state = { nowMs: 5_000 };
    const delay = new RoomDelay({ limitBytes: LIMIT_BYTES, now: () => state.nowMs, random: () => 0.5 });
    const budget = new ByteBudget(LIMIT_BYTES, delay);
    const held: Hold[] = [];
    const take = (bytes: number): void => {
      const hold = new Hold(budget);
      if (hold.take(bytes)) held.push(hold);
      else hold.release();
    };
    /** One request leaves and one comes, again and again. */
    const pass = (times: number, everyMs: number, bytes: number): void => {
      for (let i = 0; i < times; i += 1) {
        state.nowMs += everyMs;
        held.shift()?.release();
        take(bytes);
      }
    };
    return { state, delay, budget, held, take, pass };
  };

  it('is the least before anything is known, and a minute once nothing was given back for long', () => {
    const { state, delay, take } = setUp();
    expect(delay.delayMs(90_000)).toBeLessThan(1_500);
    for (let i = 0; i < 20; i += 1) take(10_000);
    state.nowMs += 40_000;
    expect(delay.delayMs(90_000)).toBeGreaterThan(45_000);
  });

  it('is as long as so many bytes took to be given back lately', () => {
    const { delay, take, pass } = setUp();
    for (let i = 0; i < 20; i += 1) take(10_000);
    pass(40, 1_000, 10_000);
    const slow = delay.delayMs(80_000);
    expect(slow).toBeGreaterThan(6_000);
    expect(slow).toBeLessThan(10_000);
    pass(400, 100, 10_000);
    expect(delay.delayMs(80_000)).toBeLessThan(1_500);
  });

  it('is not told by what was refused, nor by quiet times', () => {
    const { state, delay, budget, held, take, pass } = setUp();
    for (let i = 0; i < 20; i += 1) take(10_000);
    pass(40, 1_000, 10_000);
    for (let i = 0; i < 1_000; i += 1) {
      const refused = new Hold(budget);
      const room = budget.limitBytes - budget.usedBytes;
      expect(refused.take(room)).toBe(true);
      expect(refused.take(50_000)).toBe(false);
      expect(refused.wantedBytes).toBe(room + 50_000);
      refused.release();
    }
    const before = delay.delayMs(80_000);
    expect(before).toBeGreaterThan(6_000);
    // A few bytes that stay for an hour of which there is little else say nothing of a crowd.
    for (const hold of held.splice(1)) hold.release();
    expect(budget.usedBytes).toBe(10_000);
    state.nowMs += 3_600_000;
    const after = delay.delayMs(80_000);
    expect(after).toBeLessThan(before);
    expect(after).toBeGreaterThanOrEqual(1_000);
  });

  it('counts what a hold gives back once', () => {
    const given: unknown[] = [];
    const budget = new ByteBudget(100, {
      taken: () => undefined,
      given: (...what) => given.push(what),
    });
    const hold = new Hold(budget);
    hold.take(60);
    hold.release();
    hold.release();
    expect(given).toEqual([[60, true, 0]]);
    expect(hold.take(1)).toBe(false);
  });
});

const SAME = (bytes: Buffer): Buffer => bytes;
const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

describe('a request for which there is no room', () => {
  let nowMs = 0;
  let receiver: OtlpReceiver;
  let http: HttpServer;
  let grpc: OtlpGrpcServer;
  const waiting: ((outcome: IngestOutcome) => void)[] = [];

  beforeEach(async () => {
    nowMs = 0;
    receiver = createOtlpReceiver({
      ingest: { accept: () => new Promise((resolve) => waiting.push(resolve)) },
      maxRequestBytes: LIMIT_BYTES / 2,
      maxInFlightBytes: LIMIT_BYTES,
      now: () => nowMs,
      onError: (error) => {
        throw error;
      },
    });
    const at = { host: '127.0.0.1', port: 0, receiver };
    http = await listenOtlpHttp(chooseHttpEngine().listen, { ...at, cors: { origins: [], headers: [] } });
    grpc = await listenOtlpGrpc({ ...at, maxConnectionAgeMs: 0 });
  });
  afterEach(async () => {
    for (const answer of waiting.splice(0)) answer({ type: 'accepted', rejected: 0, message: '' });
    await http.close();
    await grpc.close();
  });

  const post = (bytes: number): Promise<Response> =>
    fetch(`http://127.0.0.1:${http.port}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: Buffer.alloc(bytes),
    });
  const call = (bytes: number): Promise<ServiceError | null> => {
    const Raw = makeClientConstructor({}, 'raw');
    const client = new Raw(`127.0.0.1:${grpc.port}`, credentials.createInsecure(), {
      'grpc.enable_retries': 0,
    });
    return new Promise((resolve) => {
      client.makeUnaryRequest(TRACES, SAME, SAME, Buffer.alloc(bytes), (error) => {
        client.close();
        resolve(error);
      });
    });
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let i = 0; i < 1_000 && !isSo(); i += 1) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(isSo()).toBe(true);
  };
  /** Requests that become durable one after the other, `everyMs` apart, each with a new one behind it. */
  const crowd = async (send: (bytes: number) => Promise<unknown>, everyMs: number): Promise<void> => {
    const answers: Promise<unknown>[] = [];
    const come = async (): Promise<void> => {
      const before = waiting.length;
      answers.push(send(10_000));
      await until(() => waiting.length > before);
    };
    for (let i = 0; i < 15; i += 1) await come();
    for (let i = 0; i < 30; i += 1) {
      nowMs += everyMs;
      const used = receiver.budget.usedBytes;
      waiting.shift()?.({ type: 'accepted', rejected: 0, message: '' });
      await answers.shift();
      await until(() => receiver.budget.usedBytes < used);
      await come();
    }
  };

  it.each([
    { everyMs: 1_000, leastMs: 5_000, mostMs: 11_000 },
    { everyMs: 50, leastMs: 1_000, mostMs: 1_300 },
  ])(
    'is told over HTTP when there will be, one leaving every $everyMs ms',
    async ({ everyMs, leastMs, mostMs }) => {
      await crowd(post, everyMs);
      const response = await post(80_000);
      expect(response.status).toBe(503);
      const codec = await loadOtlpCodec();
      const { retryDelayMs = 0 } = codec.decodeStatus(Buffer.from(await response.arrayBuffer()));
      expect(retryDelayMs).toBeGreaterThanOrEqual(leastMs);
      expect(retryDelayMs).toBeLessThanOrEqual(mostMs);
      expect(response.headers.get('retry-after')).toBe(String(Math.ceil(retryDelayMs / 1_000)));
      expect([...receiver.refused]).toEqual([['no-room', 1]]);
    },
  );

  it.each([
    { everyMs: 1_000, leastMs: 5_000, mostMs: 11_000 },
    { everyMs: 50, leastMs: 1_000, mostMs: 1_300 },
  ])(
    'is told over gRPC when there will be, one leaving every $everyMs ms',
    async ({ everyMs, leastMs, mostMs }) => {
      await crowd(call, everyMs);
      const error = await call(80_000);
      expect(error?.code).toBe(status.UNAVAILABLE);
      const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
      const codec = await loadOtlpCodec();
      const { retryDelayMs = 0 } = codec.decodeStatus(details as Buffer);
      expect(retryDelayMs).toBeGreaterThanOrEqual(leastMs);
      expect(retryDelayMs).toBeLessThanOrEqual(mostMs);
      expect([...receiver.refused]).toEqual([['no-room', 1]]);
    },
  );
});
