import { describe, expect, it } from 'vitest';
import { AnalysisRest } from './analysis-rest.ts';

describe('the rest between analyses', () => {
  it('is none while they are answered, but for four a tick', () => {
    const rest = new AnalysisRest();
    for (const tick of [2_000, 4_000]) {
      for (let count = 0; count < 4; count += 1) {
        expect(rest.isOver(tick)).toBe(true);
        rest.note(true, tick);
      }
      expect(rest.isOver(tick)).toBe(false);
    }
  });

  it('is twice as long after each that had no answer, and none again after one that had', () => {
    const rest = new AnalysisRest();
    let nowMs = 2_000;
    const rests: number[] = [];
    for (let count = 0; count < 6; count += 1) {
      rest.note(false, nowMs);
      const sinceMs = nowMs;
      while (!rest.isOver(nowMs)) nowMs += 2_000;
      rests.push((nowMs - sinceMs) / 1_000);
    }
    expect(rests).toEqual([10, 20, 40, 80, 160, 160]);
    rest.note(true, nowMs);
    rest.note(false, nowMs);
    expect(rest.isOver(nowMs + 10_000)).toBe(true);
  });
});
