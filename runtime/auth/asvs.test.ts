import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const ASVS = new URL('ASVS.md', import.meta.url);

describe('the table of ASVS', () => {
  it('names tests that there are, by short names that it lists', async () => {
    const text = await readFile(ASVS, 'utf8');
    const files = new Map(
      [...text.matchAll(/^- `([\w-]+)`: \[[^\]]*\]\(([^)]+)\)$/gm)].map(([, name = '', path = '']) => [
        name,
        path,
      ]),
    );
    const sources = new Map(
      await Promise.all(
        [...files].map(async ([name, path]) => [name, await readFile(new URL(path, ASVS), 'utf8')] as const),
      ),
    );
    const named = [...text.matchAll(/([\w-]+): “([^”]+)”/g)].map(([, file = '', test = '']) => ({
      file,
      test,
    }));
    expect(named.length).toBeGreaterThan(100);
    // In the source a quote within a name is escaped.
    const missing = named.filter(
      ({ file, test }) =>
        sources
          .get(file)
          ?.replaceAll(String.raw`\'`, `'`)
          .includes(test) !== true,
    );
    expect(missing).toEqual([]);
    const used = new Set(named.map(({ file }) => file));
    expect([...files.keys()].filter((name) => !used.has(name))).toEqual([]);
  });
});
