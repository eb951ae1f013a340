import { describe, expect, it } from 'vitest';
import { run } from './fuzz.bench.ts';

describe('fuzz', () => {
  it('finds no crash and no mismatch in a few thousand requests', { timeout: 60_000 }, async () => {
    const result = await run(['--n', '4000']);
    expect(result).toMatchObject({ n: 4000, crashes: 0, mismatches: 0, findings: [] });
    // Enough of them are read that rows are compared, not only refusals.
    expect(result['readable']).toBeGreaterThan(800);
  });

  it('can be had again by its seed', async () => {
    const [first, second] = [
      await run(['--n', '300', '--seed', '7']),
      await run(['--n', '300', '--seed', '7']),
    ];
    expect(first['readable']).toBe(second['readable']);
    expect(first['seed']).toBe(7);
  });
});
