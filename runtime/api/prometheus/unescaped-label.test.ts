import { describe, expect, it } from 'vitest';
import { unescapedLabel } from './unescaped-label.ts';

describe('the name of a label in a path', () => {
  it.each([
    ['http_route', 'http_route'],
    ['U__http_2e_route', 'http.route'],
    ['U__a__b_2E_c', 'a_b.c'],
    ['U__gr_f6__df_e', 'größe'],
    ['U___1f600_', '😀'],
    ['U__', ''],
    // Not escaped so, or no character: the name itself.
    ['U__a_b', 'U__a_b'],
    ['U___', 'U___'],
    ['U___ffffffff_', 'U___ffffffff_'],
    ['U___110000_', 'U___110000_'],
    ['U___d800_', 'U___d800_'],
  ])('%s stands for %s', (escaped, name) => {
    expect(unescapedLabel(escaped)).toBe(name);
  });
});
