import { describe, expect, it } from 'vitest';
import { passwordProblem } from './password-policy.ts';

const problem = (password: string, known: readonly string[] = []): string | undefined =>
  passwordProblem(password, known);

describe('a new password', () => {
  it('has twelve characters at least, and 256 at most', () => {
    expect(problem('vq7-kmzd-3x')).toContain('has 11 characters');
    expect(problem('vq7-kmzd-3xw')).toBeUndefined();
    expect(problem('seven brave otters hum '.repeat(11))).toBeUndefined();
    expect(problem('x'.repeat(257))).toContain('at most 256');
  });

  it.each([
    'password1234',
    'passwordpassword',
    'qwertyuiop[]',
    '1q2w3e4r5t6y',
    'iloveyou1234',
    'p4ssw0rd1234',
    '123456789012',
    'aaaaaaaaaaaa',
    'letmein12345',
    'administrator',
  ])('is none of the common ones, nor made of such: %s', (password) => {
    expect(problem(password)).toContain('common');
  });

  it.each([
    ['the name of the product', 'ophionophion'],
    ['the login', 'ada.lovelace1'],
    ['the name', 'AugustaKing1'],
  ])('is not made of what others know: %s', (_what, password) => {
    expect(problem(password, ['ada.lovelace', 'Augusta King', 'augustaking'])).toContain('common');
  });

  it.each([
    'seven brave otters hum',
    'SIEBEN TAPFERE OTTER',
    'семь смелых выдр поют',
    '七匹の勇敢なカワウソが歌う夜',
    '🦦🌊🎵 brave otters',
    '!"§$%&/()=?ß+*~#',
    '  leading and trailing  ',
  ])('may have any characters: %s', (password) => {
    expect(problem(password)).toBeUndefined();
  });
});
