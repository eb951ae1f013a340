import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLLUP_LEVELS } from '../rollups.ts';
import { piecesOfSlices, redPieces } from './red-pieces.ts';

const NANOS = 1_000_000_000n;

describe.each(['red', 'service_red'] as const)('pieces of a range (%s)', (family) => {
  const levels = ROLLUP_LEVELS[family];

  it('touch, cover it, are whole units of their tables, and hold few of the finer ones', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 15n }),
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        (fromUnixNano, width) => {
          const range = { fromUnixNano, toUnixNano: fromUnixNano + width };
          let at = range.fromUnixNano;
          for (const piece of redPieces(range, family)) {
            const [from, to] =
              piece.level === 'rows'
                ? [piece.fromUnixNano, piece.toUnixNano]
                : [piece.fromSecond * NANOS, piece.toSecond * NANOS];
            expect(from).toBe(at);
            expect(to).toBeGreaterThan(from);
            at = to;
            const level = levels.findIndex(({ level: name }) => name === piece.level);
            const unit = (levels[level]?.seconds ?? 0n) * NANOS;
            if (unit > 0n) expect([from % unit, to % unit]).toEqual([0n, 0n]);
            const coarser = (levels[level + 1]?.seconds ?? 0n) * NANOS;
            if (coarser > 0n) expect(to - from).toBeLessThan(coarser * 2n);
          }
          expect(at).toBe(range.toUnixNano);
        },
      ),
    );
  });

  it('of slices are cut by no border of one', () => {
    const hour = 3_600n * NANOS;
    const levelsOf = (fromUnixNano: bigint, widthNano: bigint): string[] =>
      piecesOfSlices({ fromUnixNano, widthNano, count: 72 }, family).map(({ level }) => level);
    expect(levelsOf(5n * hour, hour)).toEqual(['1h']);
    expect(levelsOf(5n * hour, hour / 3n)).toEqual(['1m']);
    expect(levelsOf(5n * hour + 60n * NANOS, hour)).toEqual(['1m']);
    expect(levelsOf(5n * hour, 7n * NANOS)).toEqual([family === 'red' ? 'rows' : '1s']);
    expect(levelsOf(5n * hour + 1n, hour)).toEqual(['rows']);
    expect(levelsOf(5n * hour, 0n)).toEqual([]);
  });

  it('of a day that begins anywhere are mostly hours', () => {
    const fromUnixNano = 1_700_000_123_456_789_000n;
    const pieces = redPieces({ fromUnixNano, toUnixNano: fromUnixNano + 86_400n * NANOS }, family);
    const seconds = family === 'service_red' ? ['1s'] : [];
    expect(pieces.map(({ level }) => level)).toEqual([
      'rows',
      ...seconds,
      '1m',
      '1h',
      '1m',
      ...seconds,
      'rows',
    ]);
  });
});
