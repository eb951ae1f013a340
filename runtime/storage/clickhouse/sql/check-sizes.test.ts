import { describe, expect, it } from 'vitest';
import { depthRefusal, sizeRefusal } from './check-sizes.ts';

describe('sizes in SQL', () => {
  it.each([
    "SELECT repeat('x', 10), arrayWithConstant(100, [1, 2])",
    "SELECT leftPad(toString(f(a, b)), 20, '0') FROM otel_logs",
    "SELECT 'arrayWithConstant(1000000000, 1)'",
    'SELECT arrayResize([1, 2], 1000000)',
  ])('%s may be asked', (sql) => {
    expect(sizeRefusal(sql)).toBeUndefined();
  });

  it.each([
    ['SELECT arrayWithConstant(1000000000, 1)', 'at most 1000000'],
    ['SELECT arrayMap(x -> arrayWithConstant(10000, x), arrayResize([1], 10000))', 'at most 1000000'],
    ["WITH repeat('x', 100000) AS s SELECT repeat(s, 100000)", 'at most 1000000'],
    ["SELECT `repeat`('x', 1000 * 1000000)", 'must be written as a number'],
    ['WITH 1000000000 AS n SELECT arrayWithConstant(n, 1)', 'must be written as a number'],
    ['SELECT arrayResize(f(a, [1, 2]), 10000000000)', 'at most 1000000'],
    ['SELECT mapPopulateSeries(map(1, 2, 1000000000, 3))', 'must be written as a number'],
  ])('%s is refused', (sql, reason) => {
    expect(sizeRefusal(sql)).toContain(reason);
  });

  it('counts brackets before it is parsed', () => {
    const nested = (depth: number): string => `SELECT ${'('.repeat(depth)}1${')'.repeat(depth)}`;
    expect(depthRefusal(nested(100))).toBeUndefined();
    expect(depthRefusal(nested(101))).toContain('at most 100');
    expect(depthRefusal(`SELECT ${'f(1), '.repeat(2_000)} 1`)).toBeUndefined();
  });
});
