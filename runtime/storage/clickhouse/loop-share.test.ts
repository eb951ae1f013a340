import { describe, expect, it } from 'vitest';
import { LoopShare } from './loop-share.ts';

describe('the share of the event loop', () => {
  it.each([
    { othersMs: 0, lengthMs: 1 },
    { othersMs: 0.5, lengthMs: 1 },
    { othersMs: 5, lengthMs: 5 },
    { othersMs: 40, lengthMs: 6 },
  ])('is $lengthMs ms long after others took $othersMs ms', async ({ othersMs, lengthMs }) => {
    let nowMs = 0;
    const share = new LoopShare(() => nowMs);
    setImmediate(() => (nowMs += othersMs));
    await share.next();
    nowMs += lengthMs - 0.1;
    expect(share.isOver()).toBe(false);
    nowMs += 0.1;
    expect(share.isOver()).toBe(true);
  });
});
