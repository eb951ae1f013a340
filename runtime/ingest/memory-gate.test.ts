import { describe, expect, it, vi } from 'vitest';
import { MemoryGate } from './memory-gate.ts';

describe('the memory gate', () => {
  it('closes near the bound, gives memory back once a second, and opens only well below', () => {
    const state = { nowMs: 0, residentBytes: 800 };
    const [collect, squeeze] = [vi.fn(), vi.fn()];
    const gate = new MemoryGate({
      maxBytes: 1_000,
      readResidentBytes: () => state.residentBytes,
      collect,
      squeeze,
      now: () => state.nowMs,
    });
    const at = (residentBytes: number): boolean => {
      state.residentBytes = residentBytes;
      state.nowMs += 100;
      return gate.isNearBound();
    };
    expect(at(890)).toBe(false);
    expect(gate.excessBytes).toBe(40);
    expect(at(910)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(1);
    expect(at(890)).toBe(true);
    expect(at(860)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(1);
    expect(squeeze).not.toHaveBeenCalled();
    state.nowMs += 1_000;
    expect(at(860)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(2);
    expect(squeeze.mock.calls).toEqual([[10]]);
    expect(at(840)).toBe(false);
    expect(gate.excessBytes).toBe(0);
    expect(at(890)).toBe(false);
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
