import { describe, expect, it } from 'vitest';
import { SIGNALS, type Signal } from '../../proto/columns/index.ts';
import { countItems, createDecoder, jsonToWire } from './index.ts';

const attributes = [{ key: 'a', value: { stringValue: 'b' } }];
const span = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'n', attributes };
const point = { timeUnixNano: '1', asInt: '7', attributes };

const REQUESTS: Readonly<Record<Signal, object>> = {
  traces: {
    resourceSpans: [
      { scopeSpans: [{ spans: [span, { ...span, spanId: '' }] }, { spans: [] }] },
      { resource: { attributes }, scopeSpans: [{ spans: [span] }] },
    ],
  },
  logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }, {}, {}] }] }] },
  metrics: {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'g', gauge: { dataPoints: [point, point] } },
              { name: 'none' },
              { name: 'h', histogram: { dataPoints: [{ count: '1', bucketCounts: ['1'] }] } },
            ],
          },
        ],
      },
    ],
  },
};

function wireOf(signal: Signal): Uint8Array {
  const wire = jsonToWire(signal, Buffer.from(JSON.stringify(REQUESTS[signal])));
  if ('undecodable' in wire) throw new Error(wire.reason);
  return wire;
}

describe('countItems', () => {
  it.each([
    ['traces', 3],
    ['logs', 3],
    ['metrics', 3],
  ] as const)('counts the items of %s', (signal, count) => {
    expect(countItems(signal, wireOf(signal))).toBe(count);
    expect(countItems(signal, new Uint8Array(0))).toBe(0);
  });

  it('counts what the member of the oneof holds that was sent last', () => {
    const metric = (...data: number[][]): Uint8Array => {
      const body = data.flat();
      const scope = [0x12, body.length, ...body];
      return Uint8Array.from([10, scope.length + 2, 0x12, scope.length, ...scope]);
    };
    const onePoint = [10, 0];
    const gauge = [(5 << 3) | 2, 2, ...onePoint];
    const sum = [(7 << 3) | 2, 4, ...onePoint, ...onePoint];
    expect(countItems('metrics', metric(gauge, sum))).toBe(2);
    expect(countItems('metrics', metric(sum, gauge))).toBe(1);
    expect(countItems('metrics', metric(gauge, gauge))).toBe(2);
  });

  it('agrees with the decoder on damaged requests', () => {
    const decoder = createDecoder();
    let state = 12_345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let decodable = 0;
    for (const signal of SIGNALS) {
      const wire = wireOf(signal);
      for (let run = 0; run < 2_000; run += 1) {
        const damaged = wire.slice();
        for (let edit = random(3); edit >= 0; edit -= 1) damaged[random(damaged.length)] = random(256);
        const decoded = decoder.decode(signal, damaged);
        if ('undecodable' in decoded) continue;
        decodable += 1;
        expect(countItems(signal, damaged)).toBe(decoded.accepted + decoded.rejected);
      }
    }
    expect(decodable).toBeGreaterThan(1_000);
  });
});
