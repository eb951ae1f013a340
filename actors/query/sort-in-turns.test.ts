import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortInTurns } from './sort-in-turns.ts';

describe('sorting in turns', () => {
  it('is what sorting is, and stable', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 9_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.nat(),
        async (length, distinct, seed) => {
          const items = Array.from({ length }, (_, place) => ({
            key: ((place + seed) * 7_919) % distinct,
            place,
          }));
          const byKey = (a: { key: number }, b: { key: number }): number => a.key - b.key;
          expect(await sortInTurns(items, byKey)).toEqual([...items].sort(byKey));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('lets others work in between', async () => {
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    const items = Array.from({ length: 200_000 }, (_, i) => (i * 7_919) % 200_003);
    expect((await sortInTurns(items, (a, b) => a - b)).slice(0, 2)).toEqual([0, 1]);
    done = true;
    expect(turns).toBeGreaterThan(20);
  });
});
