import { describe, expect, it } from 'vitest';
import { makeTailBuffer } from './tail-buffer.ts';

describe('tail buffer', () => {
  it('keeps the newest rows in order and counts all', () => {
    const buffer = makeTailBuffer<number>(3);
    buffer.push([1, 2]);
    buffer.push([3, 4, 5]);
    expect(buffer.rows()).toEqual([3, 4, 5]);
    buffer.push([6]);
    expect(buffer.rows()).toEqual([4, 5, 6]);
    expect(buffer.seen).toBe(6);
    buffer.clear();
    expect(buffer.rows()).toEqual([]);
  });
});
