import { describe, expect, it } from 'vitest';
import {
  exactDurationMs,
  formatAgo,
  formatBytes,
  formatClockMs,
  formatCount,
  formatDurationMs,
  formatDurationNs,
  formatRate,
  formatRatio,
  formatTimeNs,
} from './format.ts';
import { parseDurationMs } from './duration-text.ts';

describe('format', () => {
  it.each([
    [0, '0 ms'],
    [12, '12 ns'],
    [999, '999 ns'],
    [1_500, '1.5 µs'],
    [999_499, '999 µs'],
    [999_500, '1 ms'],
    [12_345_678, '12.3 ms'],
    [999_499_999, '999 ms'],
    [1_240_000_000, '1.24 s'],
    [61e9, '1 min 1 s'],
    [3_700e9, '1 h 1 min'],
    [5 * 86_400e9, '5 d'],
    [-2e6, '−2 ms'],
    [NaN, '–'],
  ])('duration of %d ns is %s', (ns, text) => {
    expect(formatDurationNs(ns)).toBe(text);
  });

  it.each([
    [0, '0'],
    [7, '7'],
    [0.25, '0.25'],
    [999, '999'],
    [999.6, '1k'],
    [1_234, '1.23k'],
    [45_600_000, '45.6M'],
    [7e9, '7G'],
    [NaN, '–'],
  ])('count of %d is %s', (value, text) => {
    expect(formatCount(value)).toBe(text);
  });

  it('gives rates, shares and sizes their units', () => {
    expect([0, 0.004, 12.34, 1_500].map(formatRate)).toEqual(['0/s', '<0.01/s', '12.3/s', '1.5k/s']);
    expect([0, 0.000_01, 0.012, 0.999_99, 1, NaN].map(formatRatio)).toEqual([
      '0 %',
      '<0.01 %',
      '1.2 %',
      '>99.99 %',
      '100 %',
      '–',
    ]);
    expect([0, 512, 1_536, 3 * 2 ** 30].map(formatBytes)).toEqual(['0 B', '512 B', '1.5 KiB', '3 GiB']);
    expect(formatDurationMs(0.5)).toBe('500 µs');
    expect([exactDurationMs(1_234.5678), exactDurationMs(NaN)]).toEqual(['1,234.568 ms', 'no requests']);
    expect([5_000, 125_000, 7_200_000, 3 * 86_400_000].map(formatAgo)).toEqual([
      '5 s ago',
      '2 min ago',
      '2 h ago',
      '3 d ago',
    ]);
  });

  it('keeps every nanosecond of a time', () => {
    expect(formatTimeNs('1767225600123456789', 'utc')).toBe('2026-01-01 00:00:00.123456789');
    expect(formatClockMs('1767225600123456789', 'utc')).toBe('00:00:00.123');
    expect(formatTimeNs('0', 'utc')).toBe('–');
    expect(formatTimeNs('abc', 'utc')).toBe('–');
    expect(formatTimeNs('18446744073709551615', 'utc')).toBe('2554-07-21 23:34:33.709551615');
  });

  it('reads durations as people write them', () => {
    expect(['250', '250ms', '1.5 s', '800us', '800µs', '2m'].map(parseDurationMs)).toEqual([
      250, 250, 1_500, 0.8, 0.8, 120_000,
    ]);
    expect(['', 'fast', '-5ms', '5 parsec'].map(parseDurationMs)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});
