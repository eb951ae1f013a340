import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { SIGNALS } from '../../../proto/columns/index.ts';
import { configFrom } from '../../../runtime/config/index.ts';
import { asProtobuf, everyLane, overGrpc, overHttp, defineCheck, type Check } from '../check.ts';
import { encode, requestOf, spanJson, spansRequest } from '../samples.ts';

/** Rows about what comes in: R1, R2, R4, R17, R18, R26, R27. */
export const REQUEST_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'R1',
    level: 'MUST',
    title: 'takes every signal without compression and with gzip',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      for (const signal of SIGNALS) {
        const bytes = encode(lane, signal, requestOf(signal, 3));
        for (const answer of [
          await client.send(signal, bytes),
          await client.send(signal, bytes, { compression: 'identity' }),
          await client.send(signal, gzipSync(bytes), { compression: 'gzip' }),
        ]) {
          assert.equal(answer.verdict, 'success');
        }
      }
      assert.equal(rig.delivered(), 27);
    },
  }),
  defineCheck({
    id: 'R2',
    level: 'MUST',
    title: 'refuses what is larger than the limit as sent, for good, and names the setting',
    appliesTo: everyLane,
    async run({ rig, client }) {
      const tooLarge = Buffer.alloc(rig.options.maxRequestBytes + 1, 0x20);
      const answer = await client.send('traces', tooLarge);
      assert.equal(answer.verdict, 'too-large');
      assert.equal(answer.status.code, 8);
      assert.equal(answer.status.retryDelayMs, undefined);
      assert.match(answer.status.message, /larger than 200000 bytes.*OPHION_OTLP_MAX_REQUEST_BYTES/);
      assert.equal(rig.requests(), 0);
    },
  }),
  defineCheck({
    id: 'R2',
    level: 'MUST',
    title: 'takes a request of exactly the limit, compressed or not',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const { maxRequestBytes } = rig.options;
      const bytes = paddedTo(maxRequestBytes, lane.encoding, encode(lane, 'traces', requestOf('traces', 1)));
      assert.equal(bytes.length, maxRequestBytes);
      assert.equal((await client.send('traces', bytes)).verdict, 'success');
      assert.equal(
        (await client.send('traces', gzipSync(bytes), { compression: 'gzip' })).verdict,
        'success',
      );
      const over = gzipSync(Buffer.concat([bytes, Buffer.from(' ')]));
      const answer = await client.send('traces', over, { compression: 'gzip' });
      assert.equal(answer.verdict, 'too-large');
      assert.equal(answer.status.retryDelayMs, undefined);
      assert.equal(rig.delivered(), 2);
    },
  }),
  defineCheck({
    id: 'R2',
    level: 'MUST',
    title: 'refuses a body that grows beyond the limit without having announced its length',
    appliesTo: overHttp,
    async run({ rig, client }) {
      const tooLarge = Buffer.alloc(3 * rig.options.maxRequestBytes, 0x20);
      const answer = await client.send('traces', tooLarge, { headers: { 'transfer-encoding': 'chunked' } });
      assert.equal(answer.verdict, 'too-large');
      assert.equal(rig.receiver.budget.usedBytes, 0);
    },
  }),
  defineCheck({
    id: 'R2',
    level: 'SHOULD',
    title: 'has a limit that can be set, and is 64 MiB otherwise',
    appliesTo: overGrpc,
    run() {
      assert.equal(configFrom({}, {}, '').otlpMaxRequestBytes, 64 * 2 ** 20);
      const set = configFrom({ OPHION_OTLP_MAX_REQUEST_BYTES: '20MiB' }, {}, '');
      assert.equal(set.otlpMaxRequestBytes, 20 * 2 ** 20);
      return Promise.resolve();
    },
  }),
  defineCheck({
    id: 'R4',
    level: 'SHOULD',
    title: 'answers an empty request, and empty envelopes, with success',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const envelopes = { traces: 'resourceSpans', metrics: 'resourceMetrics', logs: 'resourceLogs' };
      const scopes = { traces: 'scopeSpans', metrics: 'scopeMetrics', logs: 'scopeLogs' };
      for (const signal of SIGNALS) {
        for (const json of [
          {},
          { [envelopes[signal]]: [{}] },
          { [envelopes[signal]]: [{ [scopes[signal]]: [{}] }] },
        ]) {
          const answer = await client.send(signal, encode(lane, signal, json));
          assert.equal(answer.verdict, 'success');
          assert.deepEqual(answer.response, {});
        }
      }
      assert.equal(rig.delivered(), 0);
    },
  }),
  defineCheck({
    id: 'R17',
    level: 'rule',
    title: 'listens on 4317 and 4318 unless told otherwise',
    appliesTo: overGrpc,
    run() {
      const { otlpGrpcPort, otlpHttpPort } = configFrom({}, {}, '');
      assert.deepEqual([otlpGrpcPort, otlpHttpPort], [4317, 4318]);
      return Promise.resolve();
    },
  }),
  defineCheck({
    id: 'R17',
    level: 'rule',
    title: 'takes POST /v1/traces, /v1/metrics, /v1/logs; another path is 404 and names these',
    appliesTo: overHttp,
    async run({ lane, client, http }) {
      for (const signal of SIGNALS) {
        assert.equal((await client.send(signal, encode(lane, signal, requestOf(signal, 1)))).code, 200);
      }
      for (const path of ['/v1/trace', '/v1/traces/', '/', '/v1/constructor', '/V1/TRACES']) {
        const headers = {
          'content-type': lane.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        };
        const answer = await http.request({ method: 'POST', path, headers, body: Buffer.from('{}') });
        assert.equal(answer.code, 404, path);
        assert.match(answer.status.message, /\/v1\/traces, \/v1\/metrics, \/v1\/logs/);
      }
    },
  }),
  defineCheck({
    id: 'R18',
    level: 'SHOULD',
    title: 'takes both encodings at one port and over one connection, by content type, however it is spelled',
    appliesTo: overHttp,
    async run({ rig, http }) {
      const json = requestOf('logs', 1);
      const connections = new Set<number>();
      for (const [type, encoding] of [
        ['application/json', 'json'],
        ['application/x-protobuf', 'protobuf'],
        ['application/json; charset=utf-8', 'json'],
        ['Application/JSON', 'json'],
        ['application/protobuf', 'protobuf'],
      ] as const) {
        const body = encode({ encoding } as Parameters<typeof encode>[0], 'logs', json);
        const answer = await http.request({
          method: 'POST',
          path: '/v1/logs',
          headers: { 'content-type': type },
          body,
        });
        assert.equal(answer.code, 200, type);
        connections.add(answer.connection);
      }
      assert.equal(connections.size, 1);
      assert.equal(rig.delivered(), 5);
    },
  }),
  defineCheck({
    id: 'R18',
    level: 'MAY',
    title: 'answers over HTTP/1.1 a client that would rather have upgraded to HTTP/2',
    appliesTo: overHttp,
    async run({ lane, rig, client }) {
      const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)), {
        headers: {
          connection: 'Upgrade, HTTP2-Settings',
          upgrade: 'h2c',
          'http2-settings': 'AAMAAABkAAQAAP__',
        },
      });
      assert.equal(answer.code, 200);
      assert.equal(rig.delivered(), 1);
    },
  }),
  defineCheck({
    id: 'R26',
    level: 'rule',
    title: 'acknowledges a request sent again after a lost answer like the first time',
    appliesTo: everyLane,
    async run({ lane, rig, client, connect }) {
      const bytes = encode(lane, 'traces', requestOf('traces', 2, 1));
      const release = rig.holdJournal();
      const lost = connect();
      const unanswered = lost.send('traces', bytes).then(
        () => 'answered',
        () => 'lost',
      );
      while (rig.requests() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      lost.close();
      assert.notEqual(await unanswered, 'answered');
      release();
      const first = await client.send('traces', bytes);
      const again = await client.send('traces', bytes);
      for (const answer of [first, again]) {
        assert.equal(answer.verdict, 'success');
        assert.match(JSON.stringify(answer.response), /"rejectedSpans":"1"/);
      }
      assert.deepEqual(rig.errors, []);
    },
  }),
  defineCheck({
    id: 'R27',
    level: 'rule',
    title: 'ignores protobuf fields that it does not know, in the request and inside items',
    appliesTo: asProtobuf,
    async run({ lane, rig, client }) {
      const request = encode(lane, 'traces', spansRequest(spanJson({ name: 'new client' })));
      // Fields 1000 (bytes) and 1001 (varint), behind the request.
      const unknown = Buffer.from([0xc2, 0x3e, 2, 1, 2, 0xc8, 0x3e, 7]);
      assert.equal((await client.send('traces', Buffer.concat([request, unknown]))).verdict, 'success');
      assert.equal((await client.send('traces', withUnknownInSpan(request, unknown))).verdict, 'success');
      assert.deepEqual(
        rig.spans().map(({ name }) => name),
        ['new client', 'new client'],
      );
    },
  }),
];

