import { describe, expect, it } from 'vitest';
import { beforeDeadline } from './before-deadline.ts';

describe('work with a deadline', () => {
  const never = (): Promise<string> => new Promise(() => undefined);

  it('is as without one when it is in time', async () => {
    const { signal } = new AbortController();
    expect(await beforeDeadline(Promise.resolve('done'), signal)).toBe('done');
    await expect(beforeDeadline(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken');
  });

  it('is given up when it is not', async () => {
    const controller = new AbortController();
    const late = beforeDeadline(never(), controller.signal);
    controller.abort(new Error('too late'));
    await expect(late).rejects.toThrow('too late');
    await expect(beforeDeadline(never(), controller.signal)).rejects.toThrow('too late');
    // Nobody hears of what becomes of it.
    await expect(beforeDeadline(Promise.reject(new Error('later')), controller.signal)).rejects.toThrow(
      'too late',
    );
  });
});
