import assert from 'node:assert/strict';
import { asJson, asProtobuf, everyLane, defineCheck, type Check, type CheckContext } from '../check.ts';
import type { Answer } from '../client.ts';
import {
  encode,
  gaugeRequest,
  logJson,
  logsRequest,
  pointJson,
  SPAN_ID,
  spanJson,
  spansRequest,
  TRACE_ID,
} from '../samples.ts';

const sendSpan = ({ lane, client }: CheckContext, changes: object): Promise<Answer> =>
  client.send('traces', encode(lane, 'traces', spansRequest(spanJson(changes))));

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** Rows about values, most of them of OTLP/JSON: R19 to R25. */
export const VALUE_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'R19',
    level: 'rule',
    title: 'reads ids as hex of either case, everywhere, and other bytes as base64',
    appliesTo: asJson,
    async run(context) {
      const { lane, rig, client } = context;
      const upper = { traceId: TRACE_ID.toUpperCase(), spanId: SPAN_ID.toUpperCase() };
      const attributes = [{ key: 'raw', value: { bytesValue: 'q80=' } }];
      const span = { ...upper, parentSpanId: 'ABCDEF0123456789', links: [upper], attributes };
      assert.equal((await sendSpan(context, span)).verdict, 'success');
      const logs = encode(lane, 'logs', logsRequest(logJson(upper)));
      assert.equal((await client.send('logs', logs)).verdict, 'success');
      const exemplars = [{ ...upper, asDouble: 1 }];
      const metrics = encode(lane, 'metrics', gaugeRequest(pointJson({ exemplars })));
      assert.equal((await client.send('metrics', metrics)).verdict, 'success');
      const [stored] = rig.spans();
      const [point] = rig.points();
      const exemplar = point && 'exemplars' in point ? point.exemplars[0] : undefined;
      assert.deepEqual(
        [stored?.traceId, stored?.links[0]?.traceId, rig.logs()[0]?.traceId, exemplar?.traceId].map(hex),
        [TRACE_ID, TRACE_ID, TRACE_ID, TRACE_ID],
      );
      assert.deepEqual([stored?.spanId, stored?.parentSpanId].map(hex), [SPAN_ID, 'abcdef0123456789']);
      assert.deepEqual(stored?.attributes[0]?.value, { bytesValue: Uint8Array.of(0xab, 0xcd) });
    },
  }),
  defineCheck({
    id: 'R20',
    level: 'MUST',
    title: 'reads enums as integers and refuses their names instead of guessing',
    appliesTo: asJson,
    async run(context) {
      assert.equal((await sendSpan(context, { kind: 3, status: { code: 2 } })).verdict, 'success');
      assert.equal(context.rig.spans()[0]?.kind, 3);
      for (const wrong of [
        { kind: 'SPAN_KIND_CLIENT' },
        { kind: '3' },
        { status: { code: 'STATUS_CODE_ERROR' } },
      ]) {
        const answer = await sendSpan(context, wrong);
        assert.equal(answer.verdict, 'bad-data');
        assert.match(answer.status.message, /expected the integer of an enum value/);
      }
      assert.equal(context.rig.delivered(), 1);
    },
  }),
  defineCheck({
    id: 'R21',
    level: 'MUST',
    title: 'ignores JSON fields that it does not know, whatever they hold',
    appliesTo: asJson,
    async run(context) {
      const unknown = { futureField: { deep: [1, null, { text: '}"]\\' }], 'traceId"': true } };
      assert.equal((await sendSpan(context, { ...unknown, name: 'known' })).verdict, 'success');
      const { lane, client } = context;
      const request = { ...unknown, ...spansRequest(spanJson({ name: 'known' })), more: [[[]]] };
      assert.equal((await client.send('traces', encode(lane, 'traces', request))).verdict, 'success');
      assert.deepEqual(
        context.rig.spans().map(({ name }) => name),
        ['known', 'known'],
      );
    },
  }),
  defineCheck({
    id: 'R22',
    level: 'rule',
    title: 'knows lowerCamelCase names alone: those of the .proto files are unknown fields',
    appliesTo: asJson,
    async run(context) {
      const changes = { dropped_attributes_count: 7, droppedEventsCount: 3, trace_state: 'a=b' };
      assert.equal((await sendSpan(context, changes)).verdict, 'success');
      const [span] = context.rig.spans();
      assert.deepEqual(
        [span?.droppedAttributesCount, span?.droppedEventsCount, span?.traceState],
        [0, 3, ''],
      );
    },
  }),
  defineCheck({
    id: 'R23',
    level: 'rule',
    title: 'reads 64-bit integers from strings and from numbers, and writes them as strings',
    appliesTo: asJson,
    async run({ rig, client }) {
      const text = (value: string): string =>
        `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":${value},"asInt":${value}}]}}]}]}]}`;
      for (const value of ['"1700000000123456789"', '1700000000123456789']) {
        assert.equal((await client.send('metrics', Buffer.from(text(value)))).verdict, 'success', value);
      }
      for (const point of rig.points()) {
        assert.equal(point.timeUnixNano, 1_700_000_000_123_456_789n);
        assert.equal('asInt' in point ? point.asInt : undefined, 1_700_000_000_123_456_789n);
      }
      const partly = JSON.stringify(spansRequest(spanJson({ traceId: 'ab' })));
      const answer = await client.send('traces', Buffer.from(partly));
      assert.match(answer.body.toString(), /"rejectedSpans":"1"/);
    },
  }),
  defineCheck({
    id: 'R24',
    level: 'rule',
    title: 'takes every kind of value: empty, bytes, mixed arrays, lists of pairs; and severity 0',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      const mixed = {
        values: [
          { stringValue: 'a' },
          { intValue: '-1' },
          {},
          { arrayValue: { values: [{ boolValue: true }] } },
        ],
      };
      const pairs = {
        values: [
          { key: 'k', value: { doubleValue: 0.5 } },
          { key: 'empty', value: {} },
        ],
      };
      const values = [
        {},
        { bytesValue: 'AP8=' },
        { arrayValue: mixed },
        { kvlistValue: pairs },
        { boolValue: false },
      ];
      const attributes = values.map((value, i) => ({ key: `k${i}`, value }));
      const request = logsRequest(
        ...values.map((body) => logJson({ body, severityNumber: 0 })),
        logJson({ attributes }),
      );
      const answer = await client.send('logs', encode(lane, 'logs', request));
      assert.equal(answer.verdict, 'success');
      assert.deepEqual(answer.response, {});
      const expected = [
        {},
        { bytesValue: Uint8Array.of(0, 255) },
        {
          arrayValue: {
            values: [
              { stringValue: 'a' },
              { intValue: -1n },
              {},
              { arrayValue: { values: [{ boolValue: true }] } },
            ],
          },
        },
        {
          kvlistValue: {
            values: [
              { key: 'k', value: { doubleValue: 0.5 } },
              { key: 'empty', value: {} },
            ],
          },
        },
        { boolValue: false },
      ];
      const logs = rig.logs();
      assert.deepEqual(
        logs.slice(0, 5).map(({ body }) => body),
        expected,
      );
      assert.deepEqual(
        logs[5]?.attributes.map(({ value }) => value),
        expected,
      );
      assert.equal(logs[0]?.severityNumber, 0);
    },
  }),
  defineCheck({
    id: 'R25',
    level: 'rule',
    title: 'treats string indexes, which only profiles have, as absent, and warns',
    appliesTo: asProtobuf,
    async run({ lane, rig, client }) {
      // Others for each signal: an attribute is looked into when it is first seen, and warned of then.
      const attributesOf = (index: number): object[] => [
        { key: 'by-index', value: { stringValueStrindex: index } },
        { keyStrindex: index, value: { stringValue: 'of a key by index' } },
        { key: 'plain', value: { stringValue: 'as ever' } },
      ];
      const answers: Answer[] = [];
      for (const [signal, request] of [
        ['traces', spansRequest(spanJson({ attributes: attributesOf(1) }))],
        ['logs', logsRequest(logJson({ attributes: attributesOf(2) }))],
        ['metrics', gaugeRequest(pointJson({ attributes: attributesOf(3) }))],
      ] as const) {
        const answer = await client.send(signal, encode(lane, signal, request));
        assert.equal(answer.verdict, 'success');
        answers.push(answer);
      }
      assert.deepEqual(
        rig.spans()[0]?.attributes.map(({ key, value }) => [key, value]),
        [
          ['by-index', {}],
          ['', { stringValue: 'of a key by index' }],
          ['plain', { stringValue: 'as ever' }],
        ],
      );
      for (const { response } of answers) {
        const partial = response['partialSuccess'] as Record<string, string> | undefined;
        assert.match(partial?.['errorMessage'] ?? '', /2 string-index-ignored/);
      }
    },
  }),
];
