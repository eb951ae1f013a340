import { describe, expect, it } from 'vitest';
import { matchesFilter, nextSort, parseSort, sortRows, type ServiceRow } from './rank.ts';

describe('ranking of services', () => {
  const row = (name: string, rate: number, errorRatio: number, deviation = 0, p95Ms = 10): ServiceRow => ({
    id: `~~${name}`,
    name,
    namespace: '',
    environment: 'prod',
    deviation,
    figures: { requests: rate * 60, errors: 0, rate, errorRatio, p50Ms: 1, p95Ms, p99Ms: 20, apdex: 1 },
  });
  const rows = [
    row('quiet', 1, 0),
    row('slow', 1, 0, 3),
    row('busy', 90, 0),
    row('ill', 10, 0.1),
    row('worse', 100, 0.02),
  ];
  const names = (text: string) => sortRows(rows, parseSort(text)).map(({ name }) => name);

  it('puts errors a second first, then deviation of p95, then rate', () => {
    expect(names('')).toEqual(['worse', 'ill', 'slow', 'busy', 'quiet']);
  });

  it('sorts by any column either way, and puts rows without a value last', () => {
    expect(names('-name')).toEqual(['busy', 'ill', 'quiet', 'slow', 'worse']);
    expect(names('rate').slice(0, 2)).toEqual(['worse', 'busy']);
    const withIdle = [row('idle', 0, 0, 0, NaN), row('b', 1, 0, 0, 5), row('a', 1, 0, 0, 9)];
    expect(sortRows(withIdle, parseSort('p95')).map(({ name }) => name)).toEqual(['a', 'b', 'idle']);
    expect(sortRows(withIdle, parseSort('-p95')).map(({ name }) => name)).toEqual(['b', 'a', 'idle']);
  });

  it('turns a column round by clicking and goes back to worst first', () => {
    const once = nextSort(parseSort(''), 'p95');
    const twice = nextSort(once, 'p95');
    expect([once, twice, nextSort(twice, 'p95')]).toEqual([
      { key: 'p95', isAscending: false },
      { key: 'p95', isAscending: true },
      { key: 'worst', isAscending: false },
    ]);
  });

  it('filters by words in name, namespace and environment', () => {
    const [first] = rows;
    expect(first && ['QUI prod', '', 'prod x'].map((text) => matchesFilter(first, text))).toEqual([
      true,
      true,
      false,
    ]);
  });
});
