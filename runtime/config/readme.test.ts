import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { settingRows } from './read-config.ts';

const README = new URL('../../README.md', import.meta.url);

function table(): string {
  const rows = settingRows().map(
    ({ name, key, fallback, help }) =>
      `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${help} | \`${key}\` |`,
  );
  return ['| Variable | Default | What it is | In `ophion.yaml` |', '|---|---|---|---|', ...rows].join('\n');
}

describe('the README', () => {
  it('lists the settings as they are', async () => {
    const text = await readFile(README, 'utf8');
    const listed = /<!-- settings:[^>]*-->\n\n(.*?)\n\n<!-- \/settings -->/s.exec(text)?.[1] ?? '';
    const cells = (rows: string): string[][] =>
      rows.split('\n').map((row) => row.split('|').map((cell) => cell.trim().replace(/^:?-+:?$/, '---')));
    expect(cells(listed)).toEqual(cells(table()));
  });
});
