import { describe, expect, it } from 'vitest';
import { DrainRate } from './drain-rate.ts';
import { RetryDelay } from './retry-delay.ts';

describe('the rate of draining', () => {
  it('is right from the first lump on, follows changes, and falls while nothing is drained', () => {
    let nowMs = 0;
    const rate = new DrainRate(10_000, () => nowMs);
    expect(rate.bytesPerSecond()).toBe(0);
    const drain = (seconds: number, bytes: number): void => {
      for (let i = 0; i < seconds; i += 1) {
        nowMs += 1_000;
        rate.add(bytes);
      }
    };
    drain(3, 500);
    expect(rate.bytesPerSecond()).toBeGreaterThan(480);
    expect(rate.bytesPerSecond()).toBeLessThan(560);
    drain(120, 5_000);
    expect(rate.bytesPerSecond()).toBeGreaterThan(4_900);
    expect(rate.bytesPerSecond()).toBeLessThan(5_300);
    nowMs += 100_000;
    expect(rate.bytesPerSecond()).toBeLessThan(6);
  });
});

function setUp({ excessBytes = 0, random = 0.5 } = {}) {
  const state = { nowMs: 0, excessBytes };
  const delay = new RetryDelay({
    halfLifeMs: 10_000,
    excessBytes: () => state.excessBytes,
    now: () => state.nowMs,
    random: () => random,
  });
  const drain = (seconds: number, bytes: number): void => {
    for (let i = 0; i < seconds; i += 1) {
      state.nowMs += 1_000;
      delay.drained(bytes);
    }
  };
  return { state, delay, drain };
}

describe('the delay of a refused sender', () => {
  it('is the time that the excess and the request need at the measured rate', () => {
    const { delay, drain } = setUp({ excessBytes: 9_000_000 });
    drain(100, 1_000_000);
    const ms = delay.delayMs(1_000_000);
    expect(ms).toBeGreaterThan(9_000);
    expect(ms).toBeLessThan(10_500);
  });

  it('grows with what was refused before, and shrinks as that drains', () => {
    const { state, delay, drain } = setUp();
    drain(100, 1_000_000);
    const delays = Array.from({ length: 20 }, () => delay.delayMs(1_000_000));
    expect(delays[9]).toBeGreaterThan(9_000);
    expect(delays[19]).toBeGreaterThan(18_000);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    state.nowMs += 1;
    drain(15, 1_000_000);
    expect(delay.delayMs(1_000_000)).toBeLessThan(7_500);
  });

  it('is a minute or somewhat less while nothing drains, and soon right again when it does', () => {
    const { state, delay, drain } = setUp({ excessBytes: 5 });
    for (let i = 0; i < 1_000; i += 1) {
      const ms = delay.delayMs(1_000_000);
      expect(ms).toBeLessThanOrEqual(60_000);
      expect(ms).toBeGreaterThanOrEqual(45_000);
      state.nowMs += 100;
    }
    drain(30, 10_000_000);
    expect(delay.delayMs(1_000_000)).toBeLessThan(3_000);
  });

  it('is never outside of 1 to 60 s, and not the same for all', () => {
    const seen = new Set<number>();
    for (let random = 0; random < 1; random += 0.01) {
      for (const rate of [0, 1_000, 1_000_000, 1e9]) {
        const { delay, drain } = setUp({ random });
        drain(10, rate);
        const ms = delay.delayMs(500_000);
        expect(ms).toBeGreaterThanOrEqual(1_000);
        expect(ms).toBeLessThanOrEqual(60_000);
        expect(Number.isInteger(ms)).toBe(true);
        if (rate === 0) seen.add(ms);
      }
    }
    expect(seen.size).toBeGreaterThan(50);
  });
});
