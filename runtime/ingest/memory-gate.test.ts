import { describe, expect, it, vi } from 'vitest';
import { MemoryGate } from './memory-gate.ts';

const MIB = 2 ** 20;

/** A gate with a bound of 1,000 MiB. */
function setUp() {
  const state = { nowMs: 0, residentBytes: 0 };
  const [collect, squeeze] = [vi.fn(), vi.fn()];
  const gate = new MemoryGate({
    maxBytes: 1_000 * MIB,
    readResidentBytes: () => state.residentBytes,
    collect,
    squeeze,
    now: () => state.nowMs,
  });
  /** Whether it is closed then. */
  const after = (ms: number, mebibytes: number): boolean => {
    state.nowMs += ms;
    state.residentBytes = mebibytes * MIB;
    return gate.isNearBound();
  };
  return { gate, after, collect, squeeze };
}

describe('the memory gate', () => {
  it('closes near the bound, gives memory back once a second, and opens only well below', () => {
    const { gate, after, collect, squeeze } = setUp();
    expect(after(100, 830)).toBe(false);
    expect(gate.excessBytes).toBe(40 * MIB);
    expect(after(100, 850)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(1);
    expect(after(100, 830)).toBe(true);
    expect(after(100, 800)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(1);
    expect(squeeze).not.toHaveBeenCalled();
    expect(after(1_100, 800)).toBe(true);
    expect(collect).toHaveBeenCalledTimes(2);
    expect(squeeze.mock.calls).toEqual([[10 * MIB]]);
    expect(after(100, 780)).toBe(false);
    expect(gate.excessBytes).toBe(0);
    expect(after(100, 830)).toBe(false);
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

  it('opens when it becomes less no more, and closes above that, until it is as small as usual again', () => {
    const { gate, after } = setUp();
    expect(after(100, 850)).toBe(true);
    expect(after(4_000, 845)).toBe(true);
    // It became less a second ago.
    expect(after(4_000, 842)).toBe(true);
    expect(after(4_900, 842)).toBe(true);
    expect(after(100, 842)).toBe(false);
    expect(after(100, 880)).toBe(false);
    expect(after(100, 882)).toBe(true);
    expect(gate.excessBytes).toBeLessThan(60 * MIB);
    expect(after(1_000, 830)).toBe(false);
    expect(after(100, 880)).toBe(false);
    expect(after(100, 789)).toBe(false);
    expect(after(100, 842)).toBe(true);
  });

  it('closes sooner the nearer to the bound it was still, and does not open beyond that', () => {
    const { after } = setUp();
    expect(after(100, 960)).toBe(true);
    expect(after(5_000, 960)).toBe(false);
    expect(after(100, 969)).toBe(false);
    expect(after(100, 971)).toBe(true);
    expect(after(100, 1_000)).toBe(true);
    expect(after(60_000, 1_000)).toBe(true);
    expect(after(100, 960)).toBe(true);
    expect(after(5_000, 960)).toBe(false);
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
