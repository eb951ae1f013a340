import assert from 'node:assert/strict';
import { defineCheck, everyLane, type Check } from '../check.ts';
import { encode, NANOS, SPAN_ID, spanJson, spansRequest, TRACE_ID } from '../samples.ts';

/** Row D7: what receivers are seen to lose. */
export const KEPT_FIELD_CHECKS: readonly Check[] = [
  defineCheck({
    id: 'D7',
    level: 'practice',
    title: 'keeps flags, temporality, zero threshold, the mark of no value, and exemplars',
    appliesTo: everyLane,
    async run({ lane, rig, client }) {
      // Sampled, and bits 8 and 9: whether the parent is remote is known, and it is.
      const links = [{ traceId: TRACE_ID, spanId: SPAN_ID, flags: 1 }];
      const spans = encode(lane, 'traces', spansRequest(spanJson({ flags: 0x301, links })));
      assert.equal((await client.send('traces', spans)).verdict, 'success');
      const [span] = rig.spans();
      assert.deepEqual([span?.flags, span?.links[0]?.flags], [0x301, 1]);
      const exemplars = [
        {
          timeUnixNano: NANOS,
          asInt: '9',
          traceId: TRACE_ID,
          spanId: SPAN_ID,
          filteredAttributes: [{ key: 'user', value: { stringValue: 'u1' } }],
        },
      ];
      const point = { timeUnixNano: NANOS, startTimeUnixNano: NANOS };
      const metrics = [
        {
          name: 'delta',
          sum: {
            aggregationTemporality: 1,
            isMonotonic: true,
            dataPoints: [{ ...point, asInt: '5', exemplars }],
          },
        },
        { name: 'gone', gauge: { dataPoints: [{ ...point, flags: 1 }] } },
        {
          name: 'exponential',
          exponentialHistogram: {
            aggregationTemporality: 2,
            dataPoints: [
              {
                ...point,
                count: '3',
                sum: 4.5,
                scale: -2,
                zeroCount: '1',
                zeroThreshold: 0.25,
                positive: { offset: -3, bucketCounts: ['2'] },
              },
            ],
          },
        },
      ];
      const request = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
      assert.equal((await client.send('metrics', encode(lane, 'metrics', request))).verdict, 'success');
      const [delta, gone, exponential] = rig.points();
      assert.deepEqual(delta && 'exemplars' in delta ? delta.exemplars[0] : undefined, {
        filteredAttributes: [{ key: 'user', value: { stringValue: 'u1' } }],
        timeUnixNano: BigInt(NANOS),
        asInt: 9n,
        spanId: new Uint8Array(Buffer.from(SPAN_ID, 'hex')),
        traceId: new Uint8Array(Buffer.from(TRACE_ID, 'hex')),
      });
      assert.equal(gone?.flags, 1);
      assert.ok(gone.kind === 'gauge' && gone.asInt === undefined && gone.asDouble === undefined);
      assert.ok(exponential?.kind === 'exponentialHistogram');
      assert.deepEqual(
        [exponential.zeroThreshold, exponential.scale, exponential.positive],
        [0.25, -2, { offset: -3, bucketCounts: [2n] }],
      );
      assert.deepEqual(
        rig.metrics().map(({ name, temporality, isMonotonic }) => [name, temporality, isMonotonic]),
        [
          ['delta', 1, true],
          ['gone', 0, false],
          ['exponential', 2, false],
        ],
      );
    },
  }),
];
