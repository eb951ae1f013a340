import { describe, expect, it } from 'vitest';
import type { RedSize } from '../service/index.ts';
import { RedBudget } from './red-budget.ts';

const size = (whole: number, operations: number): RedSize => ({
  whole: { bytes: whole },
  operations: { bytes: operations },
});

describe('the budget of RED figures', () => {
  it('keeps the whole ring while that fits', () => {
    const budget = new RedBudget(8_000);
    expect(budget.adjust([size(400, 500), size(600, 500)], 10_000)).toBeUndefined();
    expect(budget.usedBytes).toBe(2_000);
  });

  it('keeps fewer seconds of what is too much, ten at least, and more again later', () => {
    const budget = new RedBudget(8_000);
    expect(budget.adjust([size(400, 1_001)], 10_000)).toEqual({ whole: 9_100, operations: 9_280 });
    expect(budget.adjust([size(400, 900)], 10_000)).toEqual({ whole: 9_100, operations: 9_280 });
    for (let i = 0; i < 50; i += 1) budget.adjust([size(400, 1_001)], 10_000);
    expect(budget.adjust([size(1_001, 1_001)], 10_000)).toEqual({ whole: 9_280, operations: 9_990 });
    for (let i = 0; i < 889; i += 1) budget.adjust([size(100, 100)], 10_000);
    expect(budget.adjust([size(900, 900)], 10_000)).toEqual({ whole: 9_100, operations: 9_101 });
    budget.adjust([size(100, 100)], 10_000);
    expect(budget.adjust([size(100, 100)], 10_000)).toBeUndefined();
  });
});
