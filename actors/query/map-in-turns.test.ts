import { describe, expect, it } from 'vitest';
import { mapInTurns } from './map-in-turns.ts';

const never = new AbortController().signal;

describe('mapInTurns', () => {
  it.each([0, 1, 1_024, 5_000])('makes %i items in order', async (count) => {
    expect(await mapInTurns(count, never, (place) => place * 2)).toEqual(
      Array.from({ length: count }, (_, place) => place * 2),
    );
  });

  it('gives the event loop its turns, and stops when nobody waits', async () => {
    const gone = new AbortController();
    let made = 0;
    setImmediate(() => {
      gone.abort(new Error('gone'));
    });
    await expect(mapInTurns(100_000, gone.signal, () => (made += 1))).rejects.toThrow('gone');
    expect(made).toBeLessThan(3_000);
  });
});
