import { describe, expect, it } from 'vitest';
import { isAllowed, licences } from './licences.mjs';

describe('licences', () => {
  it('of all packages are known and may be used, and those of the web app count as shipped', () => {
    const all = licences();
    expect(all.filter(({ problem }) => problem !== undefined)).toEqual([]);
    const shipped = new Map(all.map(({ name, isShipped }) => [name, isShipped]));
    for (const name of ['pg', 'chdb', 'uWebSockets.js', 'solid-js', 'chart.js']) {
      expect(shipped.get(name)).toBe(true);
    }
    expect(shipped.get('vitest')).toBe(false);
  });

  it('that oblige, or are not named, are problems', () => {
    const packages = {
      '': {},
      'node_modules/copyleft': { version: '1.0.0', license: 'GPL-3.0' },
      'node_modules/silent': { version: '1.0.0' },
      'node_modules/a/node_modules/choice': { version: '1.0.0', license: '(MIT OR GPL-2.0)' },
      'node_modules/shared': { version: '1.0.0', license: 'MPL-2.0' },
      'node_modules/tool': { version: '1.0.0', license: 'MPL-2.0', dev: true },
      'node_modules/viral-tool': { version: '1.0.0', license: 'GPL-3.0', dev: true },
    };
    const problems = licences({ packages }).map(({ name, problem }) => [name, problem?.split(':')[0]]);
    expect(problems).toEqual([
      ['choice', undefined],
      ['copyleft', 'is under GPL-3.0'],
      ['shared', 'is under MPL-2.0'],
      ['silent', 'names no licence'],
      ['tool', undefined],
      ['viral-tool', 'is under GPL-3.0'],
    ]);
  });

  it.each([
    ['MIT', true],
    ['(MIT OR Apache-2.0)', true],
    ['MIT AND CC0-1.0', true],
    ['MIT AND GPL-3.0', false],
    ['GPL-2.0 OR AGPL-3.0', false],
    ['SEE LICENSE IN FILE', false],
    ['MPL-2.0', false],
    ['', false],
  ])('%s', (expression, allowed) => {
    expect(isAllowed(expression)).toBe(allowed);
  });
});
