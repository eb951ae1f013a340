import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { overGrpc, defineCheck, type Check } from '../check.ts';
import { encode, requestOf } from '../samples.ts';

const HEALTH = '/grpc.health.v1.Health';
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICES = [
  '',
  'opentelemetry.proto.collector.trace.v1.TraceService',
  'opentelemetry.proto.collector.metrics.v1.MetricsService',
  'opentelemetry.proto.collector.logs.v1.LogsService',
];

/** HealthCheckRequest.service = 1. */
function healthRequest(service: string): Buffer {
  return service === ''
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.from([10, service.length]), Buffer.from(service)]);
}

/** HealthCheckResponse.status = 1. */
function statusOf(message: Buffer): number {
  return message[0] === 8 ? (message[1] ?? 0) : 0;
}

/** What the gRPC server offers, or not, besides OTLP: S1 to S3. */
export const SERVED_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'S1',
    level: 'practice',
    title: 'says by grpc.health.v1 that it and each OTLP service are serving, and knows no others',
    appliesTo: overGrpc,
    async run({ grpc }) {
      for (const service of SERVICES) {
        const answer = await grpc.call(`${HEALTH}/Check`, healthRequest(service));
        assert.equal(answer.code, 0);
        assert.equal(statusOf(answer.body), SERVING, service);
      }
      const unknown = await grpc.call(`${HEALTH}/Check`, healthRequest('some.Service'));
      assert.equal(unknown.code, 5);
    },
  }),
  defineCheck({
    id: 'S2',
    level: 'practice',
    title: 'offers no reflection, and answers unknown services and methods UNIMPLEMENTED',
    appliesTo: overGrpc,
    async run({ lane, client, grpc }) {
      for (const path of [
        '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
        '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
        '/opentelemetry.proto.collector.trace.v1.TraceService/Import',
        '/some.Service/Export',
      ]) {
        assert.equal((await grpc.call(path, Buffer.alloc(0))).code, 12, path);
      }
      const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
      assert.equal(answer.verdict, 'success');
    },
  }),
  defineCheck({
    id: 'S3',
    level: 'practice',
    title: 'tells watchers that it is draining while it still answers, and closes without waiting for them',
    appliesTo: overGrpc,
    async run({ lane, rig, client, connect: connectAgain }) {
      const session = connect(`http://127.0.0.1:${rig.port}`);
      session.on('error', () => undefined);
      const watch = session.request({
        ':method': 'POST',
        ':path': `${HEALTH}/Watch`,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      watch.on('error', () => undefined);
      watch.end(Buffer.alloc(5));
      const states: number[] = [];
      const drained = new Promise<void>((resolve) => {
        watch.on('data', (chunk: Buffer) => {
          states.push(statusOf(chunk.subarray(5)));
          if (states.length === 1) rig.grpc?.drain();
          else resolve();
        });
      });
      await drained;
      assert.deepEqual(states, [SERVING, NOT_SERVING]);
      const bytes = encode(lane, 'traces', requestOf('traces', 1));
      assert.equal((await client.send('traces', bytes)).verdict, 'success');
      const release = rig.holdJournal();
      const underWay = connectAgain().send('traces', bytes);
      while (rig.requests() < 2) await new Promise((resolve) => setTimeout(resolve, 2));
      const startedMs = performance.now();
      const closed = rig.grpc?.close();
      release();
      assert.equal((await underWay).verdict, 'success');
      await closed;
      assert.ok(performance.now() - startedMs < 3_000, 'closing waited for a watcher');
      session.destroy();
    },
  }),
];
