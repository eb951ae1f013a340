import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { SIGNALS } from '../../../proto/columns/index.ts';
import { everyLane, overGrpc, overHttp, defineCheck, type Check } from '../check.ts';
import type { Answer } from '../client.ts';
import { CONTENT_TYPE } from '../http-client.ts';
import { COMPRESSIONS, encode, requestOf } from '../samples.ts';

const OTHER_NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['gzip', ['x-gzip']],
  ['deflate', ['zlib']],
  ['snappy', ['x-snappy-framed']],
]);

/** Rows from practice: D2 to D6. */
export const PRACTICE_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'D2',
    level: 'practice',
    title:
      'reads deflate (as zlib and raw), zstd, Snappy (a block or framed) and LZ4, under the names that clients use',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      for (const signal of SIGNALS) {
        const bytes = encode(lane, signal, requestOf(signal, 2));
        for (const { name, compress } of COMPRESSIONS) {
          const packed = await compress(bytes);
          for (const encoding of [name, ...(OTHER_NAMES.get(name) ?? [])]) {
            const answer = await client.send(signal, packed, { compression: encoding });
            assert.equal(answer.verdict, 'success', encoding);
          }
        }
      }
      // Deflate and Snappy in two forms, all three of the others once; and these again by their other names.
      assert.equal(rig.delivered(), 3 * 2 * (7 + 5));
    },
  }),
  defineCheck({
    id: 'D2',
    level: 'practice',
    title: 'names what it reads to a client that compresses otherwise',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const bytes = encode(lane, 'traces', requestOf('traces', 1));
      for (const compression of ['br', 'compress', 'constructor']) {
        const answer = await client.send('traces', bytes, { compression });
        assert.equal(answer.verdict, 'unsupported', compression);
        assert.match(answer.status.message, /expected gzip, deflate, zstd, snappy, lz4 or identity$/);
        const accepted = answer.headers[lane.door === 'grpc' ? 'grpc-accept-encoding' : 'accept-encoding'];
        assert.match(accepted ?? '', /gzip.*zstd.*snappy.*lz4/);
      }
      assert.equal(rig.delivered(), 0);
    },
  }),
  defineCheck({
    id: 'D2',
    level: 'practice',
    title: 'refuses compressed bytes that are cut short or damaged, for good, saying how they were meant',
    appliesTo: everyLane,
    async run({ lane, client }) {
      const bytes = encode(lane, 'traces', requestOf('traces', 50));
      for (const { name, compress } of COMPRESSIONS) {
        const packed = await compress(bytes);
        for (const damaged of [
          packed.subarray(0, packed.length >> 1),
          Buffer.from('not compressed at all'),
        ]) {
          const answer = await client.send('traces', damaged, { compression: name });
          assert.equal(answer.verdict, 'bad-data', name);
          assert.match(answer.status.message, new RegExp(`is not ${name}: `));
        }
      }
    },
  }),
  defineCheck({
    id: 'D2',
    level: 'practice',
    title: 'asks to wait when all requests together hold too much, and holds nothing afterwards',
    appliesTo: everyLane,
    rig: { maxRequestBytes: 500_000, maxInFlightBytes: 1_000_000 },
    async run({ lane, rig, client, connect }) {
      // 250 to 350 KB inflated, and a few compressed.
      const bytes = encode(lane, 'traces', requestOf('traces', lane.encoding === 'json' ? 2_000 : 4_000));
      const small = encode(lane, 'traces', requestOf('traces', 1));
      const release = rig.holdJournal();
      const waiting = Array.from({ length: 12 }, () =>
        connect().send('traces', gzipSync(bytes), { compression: 'gzip' }),
      );
      const answers = Promise.all(waiting);
      await Promise.race([...waiting, sleep(2_000)]);
      assert.ok(rig.receiver.budget.usedBytes <= rig.receiver.budget.limitBytes);
      release();
      const refused = (await answers).filter(({ verdict }) => verdict !== 'success');
      assert.ok(refused.length > 0 && refused.length < 12, `${refused.length} of 12 refused`);
      for (const answer of refused) {
        assert.equal(answer.verdict, 'unavailable');
        const { retryDelayMs = 0 } = answer.status;
        assert.ok(retryDelayMs >= 1_000 && retryDelayMs <= 60_000, `${retryDelayMs} ms`);
        assert.match(answer.status.message, /OPHION_OTLP_MAX_IN_FLIGHT_BYTES/);
        if (lane.door === 'http') {
          assert.equal(answer.headers['retry-after'], String(Math.ceil(retryDelayMs / 1_000)));
        }
      }
      assert.equal(rig.receiver.refused.get('no-room'), refused.length);
      assert.equal((await client.send('traces', small)).verdict, 'success');
      for (let i = 0; i < 100 && rig.receiver.budget.usedBytes > 0; i += 1) await sleep(5);
      assert.equal(rig.receiver.budget.usedBytes, 0);
    },
  }),
  defineCheck({
    id: 'D3',
    level: 'practice',
    title: 'answers pings however often they come, without calls too, and keeps the connection',
    appliesTo: overGrpc,
    async run({ lane, client, grpc }) {
      const { session } = grpc;
      let wentAway = false;
      session.on('goaway', () => (wentAway = true));
      const bytes = encode(lane, 'traces', requestOf('traces', 1));
      assert.equal((await client.send('traces', bytes)).verdict, 'success');
      for (let i = 0; i < 50; i += 1) {
        await new Promise<void>((resolve, reject) => {
          session.ping((error) => {
            if (error) reject(error);
            else resolve();
          });
        });
      }
      assert.equal((await client.send('traces', bytes)).verdict, 'success');
      assert.equal(wentAway, false);
    },
  }),
  defineCheck({
    id: 'D3',
    level: 'practice',
    title: 'asks clients to connect anew at the age that is set, and finishes what is under way',
    appliesTo: overGrpc,
    rig: { maxConnectionAgeMs: 200 },
    async run({ lane, rig, client, grpc }) {
      const { session } = grpc;
      const gone = new Promise<number>((resolve) => session.on('goaway', resolve));
      const bytes = encode(lane, 'traces', requestOf('traces', 1));
      assert.equal((await client.send('traces', bytes)).verdict, 'success');
      const release = rig.holdJournal();
      const underWay = client.send('traces', bytes);
      // NO_ERROR.
      assert.equal(await gone, 0);
      release();
      assert.equal((await underWay).verdict, 'success');
    },
  }),
  defineCheck({
    id: 'D3',
    level: 'practice',
    title: 'keeps HTTP connections alive, after refusals too',
    appliesTo: overHttp,
    async run({ lane, rig, client }) {
      const good = encode(lane, 'traces', requestOf('traces', 1));
      const answers = [
        await client.send('traces', good),
        await client.send('traces', good.subarray(0, -3)),
        await client.send('traces', Buffer.alloc(rig.options.maxRequestBytes + 1)),
        await client.send('traces', good, { compression: 'br' }),
        await client.send('traces', good),
      ];
      assert.deepEqual(
        answers.map(({ code }) => code),
        [200, 400, 413, 415, 200],
      );
      assert.equal(new Set(answers.map(({ connection }) => connection)).size, 1);
    },
  }),
  defineCheck({
    id: 'D4',
    level: 'practice',
    title: 'answers 415 to another media type and 405 to another method, and says what is expected',
    appliesTo: overHttp,
    async run({ lane, http }) {
      const body = encode(lane, 'traces', requestOf('traces', 1));
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/grpc', '']) {
        const headers = type === '' ? {} : { 'content-type': type };
        const answer = await http.request({ method: 'POST', path: '/v1/traces', headers, body });
        assert.equal(answer.code, 415, type);
        assert.match(answer.status.message, /expected application\/x-protobuf or application\/json$/);
      }
      const headers = { 'content-type': CONTENT_TYPE[lane.encoding] };
      for (const method of ['GET', 'PUT', 'DELETE', 'PATCH']) {
        const answer = await http.request({ method, path: '/v1/traces', headers, body: Buffer.alloc(0) });
        assert.equal(answer.code, 405, method);
        assert.equal(answer.headers['allow'], 'POST, OPTIONS');
      }
    },
  }),
  defineCheck({
    id: 'D5',
    level: 'practice',
    title:
      'answers a sender without a valid key 401 or UNAUTHENTICATED, one without the right 403 or PERMISSION_DENIED',
    appliesTo: everyLane,
    rig: {
      authorize({ key }, signal) {
        if (key !== 'good' && key !== 'only-logs') return 'unknown';
        return key === 'good' || signal === 'logs' ? 'granted' : 'forbidden';
      },
    },
    async run({ lane, rig, client }) {
      const send = async (headers: Record<string, string>): Promise<Answer> =>
        client.send('traces', encode(lane, 'traces', requestOf('traces', 1)), { headers });
      for (const headers of [
        {},
        { authorization: 'Bearer bad' },
        { authorization: 'Basic good' },
        { 'x-ophion-key': '' },
      ]) {
        const answer = await send(headers);
        assert.equal(answer.verdict, 'unauthenticated');
        assert.equal(answer.status.code, 16);
        assert.equal(answer.status.retryDelayMs, undefined);
      }
      const forbidden = await send({ 'x-ophion-key': 'only-logs' });
      assert.equal(forbidden.verdict, 'forbidden');
      assert.equal(forbidden.status.code, 7);
      assert.equal(rig.requests(), 0);
      assert.equal((await send({ authorization: 'Bearer good' })).verdict, 'success');
      assert.equal((await send({ 'x-ophion-key': 'good' })).verdict, 'success');
    },
  }),
  defineCheck({
    id: 'D6',
    level: 'practice',
    title: 'answers only when the items are in the journal and in the windows; sent = accepted + rejected',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      for (const signal of SIGNALS) {
        const before = { delivered: rig.delivered(), records: rig.journalRecords() };
        const release = rig.holdJournal();
        let isAnswered = false;
        const sending = client.send(signal, encode(lane, signal, requestOf(signal, 3, 2)));
        void sending.then(() => (isAnswered = true));
        await sleep(60);
        assert.equal(isAnswered, false, 'answered before it was durable');
        assert.equal(rig.delivered(), before.delivered);
        release();
        const answer = await sending;
        assert.equal(rig.journalRecords(), before.records + 1);
        const rejected = Number(/"rejected\w+":"(\d+)"/.exec(JSON.stringify(answer.response))?.[1]);
        assert.equal(rig.delivered() - before.delivered + rejected, 5);
      }
    },
  }),
];
