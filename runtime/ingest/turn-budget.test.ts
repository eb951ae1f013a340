import { describe, expect, it } from 'vitest';
import { TurnBudget } from './turn-budget.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Requests that take `costMs` each, by a clock that only they move. */
function setUp() {
  let nowMs = 0;
  const budget = new TurnBudget(() => nowMs);
  const done: string[] = [];
  const request = (name: string, costMs: number, bodyBytes = 1_000): Promise<string> =>
    budget.run(bodyBytes, () => {
      nowMs += costMs;
      done.push(name);
      return Promise.resolve(name);
    });
  return { budget, done, request };
}

describe('the time that requests have in a turn of the event loop', () => {
  it('is enough for all when they are quick', async () => {
    const { done, request } = setUp();
    const all = Array.from({ length: 9 }, (_, i) => request(String(i), 1));
    expect(done).toHaveLength(9);
    expect(await Promise.all(all)).toEqual(done);
  });

  it('goes to those who came first; others have the next turns, each in its order', async () => {
    const { done, request } = setUp();
    const all = Array.from({ length: 10 }, (_, i) => request(String(i), 3));
    expect(done).toEqual(['0', '1', '2', '3']);
    await nextTurn();
    // Comes when the next turn has begun, and there are others before it.
    const late = request('late', 1);
    expect(done).toHaveLength(4);
    const turns: number[] = [];
    while (done.length < 11) {
      await nextTurn();
      turns.push(done.length);
    }
    expect(Math.max(...turns.map((count, i) => count - (turns[i - 1] ?? 4)))).toBeLessThanOrEqual(4);
    expect(done).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'late']);
    expect(await Promise.all([...all, late])).toEqual(done);
  });

  it('is there for one request at least, whatever that takes', async () => {
    const { done, request } = setUp();
    const all = [request('a', 100), request('b', 100), request('c', 100)];
    expect(done).toEqual(['a']);
    await Promise.all(all);
    expect(done).toEqual(['a', 'b', 'c']);
  });

  it('is exceeded for the oldest when the bodies of those who wait take too much memory', async () => {
    const { done, request } = setUp();
    const MIB = 2 ** 20;
    const all = ['a', 'b', 'c', 'd', 'e'].map((name) => request(name, 20, 3 * MIB));
    expect(done).toEqual(['a', 'b', 'c']);
    all.push(request('f', 20, 9 * MIB));
    expect(done).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await Promise.all(all)).toEqual(done);
  });

  it('is the same in each of many turns, while more and more come', async () => {
    let nowMs = 0;
    const budget = new TurnBudget(() => nowMs);
    const spentMs: number[] = [];
    for (let turn = 0; turn < 30; turn += 1) {
      const beganMs = nowMs;
      for (let i = 0; i < 8; i += 1) {
        void budget.run(1, () => {
          nowMs += 3;
          return Promise.resolve();
        });
      }
      await nextTurn();
      spentMs.push(nowMs - beganMs);
    }
    expect(Math.max(...spentMs)).toBe(12);
  });

  it('begins anew when nothing came for a turn', async () => {
    const { done, request } = setUp();
    await request('a', 100);
    await nextTurn();
    await nextTurn();
    void request('b', 1);
    expect(done).toEqual(['a', 'b']);
  });

  it('hands on what a request fails with', async () => {
    const { budget, request } = setUp();
    void request('a', 100);
    await expect(budget.run(1, () => Promise.reject(new Error('torn')))).rejects.toThrow('torn');
  });
});
