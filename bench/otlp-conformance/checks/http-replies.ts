import assert from 'node:assert/strict';
import { SIGNALS } from '../../../proto/columns/index.ts';
import { defineCheck, overHttp, REFUSALS, type Check, type CheckContext } from '../check.ts';
import type { Answer } from '../client.ts';
import { CONTENT_TYPE } from '../http-client.ts';
import { encode, requestOf } from '../samples.ts';

/** Rows about what HTTP answers: R11 to R13, R15, R16. */
export const HTTP_REPLY_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'R11',
    level: 'MUST',
    title: 'answers every failure with a google.rpc.Status in the encoding of the request',
    appliesTo: overHttp,
    async run(context) {
      for (const { code, answer } of await failures(context)) {
        assert.equal(answer.code, code);
        assert.equal(answer.headers['content-type'], CONTENT_TYPE[encodingOf(context)], `of ${code}`);
        assert.ok(answer.status.message.length > 10, `message of ${code}`);
        assert.ok(answer.status.code > 0, `code of ${code}`);
      }
      assert.doesNotMatch(
        (await failures(context)).map(({ answer }) => String(answer.body)).join(),
        /secret/,
      );
    },
  }),
  defineCheck({
    id: 'R12',
    level: 'rule',
    title: 'uses a retryable code for what passes, and for nothing else',
    appliesTo: overHttp,
    async run(context) {
      const { lane, rig, client } = context;
      const retryable = [429, 502, 503, 504];
      for (const { code, answer } of await failures(context)) {
        assert.equal(retryable.includes(answer.code), code === 503, `of ${code}`);
      }
      for (const reason of REFUSALS) {
        rig.refuse(reason);
        const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
        assert.equal(answer.code, 503, reason);
      }
    },
  }),
  defineCheck({
    id: 'R13',
    level: 'SHOULD',
    title: 'says by Retry-After when to try again, in whole seconds and never too early',
    appliesTo: overHttp,
    async run({ lane, rig, client }) {
      for (const [retryAfterMs, seconds] of [
        [2_345, '3'],
        [3_000, '3'],
        [1, '1'],
        [1_000.5, '2'],
      ] as const) {
        rig.answerWith({ type: 'refused', reason: 'draining', retryAfterMs });
        const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
        assert.equal(answer.code, 503);
        assert.equal(answer.headers['retry-after'], seconds);
        assert.equal(answer.status.retryDelayMs, Math.ceil(retryAfterMs));
      }
    },
  }),
  defineCheck({
    id: 'R15',
    level: 'MUST',
    title: 'answers in the content type of the request',
    appliesTo: overHttp,
    async run(context) {
      const { lane, client } = context;
      for (const signal of SIGNALS) {
        for (const invalid of [0, 1]) {
          const answer = await client.send(signal, encode(lane, signal, requestOf(signal, 1, invalid)));
          assert.equal(answer.headers['content-type'], CONTENT_TYPE[encodingOf(context)]);
        }
      }
    },
  }),
  defineCheck({
    id: 'R16',
    level: 'MAY',
    title: 'compresses an answer with gzip only for a client that reads it, and where it pays',
    appliesTo: overHttp,
    async run({ lane, client }) {
      const bad = encode(lane, 'traces', requestOf('traces', 1)).subarray(0, -3);
      const coding = async (bytes: Buffer, accepted?: string): Promise<string | undefined> => {
        const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
        const answer = await client.send('traces', bytes, { headers });
        if (answer.code !== 200) assert.ok(answer.status.message.includes('cannot be read'));
        return answer.headers['content-encoding'];
      };
      assert.equal(await coding(bad, 'gzip'), 'gzip');
      assert.equal(await coding(bad, 'br;q=1.0, gzip;q=0.8, *;q=0.1'), 'gzip');
      for (const accepted of [undefined, 'identity', 'gzip;q=0', 'gzip;q=0.0, br']) {
        assert.equal(await coding(bad, accepted), undefined, accepted);
      }
      assert.equal(await coding(encode(lane, 'traces', requestOf('traces', 1)), 'gzip'), undefined);
    },
  }),
];

function encodingOf({ lane }: CheckContext): 'protobuf' | 'json' {
  return lane.encoding;
}

/** One answer of each kind of failure. */
async function failures({
  lane,
  rig,
  client,
  http,
}: CheckContext): Promise<{ readonly code: number; readonly answer: Answer }[]> {
  const body = encode(lane, 'traces', requestOf('traces', 1));
  const headers = { 'content-type': CONTENT_TYPE[lane.encoding] };
  const found = [
    { code: 400, answer: await client.send('traces', body.subarray(0, -3)) },
    { code: 404, answer: await http.request({ method: 'POST', path: '/v2/traces', headers, body }) },
    { code: 405, answer: await http.request({ method: 'PUT', path: '/v1/traces', headers, body }) },
    { code: 413, answer: await client.send('traces', Buffer.alloc(rig.options.maxRequestBytes + 1)) },
    { code: 415, answer: await client.send('traces', body, { compression: 'br' }) },
  ];
  rig.answerWith({ type: 'refused', reason: 'the journal is full', retryAfterMs: 1_000 });
  found.push({ code: 503, answer: await client.send('traces', body) });
  rig.break();
  found.push({ code: 500, answer: await client.send('traces', body) });
  rig.repair();
  return found;
}
