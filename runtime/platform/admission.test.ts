import { describe, expect, it } from 'vitest';
import type { RequestJournal } from '../ingest/index.ts';
import type { JournalRecord } from '../journal/index.ts';
import { SlowProgress } from '../log/index.ts';
import { createAdmission } from './admission.ts';
import { memoryPlan } from './memory-plan.ts';
import { newestThatFit } from './replay-journal.ts';

const MIB = 2 ** 20;

function setUp() {
  const state = { isFull: false, isNearBound: false, freeBytes: 1_000, usedBytes: 0, releasedBytes: 0 };
  const admission = createAdmission({
    journal: {
      hasRoom: (bytes) => bytes <= state.freeBytes,
      statistics: () => state as never,
    },
    journalMaxBytes: 1_000_000,
    budget: {
      get isFull() {
        return state.isFull;
      },
      usedBytes: 0,
      maxBytes: 0,
    },
    memory: { isNearBound: () => state.isNearBound, excessBytes: 0 },
  });
  return { state, admission };
}

const record = (bytes: number): JournalRecord => ({
  signal: 'logs',
  encoding: 'json',
  itemCount: 1,
  receivedAtUnixMs: 0,
  bytes: new Uint8Array(bytes),
});

describe('admission', () => {
  it('names what is full', () => {
    const { state, admission } = setUp();
    expect(admission.gate(1_000)).toBeUndefined();
    expect(admission.gate(1_001)).toBe('journal-full');
    state.isNearBound = true;
    expect(admission.gate(1)).toBe('memory-full');
    state.isFull = true;
    expect(admission.gate(1)).toBe('window-full');
  });

  it('counts bytes on their way to the journal until they are there, or refused, or failed', async () => {
    const { admission } = setUp();
    const settle: (() => void)[] = [];
    const outcomes = [{ segment: 1 }, { refused: 'journal-full' }, new Error('a bug')] as const;
    let calls = 0;
    const journal: RequestJournal = admission.watched({
      append: () =>
        new Promise((resolve, reject) => {
          const outcome = outcomes[calls];
          calls += 1;
          settle.push(() => {
            if (outcome instanceof Error) reject(outcome);
            else if (outcome) resolve(outcome);
          });
        }),
    });
    const appends = [50, 50, 28].map((mib) => journal.append(record(mib * MIB), () => undefined));
    expect(admission.gate(1)).toBe('in-flight-full');
    for (const each of settle) each();
    const settled = await Promise.allSettled(appends);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(admission.gate(1)).toBeUndefined();
  });

  it('tells senders of a full journal to wait as long as the archive needs', async () => {
    const { state, admission } = setUp();
    expect(admission.retryAfterMs('journal-full', 1_000)).toBeGreaterThan(40_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    state.releasedBytes = 100 * MIB;
    admission.released();
    expect(admission.retryAfterMs('journal-full', 1_000)).toBeLessThan(2_000);
    // Commits are another matter.
    expect(admission.retryAfterMs('in-flight-full', 1_000)).toBeGreaterThan(40_000);
  });
});

describe('the plan of memory', () => {
  const warnings: object[] = [];
  const log = { warn: (figures: object) => void warnings.push(figures) } as never;

  it('is the windows and 512 MiB, or what is set, in which the windows must fit', () => {
    expect(memoryPlan({ windowMaxBytes: 256 * MIB, memoryMaxBytes: undefined }, log)).toEqual({
      maxBytes: 768 * MIB,
      windowMaxBytes: 256 * MIB,
    });
    const roomy = { windowMaxBytes: 256 * MIB, memoryMaxBytes: 4096 * MIB };
    expect(memoryPlan(roomy, log)).toEqual({ maxBytes: 4096 * MIB, windowMaxBytes: 256 * MIB });
    expect(warnings).toEqual([]);
    const tight = { windowMaxBytes: 1024 * MIB, memoryMaxBytes: 1024 * MIB };
    expect(memoryPlan(tight, log)).toEqual({ maxBytes: 1024 * MIB, windowMaxBytes: 512 * MIB });
    const narrow = { windowMaxBytes: 1024 * MIB, memoryMaxBytes: 512 * MIB };
    expect(memoryPlan(narrow, log).windowMaxBytes).toBe(64 * MIB);
    expect(warnings).toHaveLength(2);
  });
});

describe('a replay', () => {
  it('shows the newest segments that fit', () => {
    const segment = (number: number, itemCount: number, recordCount = 1) => ({
      number,
      itemCount,
      recordCount,
      sizeBytes: 1,
    });
    const pending = [segment(1, 10), segment(2, 1_000_000), segment(3, 10_000), segment(4, 1, 100)];
    const numbers = (maxBytes: number): number[] =>
      newestThatFit(pending, maxBytes).map(({ number }) => number);
    expect(numbers(1_000_000_000)).toEqual([1, 2, 3, 4]);
    expect(numbers(10 * MIB)).toEqual([3, 4]);
    expect(numbers(MIB)).toEqual([4]);
    expect(numbers(1_000)).toEqual([]);
    expect(newestThatFit([], 1)).toEqual([]);
  });

  it('says how far it is, once a second, when it takes longer', () => {
    const said: unknown[] = [];
    let nowMs = 0;
    const progress = new SlowProgress(
      { info: (...line: unknown[]) => void said.push(line) } as never,
      'reading',
      () => nowMs,
    );
    for (; nowMs < 3_000; nowMs += 100) progress.at({ share: nowMs / 4_000, items: nowMs });
    expect(said).toEqual([
      [{ items: 1_000, percent: 25 }, 'reading'],
      [{ items: 2_000, percent: 50 }, 'reading'],
    ]);
  });
});
