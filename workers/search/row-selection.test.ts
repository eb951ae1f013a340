import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SearchSignal, TimeRange } from '../../proto/query/index.ts';
import { itemsOf, naiveMatches, naiveTime, searchLines, smallWorld, WORLD_MS } from '../reference/index.ts';
import { parseSearch, RowSelection } from './index.ts';

const range = fc
  .tuple(fc.integer({ min: 0, max: WORLD_MS }), fc.integer({ min: 1, max: WORLD_MS }))
  .map(([from, width]): TimeRange => ({
    fromUnixNano: BigInt(from) * 1_000_000n,
    toUnixNano: BigInt(from + width) * 1_000_000n,
  }));

describe('RowSelection', () => {
  it.each(['traces', 'logs'] as const)(
    'selects the %s that the plain way finds',
    (signal: SearchSignal) => {
      let selected = 0;
      fc.assert(
        fc.property(
          fc.array(smallWorld(signal), { minLength: 1, maxLength: 2 }),
          searchLines(signal),
          fc.option(range, { nil: undefined }),
          (world, line, within) => {
            const parsed = parseSearch(line, signal);
            if ('error' in parsed) throw new Error(parsed.error.expected);
            const { expression } = parsed;
            const selection = new RowSelection(expression, signal, within);
            for (const part of world.flat()) {
              const found = selection.select(part);
              selected += found;
              const expected = itemsOf(part).map((item) => {
                const time = naiveTime(item);
                const isWithin = !within || (time >= within.fromUnixNano && time < within.toUnixNano);
                return Number(isWithin && naiveMatches(expression, item));
              });
              const mask =
                found === 0 ? expected.map(() => 0) : [...selection.mask.subarray(0, expected.length)];
              expect(mask).toEqual(expected);
              expect(found).toBe(expected.reduce((sum, bit) => sum + bit, 0));
            }
          },
        ),
        { numRuns: 1_500 },
      );
      expect(selected).toBeGreaterThan(500);
    },
    120_000,
  );
});
