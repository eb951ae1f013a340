import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { SIGNALS } from '../../../proto/columns/index.ts';
import { everyLane, overGrpc, defineCheck, REFUSALS, type Check } from '../check.ts';
import { encode, NANOS, REJECTED_FIELD, requestOf, spanJson, spansRequest } from '../samples.ts';

/** Rows about what is answered: R3, R5 to R10, R14. */
export const REPLY_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'R3',
    level: 'MUST',
    title: 'keeps an answer below 4 MiB by cutting the error message; the count stays exact',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      rig.answerWith({ type: 'accepted', rejected: 7, message: '\u0001'.repeat(5_000_000) });
      const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
      assert.equal(answer.verdict, 'success');
      assert.ok(answer.body.length <= 4 * 2 ** 20, `${answer.body.length} bytes`);
      const partial = answer.response['partialSuccess'] as Record<string, string>;
      assert.equal(partial['rejectedSpans'], '7');
      assert.ok((partial['errorMessage'] ?? '').length > 1_000);
    },
  }),
  defineCheck({
    id: 'R5',
    level: 'MUST',
    title: 'leaves partial_success unset on full success',
    appliesTo: everyLane,
    async run({ lane, client }) {
      for (const signal of SIGNALS) {
        const answer = await client.send(signal, encode(lane, signal, requestOf(signal, 3)));
        assert.equal(answer.verdict, 'success');
        assert.equal(answer.body.toString(), lane.encoding === 'json' ? '{}' : '');
      }
    },
  }),
  defineCheck({
    id: 'R6',
    level: 'MUST',
    title: 'answers success with the exact number of rejected items and why, for each signal',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      for (const signal of SIGNALS) {
        const answer = await client.send(signal, encode(lane, signal, requestOf(signal, 3, 2)));
        assert.equal(answer.verdict, 'success');
        const partial = answer.response['partialSuccess'] as Record<string, string>;
        assert.equal(partial[REJECTED_FIELD[signal]], '2');
        const reason = signal === 'metrics' ? 'bucket-counts-mismatch' : 'trace-id-invalid';
        assert.match(partial['errorMessage'] ?? '', new RegExp(`^2 of 5 [a-z ]+ rejected: 2 ${reason}`));
      }
      assert.equal(rig.delivered(), 9);
    },
  }),
  defineCheck({
    id: 'R6',
    level: 'MUST',
    title: 'counts each reason: ids, name, times, values',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const request = spansRequest(
        spanJson(),
        spanJson({ traceId: '0af765' }),
        spanJson({ spanId: '' }),
        spanJson({ spanId: 'b7ad' }),
        spanJson({ parentSpanId: 'b7ad' }),
        spanJson({ name: '' }),
        spanJson({ kind: 4_000 }),
      );
      const answer = await client.send('traces', encode(lane, 'traces', request));
      assert.equal(answer.verdict, 'success');
      const partial = answer.response['partialSuccess'] as Record<string, string>;
      assert.equal(partial['rejectedSpans'], '6');
      const message = partial['errorMessage'] ?? '';
      for (const part of [
        '6 of 7 spans rejected',
        '1 trace-id-invalid',
        '2 span-id-invalid',
        '1 parent-span-id-invalid',
        '1 name-missing',
        '1 value-out-of-range',
      ]) {
        assert.ok(message.includes(part), `${part} is not in: ${message}`);
      }
      assert.equal(rig.delivered(), 1);
    },
  }),
  defineCheck({
    id: 'R6',
    level: 'MUST',
    title: 'rejects a span that ends before it starts by more than clocks differ, or has no end',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const beforeNanos = (seconds: number): string =>
        String(BigInt(NANOS) - BigInt(seconds) * 1_000_000_000n);
      const request = spansRequest(
        spanJson({ endTimeUnixNano: beforeNanos(59) }),
        spanJson({ endTimeUnixNano: beforeNanos(61) }),
        spanJson({ endTimeUnixNano: '0' }),
      );
      const answer = await client.send('traces', encode(lane, 'traces', request));
      assert.equal(answer.verdict, 'success');
      const partial = answer.response['partialSuccess'] as Record<string, string> | undefined;
      assert.equal(partial?.['rejectedSpans'], '2');
      assert.match(partial['errorMessage'] ?? '', /2 end-before-start/);
      assert.equal(rig.delivered(), 1);
    },
  }),
  defineCheck({
    id: 'R7',
    level: 'MUST',
    title: 'warns with 0 rejected items and a message when items were accepted without all they held',
    appliesTo: ({ encoding }) => encoding === 'protobuf',
    async run({ lane, rig, client }) {
      const attribute = { key: 'by-index', value: { stringValueStrindex: 3 } };
      const request = spansRequest(spanJson({ attributes: [attribute] }));
      const answer = await client.send('traces', encode(lane, 'traces', request));
      assert.equal(answer.verdict, 'success');
      const partial = answer.response['partialSuccess'] as Record<string, string> | undefined;
      assert.equal(partial?.['rejectedSpans'] ?? '0', '0');
      assert.match(partial?.['errorMessage'] ?? '', /1 string-index-ignored/);
      assert.equal(rig.delivered(), 1);
    },
  }),
  defineCheck({
    id: 'R8',
    level: 'SHOULD',
    title: 'answers bad data with INVALID_ARGUMENT and what may pass with UNAVAILABLE',
    appliesTo: overGrpc,
    async run({ lane, rig, client }) {
      const bytes = encode(lane, 'traces', requestOf('traces', 2));
      const bad = await client.send('traces', bytes.subarray(0, -3));
      assert.equal(bad.code, 3);
      assert.deepEqual(bad.status.violations, [bad.status.message]);
      rig.refuse('window-full');
      const later = await client.send('traces', bytes);
      assert.equal(later.code, 14);
      assert.equal(later.status.violations, undefined);
      rig.refuse(undefined);
      assert.equal((await client.send('traces', bytes)).verdict, 'success');
    },
  }),
  defineCheck({
    id: 'R9',
    level: 'rule',
    title: 'refuses for a time with UNAVAILABLE alone; INTERNAL is a bug; nothing retryable is final',
    appliesTo: overGrpc,
    async run({ lane, rig, client }) {
      const bytes = encode(lane, 'traces', requestOf('traces', 1));
      for (const reason of REFUSALS) {
        rig.refuse(reason);
        assert.equal((await client.send('traces', bytes)).code, 14, reason);
      }
      rig.refuse(undefined);
      const tooLarge = await client.send('traces', Buffer.alloc(rig.options.maxRequestBytes + 1));
      assert.equal(tooLarge.code, 8);
      assert.equal(tooLarge.status.retryDelayMs, undefined);
      rig.break();
      assert.equal((await client.send('traces', bytes)).code, 13);
    },
  }),
  defineCheck({
    id: 'R10',
    level: 'SHOULD',
    title: 'says by RetryInfo when to try again, to the millisecond',
    appliesTo: overGrpc,
    async run({ lane, rig, client }) {
      rig.answerWith({ type: 'refused', reason: 'draining', retryAfterMs: 2_345 });
      const answer = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
      assert.equal(answer.code, 14);
      assert.deepEqual(answer.status, { code: 14, message: 'draining', retryDelayMs: 2_345 });
    },
  }),
  defineCheck({
    id: 'R14',
    level: 'MUST',
    title:
      'refuses what cannot be decoded, or not be decompressed, for good, with BadRequest; the connection lives on',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      for (const signal of SIGNALS) {
        const bytes = encode(lane, signal, requestOf(signal, 2));
        const packed = gzipSync(bytes);
        for (const answer of [
          await client.send(signal, bytes.subarray(0, -3)),
          await client.send(signal, bytes, { compression: 'gzip' }),
          await client.send(signal, packed.subarray(0, -9), { compression: 'gzip' }),
        ]) {
          assert.equal(answer.verdict, 'bad-data');
          assert.deepEqual(answer.status.violations, [answer.status.message]);
          assert.equal(answer.status.code, 3);
        }
        assert.equal((await client.send(signal, packed, { compression: 'gzip' })).verdict, 'success');
      }
      assert.equal(rig.delivered(), 6);
    },
  }),
];
