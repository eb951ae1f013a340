import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { spanJson as spanJsonOfApi } from '../../../workers/json/index.ts';
import { asJson, everyLane, overGrpc, overHttp, defineCheck, type Check } from '../check.ts';
import { CONTENT_TYPE } from '../http-client.ts';
import type { Lane, LaneKind } from '../lanes.ts';
import type { Rig } from '../rig.ts';
import { encode, requestOf, SPAN_ID, spanJson, spansRequest, TRACE_ID } from '../samples.ts';

/** The traps, in the order in which the table lists them: T1 to T7. */
export const TRAP_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'T1',
    level: 'practice',
    title: 'never answers overload in a way that makes clients drop data',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const bytes = encode(lane, 'traces', requestOf('traces', 1));
      rig.refuse('in-flight-full');
      const answers = await Promise.all(Array.from({ length: 20 }, () => client.send('traces', bytes)));
      for (const { verdict, status } of answers) {
        assert.equal(verdict, 'unavailable');
        assert.ok((status.retryDelayMs ?? 0) > 0);
      }
      rig.refuse(undefined);
      assert.equal((await client.send('traces', bytes)).verdict, 'success');
      assert.equal(rig.delivered(), 1);
    },
  }),
  defineCheck({
    id: 'T2',
    level: 'practice',
    title: 'never answers OK to a failure: an exception is a bug that is reported and not described',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      rig.break();
      const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
      assert.equal(answer.verdict, 'bug');
      assert.equal(answer.status.code, 13);
      assert.doesNotMatch(answer.status.message, /secret/);
      assert.match(String(rig.errors[0]), /secret/);
      assert.equal(rig.delivered(), 0);
    },
  }),
  defineCheck({
    id: 'T3',
    level: 'practice',
    title: 'never sends an empty partial success, nor one of 0 items without a word',
    appliesTo: everyLane,
    async run({ lane, client }) {
      for (const count of [0, 1, 100]) {
        const answer = await client.send('logs', encode(lane, 'logs', requestOf('logs', count)));
        assert.equal('partialSuccess' in answer.response, false);
      }
    },
  }),
  defineCheck({
    id: 'T4',
    level: 'practice',
    title: 'reads 64-bit integers as old JavaScript SDKs sent them: {low, high}',
    appliesTo: asJson,
    async run({ rig, client }) {
      // 1700000000000000000 and -2.
      const time = '{"low":-1199570944,"high":395812567}';
      const value = '{"low":-2,"high":-1,"unsigned":false}';
      const text = `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":${time},"asInt":${value}}]}}]}]}]}`;
      assert.equal((await client.send('metrics', Buffer.from(text))).verdict, 'success');
      const [point] = rig.points();
      assert.equal(point?.timeUnixNano, (395_812_567n << 32n) | BigInt.asUintN(32, -1_199_570_944n));
      assert.equal('asInt' in point ? point.asInt : undefined, -2n);
    },
  }),
  defineCheck({
    id: 'T5',
    level: 'practice',
    title: 'keeps nanoseconds and 64-bit integers exact, and writes them as strings',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const times = { startTimeUnixNano: '1700000000123456789', endTimeUnixNano: '1700000000123456790' };
      const attributes = [{ key: 'id', value: { intValue: '9223372036854775807' } }];
      const request = spansRequest(spanJson({ ...times, attributes }));
      assert.equal((await client.send('traces', encode(lane, 'traces', request))).verdict, 'success');
      const [stored] = rig.batches('traces');
      assert.ok(stored);
      const json = spanJsonOfApi(stored.service, stored.batch, 0);
      assert.deepEqual(
        [json.startTimeUnixNano, json.endTimeUnixNano, json.attributes],
        [times.startTimeUnixNano, times.endTimeUnixNano, attributes],
      );
    },
  }),
  defineCheck({
    id: 'T6',
    level: 'practice',
    title: 'recognises ids in base64, refuses them, and says that hex is expected',
    appliesTo: asJson,
    async run({ lane, rig, client }) {
      const base64 = (id: string): string => Buffer.from(id, 'hex').toString('base64');
      for (const ids of [{ traceId: base64(TRACE_ID) }, { spanId: base64(SPAN_ID) }]) {
        const answer = await client.send('traces', encode(lane, 'traces', spansRequest(spanJson(ids))));
        assert.equal(answer.verdict, 'bad-data');
        assert.match(answer.status.message, /hex expected/);
      }
      assert.equal(rig.delivered(), 0);
    },
  }),
  defineCheck({
    id: 'T7',
    level: 'practice',
    title: 'answers pipelined requests in their order',
    appliesTo: (lane) => overHttp(lane) && !endsPipelines(lane),
    async run({ lane, rig }) {
      const { codes, isEnded } = await sendPipelined(lane, rig, 4);
      assert.deepEqual(codes, ['200', '200', '400', '200']);
      assert.equal(isEnded, false);
      assert.equal(rig.delivered(), 7);
    },
  }),
  defineCheck({
    id: 'T7',
    level: 'practice',
    title:
      'ends the connection of a client that pipelines, with no answer to the wrong request, and takes all when sent again',
    appliesTo: endsPipelines,
    async run({ lane, rig, client }) {
      const { codes, isEnded } = await sendPipelined(lane, rig, 4);
      assert.equal(isEnded, true);
      assert.deepEqual(codes, []);
      for (const [signal, count] of PIPELINED) {
        const answer = await client.send(signal, encode(lane, signal, requestOf(signal, count)));
        assert.equal(answer.code, 200);
      }
      assert.deepEqual(rig.errors, []);
    },
  }),
  defineCheck({
    id: 'T7',
    level: 'practice',
    title: 'keeps nothing of a client that goes away in mid-body',
    appliesTo: overHttp,
    async run({ lane, rig, client }) {
      const { budget } = rig.receiver;
      const type = CONTENT_TYPE[lane.encoding];
      const sockets = await Promise.all(Array.from({ length: 10 }, () => openSocket(rig.port)));
      for (const raw of sockets) {
        raw.write(
          `POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 190000\r\n\r\n`,
        );
        raw.write(Buffer.alloc(100_000, 0x20));
      }
      await until(() => budget.usedBytes >= 10 * 100_000);
      for (const raw of sockets) raw.destroy();
      await until(() => budget.usedBytes === 0);
      assert.equal((await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)))).code, 200);
      assert.equal(rig.requests(), 1);
      assert.deepEqual(rig.errors, []);
    },
  }),
  defineCheck({
    id: 'T7',
    level: 'practice',
    title: 'keeps nothing of a call that is cancelled in mid-message',
    appliesTo: overGrpc,
    async run({ lane, rig, client, grpc }) {
      const { session } = grpc;
      const { budget } = rig.receiver;
      const streams = Array.from({ length: 10 }, () => {
        const stream = session.request({
          ':method': 'POST',
          ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        stream.on('error', () => undefined);
        const head = Buffer.alloc(5);
        head.writeUInt32BE(190_000, 1);
        stream.write(Buffer.concat([head, Buffer.alloc(100_000)]));
        return stream;
      });
      await until(() => budget.usedBytes >= 10 * 100_000);
      for (const stream of streams) stream.close(8);
      await until(() => budget.usedBytes === 0);
      const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
      assert.equal(answer.verdict, 'success');
      assert.equal(rig.requests(), 1);
    },
  }),
];

const PIPELINED = [
  ['traces', 2],
  ['logs', 3],
  ['traces', 2],
] as const;

/** uWebSockets.js does not take a request before the one before it is answered. */
function endsPipelines(lane: LaneKind): boolean {
  return lane.name.endsWith('uWebSockets.js');
}

/** Sends good, good, bad, good in one piece; answers the codes that came, until there were `count` or the end. */
async function sendPipelined(
  lane: Lane,
  rig: Rig,
  count: number,
): Promise<{ readonly codes: readonly string[]; readonly isEnded: boolean }> {
  const raw = await openSocket(rig.port);
  const received: Buffer[] = [];
  let isEnded = false;
  raw.on('data', (chunk) => received.push(chunk));
  raw.on('close', () => (isEnded = true));
  const [first, second, third] = PIPELINED.map(([signal, items]) => {
    const body = encode(lane, signal, requestOf(signal, items));
    return { signal, body };
  });
  const post = (
    { signal, body }: { signal: string; body: Buffer } = { signal: '', body: Buffer.alloc(0) },
  ): Buffer =>
    Buffer.concat([
      Buffer.from(
        `POST /v1/${signal} HTTP/1.1\r\nhost: x\r\ncontent-type: ${CONTENT_TYPE[lane.encoding]}\r\ncontent-length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]);
  const bad = { signal: 'traces', body: first?.body.subarray(0, -3) ?? Buffer.alloc(0) };
  raw.write(Buffer.concat([post(first), post(second), post(bad), post(third)]));
  const codes = (): string[] =>
    [
      ...Buffer.concat(received)
        .toString('latin1')
        .matchAll(/HTTP\/1\.1 (\d{3})/g),
    ].map(([, code]) => code ?? '');
  await until(() => isEnded || codes().length >= count);
  const found = { codes: codes(), isEnded };
  raw.destroy();
  return found;
}

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) assert.fail('a condition did not come true within 5 s');
    await sleep(3);
  }
}
