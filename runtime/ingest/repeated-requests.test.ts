import { randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import type { AppendOutcome, JournalRecord } from '../journal/index.ts';
import { KnownRequests } from './known-requests.ts';
import { recogniseRepeats } from './repeated-requests.ts';

const HOUR_MS = 3_600_000;

function record(text: string): JournalRecord {
  return {
    signal: 'traces',
    encoding: 'protobuf',
    itemCount: 1,
    receivedAtUnixMs: 1_000,
    bytes: Buffer.from(text),
  };
}

function setUp() {
  const delivered: string[] = [];
  const settle: ((outcome: AppendOutcome | Error) => void)[] = [];
  const known = new KnownRequests({
    keepMs: HOUR_MS,
    maxDigests: 2 ** 20,
    archivedThrough: () => 0,
    now: () => 1_000,
  });
  const journal = recogniseRepeats(
    {
      digest: ({ bytes }) => Buffer.alloc(16, bytes),
      append(each, deliver) {
        expect(each.digest).toEqual(Buffer.alloc(16, each.bytes));
        return new Promise((resolve, reject) => {
          settle.push((outcome) => {
            if (outcome instanceof Error) {
              reject(outcome);
              return;
            }
            if ('segment' in outcome) deliver(outcome.segment);
            resolve(outcome);
          });
        });
      },
    },
    known,
  );
  const append = (text: string) => journal.append(record(text), () => delivered.push(text));
  return { append, delivered, settle, known };
}

describe('a request that comes again', () => {
  it('is acknowledged and not delivered, and others are', async () => {
    const { append, delivered, settle } = setUp();
    const first = append('a');
    settle.shift()?.({ segment: 3 });
    expect(await first).toEqual({ segment: 3 });
    expect(await append('a')).toEqual({ repeated: true });
    const other = append('b');
    settle.shift()?.({ segment: 3 });
    expect(await other).toEqual({ segment: 3 });
    expect(delivered).toEqual(['a', 'b']);
  });

  it('waits for the first, while that is being written, and shares its outcome', async () => {
    const { append, delivered, settle } = setUp();
    const answered = vi.fn();
    const [first, second] = [append('a'), append('a')];
    second.then(answered, answered);
    await Promise.resolve();
    expect(settle).toHaveLength(1);
    expect(answered).not.toHaveBeenCalled();
    settle.shift()?.({ segment: 1 });
    expect([await first, await second]).toEqual([{ segment: 1 }, { repeated: true }]);
    expect(delivered).toEqual(['a']);
  });

  it('is taken as new when the first was refused or failed', async () => {
    const { append, delivered, settle } = setUp();
    const refused = [append('a'), append('a')];
    settle.shift()?.({ refused: 'journal-full' });
    expect(await Promise.all(refused)).toEqual([{ refused: 'journal-full' }, { refused: 'journal-full' }]);
    const failed = append('a');
    settle.shift()?.(new Error('a bug'));
    await expect(failed).rejects.toThrow('a bug');
    const third = append('a');
    settle.shift()?.({ segment: 2 });
    expect(await third).toEqual({ segment: 2 });
    expect(delivered).toEqual(['a']);
  });
});

describe('known requests', () => {
  const digests = (count: number): Uint8Array[] => Array.from({ length: count }, () => randomBytes(16));

  it('are found by all bytes of their digest, and nothing else is', () => {
    const known = new KnownRequests({
      keepMs: 0,
      maxDigests: 2 ** 20,
      archivedThrough: () => 0,
      now: () => 0,
    });
    const base = Buffer.alloc(16, 7);
    known.note(base, 1, 0);
    expect(known.has(base)).toBe(true);
    for (let bit = 0; bit < 128; bit += 1) {
      const other = Buffer.from(base);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(known.has(other)).toBe(false);
    }
    // Same slot, and one that begins like an empty one.
    const zero = Buffer.alloc(16);
    expect(known.has(zero)).toBe(false);
    known.note(zero, 1, 0);
    expect(known.has(zero)).toBe(true);
    expect(known.count).toBe(2);
  });

  it('are all kept up to the bound, and the oldest are forgotten beyond', () => {
    const known = new KnownRequests({
      keepMs: HOUR_MS,
      maxDigests: 4 * 2 ** 16,
      archivedThrough: () => 0,
      now: () => 0,
    });
    const all = digests(5 * 2 ** 16);
    for (const digest of all) known.note(digest, 1, 0);
    expect(known.count).toBeLessThanOrEqual(4 * 2 ** 16);
    expect(all.slice(-3 * 2 ** 16).filter((digest) => !known.has(digest))).toEqual([]);
    expect(all.slice(0, 2 ** 16).filter((digest) => known.has(digest))).toEqual([]);
    expect(digests(10_000).filter((digest) => known.has(digest))).toEqual([]);
  });

  it('are forgotten when they are old and archived, not before', () => {
    let nowMs = 0;
    let archivedThrough = 0;
    const known = new KnownRequests({
      keepMs: HOUR_MS,
      maxDigests: 2 ** 20,
      archivedThrough: () => archivedThrough,
      now: () => nowMs,
    });
    const old = digests(2 ** 16);
    for (const digest of old) known.note(digest, 5, nowMs);
    const fill = (): void => {
      for (const digest of digests(2 ** 16)) known.note(digest, 6, nowMs);
    };
    nowMs = HOUR_MS + 1;
    fill();
    expect(known.has(old[0] ?? new Uint8Array(16))).toBe(true);
    archivedThrough = 5;
    fill();
    expect(known.has(old[0] ?? new Uint8Array(16))).toBe(false);
  });
});
