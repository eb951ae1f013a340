import { describe, expect, it } from 'vitest';
import { LoopDelay } from './loop-delay.ts';

describe('the delay of the event loop', () => {
  it('is what turns come late, without the interval of the timer, since it was asked last', () => {
    let turns: Readonly<Record<number, number>> = { 50: 20_100_000, 99: 72_000_000 };
    const delay = new LoopDelay({
      percentile: (percent) => turns[percent] ?? Number.NaN,
      reset: () => (turns = { 50: 19_900_000, 99: 20_000_000 }),
    });
    expect(delay.take([0.5, 0.99])).toEqual([
      [0.5, 0.0001],
      [0.99, 0.052],
    ]);
    expect(delay.take([0.5, 0.99])).toEqual([
      [0.5, 0],
      [0.99, 0],
    ]);
  });

  it('of a loop that is held up is how long', async () => {
    const delay = new LoopDelay();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const startedMs = performance.now();
    while (performance.now() - startedMs < 300);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [[, seconds] = [1, 0]] = delay.take([1]);
    expect(seconds).toBeGreaterThan(0.2);
  });
});
