import { expect, it } from 'vitest';
import { savingText, withoutSaving } from './insight-words.ts';

it.each([
  [72, 'ms', '72 ms'],
  [1.5, '{cpu}', '1.5 cores'],
  [17, '{connection}', '17 connections'],
  [3 * 2 ** 30, 'By', '3 GiB'],
  [5 * 2 ** 20, 'By/d', '5 MiB a day'],
])('a saving of %d %s is %s', (value, unit, text) => {
  expect(savingText(value, unit)).toBe(text);
});

it('what is too small has no saving', () => {
  expect(withoutSaving('memory-too-small')).toMatch(/^It saves nothing/);
  expect(withoutSaving('slow-statement')).toBe('What it saves cannot be estimated.');
});
