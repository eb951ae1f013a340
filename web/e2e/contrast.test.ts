import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Tokens = Readonly<Record<string, string>>;

function tokensOf(theme: string): Tokens {
  const css = readFileSync(new URL('../ui/styles/tokens.css', import.meta.url), 'utf8');
  const block = css.split(`:root[data-theme='${theme}']`)[1]?.split('}')[0] ?? '';
  const pairs = [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)];
  return Object.fromEntries(pairs.map((match): [string, string] => [match[1] ?? '', match[2] ?? '']));
}

/** Relative luminance as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(tokens: Tokens, one: string, other: string): number {
  const [low = 0, high = 0] = [one, other]
    .map((name) => luminance(tokens[name] ?? '#000000'))
    .sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

describe.each(['dark', 'light'])('colours of the %s theme', (theme) => {
  const tokens = tokensOf(theme);
  const grounds = ['canvas', 'surface', 'raised', 'hover', 'selected'];

  it.each(['text', 'text-2', 'text-3', 'accent', 'error', 'warn', 'ok', 'info'])(
    '%s can be read on every ground',
    (ink) => {
      for (const ground of grounds) {
        expect([ground, contrast(tokens, ink, ground) >= 4.5]).toEqual([ground, true]);
      }
    },
  );

  it.each([
    ['error', 'error-soft'],
    ['warn', 'warn-soft'],
    ['ok', 'ok-soft'],
    ['accent-ink', 'accent'],
  ])('%s can be read on %s', (ink, ground) => {
    expect(contrast(tokens, ink, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('has series colours and control borders that stand out from the ground', () => {
    const names = [...Array.from({ length: 10 }, (_, at) => `series-${at}`), 'line-strong'];
    for (const name of names) {
      expect([name, contrast(tokens, name, 'surface') >= 3]).toEqual([name, true]);
    }
  });
});
