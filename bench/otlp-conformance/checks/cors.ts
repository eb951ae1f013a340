import assert from 'node:assert/strict';
import { configFrom } from '../../../runtime/config/index.ts';
import { defineCheck, overHttp, type Check } from '../check.ts';
import type { Answer } from '../client.ts';
import type { HttpClient } from '../http-client.ts';
import { encode, requestOf } from '../samples.ts';

const PAGE = 'https://shop.example';

const preflight = (http: HttpClient, origin: string): Promise<Answer> =>
  http.request({
    method: 'OPTIONS',
    path: '/v1/traces',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-team',
    },
    body: Buffer.alloc(0),
  });

/** Row D1. */
export const CORS_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'D1',
    level: 'practice',
    title: 'tells pages of configured origins, and of no others, what they may send',
    appliesTo: overHttp,
    rig: { corsOrigins: [PAGE, 'https://*.corp.example'] },
    async run({ http }) {
      for (const origin of [PAGE, 'https://a.corp.example', 'https://a.b.corp.example']) {
        const { code, headers } = await preflight(http, origin);
        assert.equal(code, 204);
        assert.equal(headers['access-control-allow-origin'], origin);
        assert.equal(headers['access-control-allow-methods'], 'POST, OPTIONS');
        assert.equal(
          headers['access-control-allow-headers'],
          'content-type, content-encoding, authorization, x-ophion-key, x-team',
        );
        assert.equal(headers['access-control-max-age'], '7200');
        assert.equal(headers['vary'], 'Origin');
      }
      for (const origin of [`${PAGE}.evil.example`, 'http://shop.example', 'https://corp.example', 'null']) {
        const { headers } = await preflight(http, origin);
        assert.equal(headers['access-control-allow-origin'], undefined, origin);
        assert.equal(headers['vary'], 'Origin');
      }
    },
  }),
  defineCheck({
    id: 'D1',
    level: 'practice',
    title: 'lets pages see every answer, refusals too',
    appliesTo: overHttp,
    async run({ lane, rig, client }) {
      const good = encode(lane, 'traces', requestOf('traces', 1));
      const headers = { origin: PAGE };
      const answers = [
        await client.send('traces', good, { headers }),
        await client.send('traces', good.subarray(0, -3), { headers }),
        await client.send('traces', Buffer.alloc(rig.options.maxRequestBytes + 1), { headers }),
        await client.send('traces', good, { headers, compression: 'br' }),
      ];
      rig.refuse('journal-full');
      answers.push(await client.send('traces', good, { headers }));
      assert.deepEqual(
        answers.map(({ code }) => code),
        [200, 400, 413, 415, 503],
      );
      for (const answer of answers) {
        assert.equal(answer.headers['access-control-allow-origin'], PAGE);
        assert.equal(answer.headers['access-control-expose-headers'], 'retry-after');
      }
    },
  }),
  defineCheck({
    id: 'D1',
    level: 'practice',
    title: 'permits any origin by *, and none when none is configured',
    appliesTo: overHttp,
    rig: { corsOrigins: ['*'] },
    async run({ http }) {
      const { headers } = await preflight(http, 'https://any.example');
      assert.equal(headers['access-control-allow-origin'], 'https://any.example');
      assert.deepEqual(configFrom({}, {}, '').otlpCorsOrigins, []);
    },
  }),
];
