import { describe, expect, it } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

describe('BufferPool', () => {
  it('gives a buffer again that was given back, and never one that is in use', () => {
    const pool = new BufferPool();
    const first = pool.take(100_000);
    const second = pool.take(100_000);
    expect(second).not.toBe(first);
    expect(first.length).toBeGreaterThanOrEqual(100_000);
    pool.give(first);
    expect(pool.take(120_000)).toBe(first);
    expect(pool.take(120_000)).not.toBe(second);
  });

  it('keeps no small buffers, and no more than 32 MiB', () => {
    const pool = new BufferPool();
    const small = pool.take(1_000);
    pool.give(small);
    expect(pool.take(1_000)).not.toBe(small);
    const large = Array.from({ length: 5 }, () => pool.take(8 * 2 ** 20));
    for (const buffer of large) pool.give(buffer);
    const again = new Set(Array.from({ length: 5 }, () => pool.take(8 * 2 ** 20)));
    expect(large.filter((buffer) => again.has(buffer))).toHaveLength(4);
  });
});
