import { describe, expect, it, vi } from 'vitest';
import type { ServiceBatch } from '../../proto/columns/index.ts';
import { createDecoder } from '../../workers/decode/index.ts';
import type { JournalRecord } from '../journal/index.ts';
import { journalSegments } from './journal-segments.ts';

function logs(count: number): JournalRecord {
  const logRecords = Array.from({ length: count }, (_, i) => ({ timeUnixNano: String(i + 1) }));
  return {
    signal: 'logs',
    encoding: 'json',
    itemCount: count,
    receivedAtUnixMs: 1,
    bytes: Buffer.from(JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })),
  };
}

describe('segments of the journal', () => {
  it('are decoded request by request, and others have their turn meanwhile', async () => {
    const records = Array.from({ length: 40 }, () => logs(500));
    const source = journalSegments({
      journal: {
        canRead: (segment) => segment === 3,
        // oxlint-disable-next-line typescript/require-await -- all at hand, as in a window of the file
        async *read() {
          yield* records;
        },
      },
      decoder: createDecoder(),
      onUndecodable: vi.fn(),
    });
    expect([source.has(3), source.has(4)]).toEqual([true, false]);
    let turns = 0;
    const count = (): void => {
      turns += 1;
      next = setImmediate(count);
    };
    let next = setImmediate(count);
    const all: (readonly ServiceBatch[])[] = [];
    for await (const batches of source.read(3)) all.push(batches);
    clearImmediate(next);
    expect(all.map((batches) => batches[0]?.batch.rowCount)).toEqual(records.map(() => 500));
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it('tell of a request that cannot be decoded, and go on', async () => {
    const onUndecodable = vi.fn();
    const broken: JournalRecord = { ...logs(1), bytes: Buffer.from('{') };
    const source = journalSegments({
      journal: {
        canRead: () => true,
        // oxlint-disable-next-line typescript/require-await -- all at hand, as in a window of the file
        async *read() {
          yield* [logs(1), broken, logs(2)];
        },
      },
      decoder: createDecoder(),
      onUndecodable,
    });
    const rows: number[] = [];
    for await (const batches of source.read(1)) for (const { batch } of batches) rows.push(batch.rowCount);
    expect(rows).toEqual([1, 2]);
    expect(onUndecodable).toHaveBeenCalledTimes(1);
    expect(onUndecodable.mock.calls[0]?.slice(0, 2)).toEqual([1, broken]);
  });
});
