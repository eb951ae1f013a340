import { describe, expect, it } from 'vitest';
import { canonicalAnswer, canonicalInTurns } from './canonical-answer.ts';

describe('an answer to be compared', () => {
  it('is the same for sums that differ by the order of what was added', () => {
    // 2^53 and a hundred: one at a time each is lost, together they are not.
    const [large, ones] = [2 ** 53, Array.from({ length: 100 }, () => 1)];
    const oneByOne = ones.reduce((sum, one) => sum + one, large);
    const together = large + ones.reduce((sum, one) => sum + one, 0);
    expect(oneByOne).not.toBe(together);
    expect(canonicalAnswer({ sum: oneByOne })).toBe(canonicalAnswer({ sum: together }));
    expect(canonicalAnswer(0.1 + 0.2)).toBe(canonicalAnswer(0.3));
    // Rounded to whole numbers on the way, and below 2^53 in the end.
    const most = Number.MAX_SAFE_INTEGER;
    const halves = [0.5, 0.5, 0.5, 0.5];
    const inTurn = halves.reduce((sum, half) => sum - half, most);
    expect(inTurn).not.toBe(most - 2);
    expect(canonicalAnswer(inTurn)).toBe(canonicalAnswer(most - 2));
    // Whole in one order, and not in another.
    const tenths = Array.from({ length: 10 }, () => 0.1).reduce((sum, tenth) => sum + tenth, 0);
    expect(tenths).not.toBe(1);
    expect(canonicalAnswer(tenths)).toBe(canonicalAnswer(1));
  });

  it('differs in whole numbers below 2^46, to the last digit', () => {
    const most = 2 ** 46 - 1;
    expect(canonicalAnswer(most)).not.toBe(canonicalAnswer(most - 1));
    expect(canonicalAnswer({ count: 12_345_678 })).not.toBe(canonicalAnswer({ count: 12_345_679 }));
    expect(canonicalAnswer(2n ** 62n)).not.toBe(canonicalAnswer(2n ** 62n + 1n));
    expect(canonicalAnswer('1700000000000000001')).not.toBe(canonicalAnswer('1700000000000000002'));
  });

  it('takes lists for sets, and says the same in turns', async () => {
    const [one, other] = [{ rows: [{ a: 1 }, { b: [2, 3] }] }, { rows: [{ b: [3, 2] }, { a: 1 }] }];
    expect(canonicalAnswer(one)).toBe(canonicalAnswer(other));
    expect(await canonicalInTurns(one)).toBe(canonicalAnswer(other));
    expect(canonicalAnswer({ rows: [{ a: 1 }] })).not.toBe(canonicalAnswer({ rows: [{ a: 1 }, { a: 1 }] }));
  });
});
