import { describe, expect, it } from 'vitest';
import type { AnyBatch } from '../../proto/columns/index.ts';
import { WindowBudget } from './window-budget.ts';

const BESIDE = 2_560;

/** Takes `bytes` in all, its dictionary left out. */
function batch(bytes: number, generation = 0, dictionaryBytes = 0): AnyBatch {
  const table = { offsets: new Int32Array(0), bytes: new Uint8Array(dictionaryBytes), count: 0 };
  return {
    rowCount: 10,
    buffer: { byteLength: bytes - BESIDE },
    dictionary: { id: generation, tables: { strings: table } },
  } as unknown as AnyBatch;
}

describe('the budget of all windows', () => {
  it('evicts archived segments first, then others, oldest first, and only as many as it must', () => {
    const budget = new WindowBudget({ maxBytes: 100_000, maxAgeMs: 60_000 });
    for (const segment of [1, 2, 3, 4]) budget.add(segment, batch(25_000), 0);
    expect(budget.takeEvictable(0)).toEqual([]);
    budget.archived(1);
    budget.add(5, batch(25_000), 0);
    expect(budget.takeEvictable(0)).toEqual([1]);
    expect(budget.waitingItems).toBe(0);
    budget.add(5, batch(30_000), 0);
    expect(budget.takeEvictable(0)).toEqual([2, 3]);
    expect(budget.waitingItems).toBe(20);
    expect(budget.isFull).toBe(false);
    budget.archived(2);
    expect(budget.waitingItems).toBe(10);
    budget.archived(9);
    expect(budget.waitingItems).toBe(0);
    expect(budget.usedBytes).toBe(80_000);
  });

  it('keeps what is not archived however old, and drops what is when it is too old', () => {
    const budget = new WindowBudget({ maxBytes: 100_000, maxAgeMs: 60_000 });
    budget.add(1, batch(5_000), 0);
    budget.add(2, batch(5_000), 0);
    budget.archived(1);
    expect(budget.takeEvictable(60_000)).toEqual([]);
    expect(budget.takeEvictable(60_001)).toEqual([1]);
  });

  it('passes over what the archive holds just now', () => {
    const budget = new WindowBudget({ maxBytes: 10_000, maxAgeMs: 60_000 });
    budget.pin(1);
    for (const segment of [1, 2, 3]) budget.add(segment, batch(5_000), 0);
    expect(budget.takeEvictable(0)).toEqual([2]);
    budget.pin(undefined);
    budget.add(3, batch(5_000), 0);
    expect(budget.takeEvictable(0)).toEqual([1]);
  });

  it('makes room for what the archive borrows', () => {
    const budget = new WindowBudget({ maxBytes: 10_000, maxAgeMs: 60_000 });
    budget.add(1, batch(5_000), 0);
    budget.add(2, batch(5_000), 0);
    budget.borrow(4_000);
    expect(budget.usedBytes).toBe(14_000);
    expect(budget.takeEvictable(0)).toEqual([1]);
    budget.borrow(-4_000);
    expect(budget.usedBytes).toBe(5_000);
  });

  it('gives up the segment that is being written, too, and counts both its parts', () => {
    const budget = new WindowBudget({ maxBytes: 10_000, maxAgeMs: 60_000 });
    budget.add(1, batch(20_000), 0);
    expect(budget.takeEvictable(0)).toEqual([1]);
    budget.add(1, batch(20_000), 0);
    expect(budget.takeEvictable(0)).toEqual([1]);
    expect(budget.waitingItems).toBe(20);
    expect(budget.usedBytes).toBe(0);
  });

  it('is full, and lets nothing go, where nothing else holds what is not archived', () => {
    const budget = new WindowBudget({ maxBytes: 10_000, maxAgeMs: 60_000, keepsUnarchived: true });
    budget.add(1, batch(6_000), 0);
    expect(budget.isFull).toBe(false);
    budget.add(2, batch(6_000), 0);
    expect(budget.takeEvictable(0)).toEqual([]);
    expect(budget.isFull).toBe(true);
    budget.archived(1);
    expect(budget.takeEvictable(0)).toEqual([1]);
    expect(budget.isFull).toBe(false);
  });

  it('counts a generation of dictionaries once, for as long as a segment refers to it', () => {
    const budget = new WindowBudget({ maxBytes: 1e9, maxAgeMs: 0 });
    budget.add(1, batch(5_000, 7, 1_000), 0);
    budget.add(1, batch(5_000, 7, 3_000), 0);
    expect(budget.usedBytes).toBe(13_000);
    budget.add(2, batch(5_000, 7, 3_000), 5);
    expect(budget.usedBytes).toBe(18_000);
    // A late batch of an older segment does not take it over.
    budget.add(1, batch(5_000, 7, 4_000), 0);
    expect(budget.usedBytes).toBe(24_000);
    budget.archived(2);
    expect(budget.takeEvictable(1)).toEqual([1]);
    expect(budget.usedBytes).toBe(9_000);
    expect(budget.takeEvictable(9)).toEqual([2]);
    expect(budget.usedBytes).toBe(0);
  });
});
