import { describe, expect, it } from 'vitest';
import { placeAfterSignIn, signInHref } from './sign-in-href.ts';

describe('the way through the sign-in', () => {
  it('leads back to where one was', () => {
    const href = signInHref('/traces?q=status:error&from=now-1h');
    const to = new URL(href, 'http://app').searchParams.get('to') ?? undefined;
    expect(placeAfterSignIn(to)).toBe('/traces?q=status:error&from=now-1h');
    expect(placeAfterSignIn(undefined)).toBe('/');
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '',
    '/\t/evil.example',
  ])('does not lead to %j', (to) => {
    expect(placeAfterSignIn(to)).toBe('/');
  });
});
