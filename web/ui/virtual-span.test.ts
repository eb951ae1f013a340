import { describe, expect, it } from 'vitest';
import { visibleSpan } from './virtual-span.ts';

describe('visibleSpan', () => {
  it('holds what is in sight and a little more', () => {
    expect(visibleSpan(0, 100, 10, 1_000, 2)).toEqual({ first: 0, length: 13 });
    expect(visibleSpan(500, 100, 10, 1_000, 2)).toEqual({ first: 48, length: 15 });
    expect(visibleSpan(99_999, 100, 10, 1_000, 2)).toEqual({ first: 997, length: 3 });
    expect(visibleSpan(0, 100, 10, 0, 2)).toEqual({ first: 0, length: 0 });
  });
});
