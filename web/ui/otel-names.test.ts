import { describe, expect, it } from 'vitest';
import { severityLevel } from './otel-names.ts';

describe('severityLevel', () => {
  it.each([
    [0, 'unset'],
    [1, 'trace'],
    [4, 'trace'],
    [5, 'debug'],
    [9, 'info'],
    [16, 'warn'],
    [17, 'error'],
    [24, 'fatal'],
    [25, 'unset'],
  ])('%d is %s', (number, level) => {
    expect(severityLevel(number)).toBe(level);
  });
});
