import { describe, expect, it } from 'vitest';
import { compileRe2, InvalidRegexError } from './re2.ts';

describe('a regular expression of RE2', () => {
  it.each([
    ['a.*', 'a\nb', true],
    ['a', 'ab', false],
    ['(?i)abc', 'aBC', true],
    ['x(?i:abc)y', 'xABCy', true],
    ['x(?i:abc)y', 'XABCY', false],
    ['((?i)a)b', 'Ab', true],
    ['((?i)a)b', 'AB', false],
    ['(?i)[a-c]+', 'AbC', true],
    ['[[:digit:]]+', '123', true],
    ['[^[:space:]]+', 'a b', false],
    ['(?P<name>a)\\d', 'a1', true],
    ['\\Qa.b\\E', 'a.b', true],
    ['\\Qa.b\\E', 'axb', false],
    ['\\pL+', 'é', true],
    ['\\x41', 'A', true],
    ['a{2,}', 'aaa', true],
    ['a{', 'a{', true],
    ['/path-[a-z]+\\.html', '/path-x.html', true],
    ['[]a]+', ']a', true],
    ['', '', true],
  ])('%s on %j: %s', (pattern, text, matches) => {
    expect(compileRe2(pattern).matches(text)).toBe(matches);
  });

  it.each([
    ['(?:(?:a+)+)+b', 'a'],
    ['(a|aa)*c', 'a'],
    ['(?:a?){500}a{500}', 'b'],
  ])('takes no more than the length of the text for %s', (pattern, letter) => {
    expect(compileRe2(pattern).matches(letter.repeat(20_000))).toBe(false);
  });

  it.each(['(', '[a', 'a\\', '(?=a)', '(?<!a)b', '\\y', '*'])('refuses %s', (pattern) => {
    expect(() => compileRe2(pattern)).toThrow(InvalidRegexError);
  });
});
