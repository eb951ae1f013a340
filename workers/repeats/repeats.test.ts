import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { createDecoder, jsonToWire } from '../decode/index.ts';
import { countRepeats, joinRepeats } from './index.ts';

const RANGE = { fromMs: 0, toMs: 1e9 };

interface Line {
  readonly text: string;
  readonly user: string;
  readonly trace?: string;
}

/** Each call is of a decoder of its own: codes differ. */
function batchesOf(lines: readonly Line[]): readonly ServiceBatch[] {
  const logRecords = lines.map(({ text, user, trace }) => ({
    ...{ timeUnixNano: '1000000000', severityNumber: 9, body: { stringValue: text } },
    ...(trace !== undefined && { traceId: trace }),
    attributes: [{ key: 'user', value: { stringValue: user } }],
  }));
  const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }];
  const request = { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] };
  const wire = jsonToWire('logs', Buffer.from(JSON.stringify(request)));
  if ('undecodable' in wire) throw new Error(wire.reason);
  const result = createDecoder().decode('logs', wire);
  if ('undecodable' in result) throw new Error(result.reason);
  return result.batches;
}

it('counts are never too high, and too low by little, whichever threads had the lines', () => {
  const line = fc.record({ text: fc.constantFrom('a', 'b', 'c'), user: fc.nat(60).map(String) });
  const common = fc.constant({ text: 'waiting', user: '1' });
  const lines = fc.array(fc.oneof(line, common), { minLength: 1, maxLength: 400 });
  fc.assert(
    fc.property(lines, lines, (one, other) => {
      const shares = [one, other].map((some) => countRepeats(RANGE, { batches: batchesOf(some) }));
      const [found] = joinRepeats(shares);
      const all = [...one, ...other];
      expect(found?.total).toBe(all.length);
      const exact = all.filter(({ text }) => text === 'waiting').length;
      const counted = found?.lines.find(({ text }) => text === 'waiting')?.count ?? 0;
      expect(counted).toBeLessThanOrEqual(exact);
      expect(counted).toBeGreaterThanOrEqual(exact - one.length / 65 - other.length / 65 - 1e-9);
    }),
    { numRuns: 50 },
  );
});

it('a line of each of many requests is not the same line', () => {
  const lines = Array.from({ length: 100 }, (_, at) => ({
    ...{ text: 'charged', user: '1', trace: `${at + 1}`.padStart(32, 'a') },
  }));
  const [found] = countRepeats(RANGE, { batches: batchesOf(lines) });
  expect(found?.total).toBe(100);
  expect(found?.lines.every(({ count }) => count <= 2)).toBe(true);
});