/** The request of one span, with `unknown` behind the span's own fields. */
function withUnknownInSpan(request: Buffer, unknown: Buffer): Buffer {
  const grow = (bytes: Buffer, depth: number): Buffer => {
    if (depth === 0) return Buffer.concat([bytes, unknown]);
    const fields = fieldsOf(bytes);
    return Buffer.concat(
      fields.map(({ tag, content }, index) =>
        // The innermost list is the last field of each message around it.
        field(tag, index === fields.length - 1 ? grow(content, depth - 1) : content),
      ),
    );
  };
  return grow(request, 3);
}

/** Of a message whose fields all have a length below 16,384. */
function fieldsOf(bytes: Buffer): { readonly tag: number; readonly content: Buffer }[] {
  const fields: { tag: number; content: Buffer }[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at);
    const low = bytes.readUInt8(at + 1);
    const isLong = low > 127;
    const length = isLong ? (low & 127) | (bytes.readUInt8(at + 2) << 7) : low;
    const start = at + (isLong ? 3 : 2);
    fields.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return fields;
}

function field(tag: number, content: Buffer): Buffer {
  const { length } = content;
  return Buffer.concat([Buffer.from([tag, (length & 127) | 128, length >> 7]), content]);
}

/** Spaces in JSON; an unknown field in protobuf. */
function paddedTo(length: number, encoding: 'protobuf' | 'json', bytes: Buffer): Buffer {
  if (encoding === 'json') return Buffer.concat([bytes, Buffer.alloc(length - bytes.length, 0x20)]);
  // A tag of two bytes, a length of three.
  const size = length - bytes.length - 5;
  const head = Buffer.from([0xc2, 0x3e, (size & 127) | 128, ((size >> 7) & 127) | 128, size >> 14]);
  return Buffer.concat([bytes, head, Buffer.alloc(size)]);
}
