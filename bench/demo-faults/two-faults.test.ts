import { describe, expect, it } from 'vitest';
import { runPair } from './pair-run.ts';

const OPTIONS = { seed: 7, startUnixMs: Date.UTC(2026, 0, 5, 12), minutes: 12, rate: 12 };

describe('two faults in the shop, the second three minutes after the first', () => {
  it.each([
    ['whose services share their callers', 'payment-latency', 'error-burst'],
    ['of which the second is load on all', 'error-burst', 'traffic-spike'],
    ['that have nothing to do with each other', 'dependency-down', 'log-flood'],
  ] as const)(
    '%s, are two insights, each with its cause',
    async (_name, first, second) => {
      const outcome = await runPair([first, second], OPTIONS);
      expect(outcome.detectedSeconds).toBeLessThanOrEqual(30);
      expect(outcome.isFirstRight).toBe(true);
      expect(outcome.insights).toBe(2);
    },
    240_000,
  );
});
