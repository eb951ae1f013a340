import { describe, expect, it, vi } from 'vitest';
import { MemoryGate } from './memory-gate.ts';

const MIB = 2 ** 20;

describe('the memory gate', () => {
  it('closes near the bound, gives memory back once a second, and opens only well below', () => {
    const state = { nowMs: 0, residentBytes: 0 };
    const [collect, squeeze] = [vi.fn(), vi.fn()];
    const gate = new MemoryGate({
      maxBytes: 1_000 * MIB,
      readResidentBytes: () => state.residentBytes,
      collect,
      squeeze,
      now: () => state.nowMs,
    });
    const at = (mebibytes: number): boolean => {
      state.residentBytes = mebibytes * MIB;
      state.nowMs += 100;
      return gate.isNearBound();
    };
    expect(at(830)).toBe(false);
    expect(gate.excessBytes).toBe(40 * MIB);
    expect(at(850)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(1);
    expect(at(830)).toBe(true);
    expect(at(800)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(1);
    expect(squeeze).not.toHaveBeenCalled();
    state.nowMs += 1_000;
    expect(at(800)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(2);
    expect(squeeze.mock.calls).toEqual([[10 * MIB]]);
    expect(at(780)).toBe(false);
    expect(gate.excessBytes).toBe(0);
    expect(at(830)).toBe(false);
  });

  it.each([
    [400, 320],
    [768, 614],
    [4_096, 3_686],
  ])('of %i MiB takes more up to %i MiB, so that there is room for what was let in', (most, closesAbove) => {
    let residentBytes = closesAbove * MIB;
    let nowMs = 0;
    const gate = new MemoryGate({
      maxBytes: most * MIB,
      readResidentBytes: () => residentBytes,
      ...{ collect: vi.fn(), squeeze: vi.fn(), now: () => (nowMs += 100) },
    });
    expect(gate.isNearBound()).toBe(false);
    residentBytes += MIB;
    expect(gate.isNearBound()).toBe(true);
  });

  it('does not measure with every request', () => {
    const readResidentBytes = vi.fn(() => 5);
    const gate = new MemoryGate({
      maxBytes: 10,
      readResidentBytes,
      collect: vi.fn(),
      squeeze: vi.fn(),
      now: () => 0,
    });
    for (let i = 0; i < 100; i += 1) expect(gate.isNearBound()).toBe(false);
    expect(readResidentBytes).toHaveBeenCalledTimes(1);
  });
});
