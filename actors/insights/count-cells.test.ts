import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COUNT_CELL_MS, CountCells } from './count-cells.ts';

const NOW = Date.UTC(2026, 0, 5);
const CELLS = 120;
const event = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 9 }));
const events = fc.array(event, { maxLength: 60 }).map((all) => all.sort(([one], [other]) => one - other));

function filled(all: readonly (readonly [number, number])[]): CountCells {
  const cells = new CountCells();
  for (const [cell, count] of all) cells.add(NOW + cell * COUNT_CELL_MS, count);
  return cells;
}

/** By cell from the first one. */
function naive(all: readonly (readonly [number, number])[], cell: number): number {
  return all.filter(([at]) => at === cell).reduce((sum, [, count]) => sum + count, 0);
}

describe('counts by cells', () => {
  it('are what adding them up cell by cell gives, for four hours', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 0, max: 200 }), (all, later) => {
        const last = Math.max(0, ...all.map(([cell]) => cell)) + later;
        const complete = filled(all).complete(NOW + last * COUNT_CELL_MS, NOW);
        expect(complete).toHaveLength(CELLS);
        for (const [at, count] of complete.entries()) {
          const cell = last - CELLS + at;
          expect(count).toBe(cell < 0 ? Number.NaN : naive(all, cell));
        }
      }),
      // The oldest of four hours while the cell that is not over has something already.
      {
        examples: [
          [
            [
              [172, 1],
              [292, 0],
            ],
            0,
          ],
        ],
      },
    );
  });

  it('are not known before they were watched', () => {
    const cells = filled([[3, 5]]);
    const { startMs, counts } = cells.upTo(NOW + 4 * COUNT_CELL_MS, NOW + 2 * COUNT_CELL_MS);
    expect([startMs, [...counts]]).toEqual([NOW + 2 * COUNT_CELL_MS, [0, 5, 0]]);
  });

  it('of two add up, whichever is the newer', () => {
    fc.assert(
      fc.property(events, events, (one, other) => {
        const sum = filled(one);
        sum.addAll(filled(other).export());
        const both = [...one, ...other].sort(([a], [b]) => a - b);
        const last = NOW + (Math.max(0, ...both.map(([cell]) => cell)) + 1) * COUNT_CELL_MS;
        expect(sum.complete(last, NOW)).toEqual(filled(both).complete(last, NOW));
      }),
    );
  });

  it('take no time that is none', () => {
    const cells = new CountCells();
    for (const [time, count] of [
      [Number.NaN, 1],
      [Infinity, 1],
      [NOW, Number.NaN],
    ] as const) {
      cells.add(time, count);
    }
    expect(cells.export()).toEqual({ first: 0, counts: [] });
    // A clock that jumps costs no more than the cells there are.
    cells.add(0, 1);
    cells.add(8.64e15, 2);
    expect(cells.export().counts).toEqual([2]);
  });
});
