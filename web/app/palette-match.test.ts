import { describe, expect, it } from 'vitest';
import { fitOf, matchEntries } from './palette-match.ts';

describe('command palette', () => {
  const entries = ['payment', 'payment traces', 'catalog', 'gateway'].map((label) => ({
    label,
    detail: `shop/${label} (prod)`,
    href: `/${label}`,
  }));

  it('finds by letters in order, whole names first', () => {
    expect(matchEntries(entries, 'pay', 9).map(({ label }) => label)).toEqual(['payment', 'payment traces']);
    expect(matchEntries(entries, 'ptr', 9).map(({ label }) => label)).toEqual(['payment traces']);
    expect(matchEntries(entries, 'shop/cat', 9).map(({ label }) => label)).toEqual(['catalog']);
    expect(matchEntries(entries, 'zzz', 9)).toEqual([]);
    expect(matchEntries(entries, '', 2)).toHaveLength(2);
    expect(fitOf('gw', 'gateway')).toBeLessThan(fitOf('ga', 'gateway') ?? 0);
  });

  it('opens a trace by its id', () => {
    const id = '0AF7651916CD43DD8448EB211C80319C';
    expect(matchEntries(entries, ` ${id} `, 9)[0]?.href).toBe(`/traces/${id.toLowerCase()}`);
  });
});
