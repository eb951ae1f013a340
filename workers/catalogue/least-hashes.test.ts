import fc from 'fast-check';
import { expect, it } from 'vitest';
import { xxHash32 } from '../aggregate/index.ts';
import { estimateCount, LeastHashes } from './index.ts';

const hashes = (from: number, to: number): Uint32Array =>
  Uint32Array.from({ length: to - from }, (_, i) => xxHash32(new TextEncoder().encode(`thing ${from + i}`)));

it('counts exactly up to 511, whatever is told twice, in two lists or one', () => {
  fc.assert(
    fc.property(fc.nat({ max: 511 }), fc.nat({ max: 511 }), (count, cut) => {
      const [left, right] = [new LeastHashes(), new LeastHashes()];
      const all = hashes(0, count);
      left.addAll(all.subarray(0, cut));
      left.addAll(all.subarray(0, cut));
      right.addAll(all.subarray(Math.floor(cut / 2)));
      right.addAll(left.take());
      expect(estimateCount(right.take())).toBe(new Set(all).size);
    }),
  );
});

// Four standard errors; the hashes are always the same.
it.each([2_000, 30_000, 200_000])('is within 18 % of %i', (count) => {
  const merged = new LeastHashes();
  for (let part = 0; part < 4; part += 1) {
    const list = new LeastHashes();
    list.addAll(hashes(part * (count / 8), count / 2 + part * (count / 6)));
    merged.addAll(list.take());
  }
  expect(estimateCount(merged.take()) / count).toBeGreaterThan(0.82);
  expect(estimateCount(merged.take()) / count).toBeLessThan(1.18);
});
