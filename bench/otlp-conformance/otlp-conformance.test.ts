import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { CHECKS } from './checks/index.ts';
import { conformanceTable } from './conformance-table.ts';
import { LANE_KINDS, lanes } from './lanes.ts';
import { runCheck } from './run-checks.ts';

describe.each(lanes().map((lane) => [lane.name, lane] as const))('%s', (_name, lane) => {
  it.each(
    CHECKS.filter(({ appliesTo }) => appliesTo(lane)).map((check) => [check.id, check.title, check] as const),
  )('%s %s', async (_id, _title, check) => {
    await expect(runCheck(check, lane)).resolves.toBeUndefined();
  });
});

describe('the checks', () => {
  it('cover every row: R1 to R27, D1 to D7, T1 to T7', () => {
    const rows = [
      ...Array.from({ length: 27 }, (_, i) => `R${i + 1}`),
      ...Array.from({ length: 7 }, (_, i) => `D${i + 1}`),
      ...Array.from({ length: 7 }, (_, i) => `T${i + 1}`),
    ];
    const ids = new Set(CHECKS.map(({ id }) => id));
    expect(rows.filter((row) => !ids.has(row))).toEqual([]);
    expect(CHECKS.filter(({ appliesTo }) => !LANE_KINDS.some(appliesTo))).toEqual([]);
  });

  it('are listed in CONFORMANCE.md', async () => {
    const text = await readFile(new URL('./CONFORMANCE.md', import.meta.url), 'utf8');
    const listed = /<!-- checks:[^>]*-->\n\n(.*?)\n\n<!-- \/checks -->/s.exec(text)?.[1] ?? '';
    const cells = (rows: string): string[][] =>
      rows.split('\n').map((row) => row.split('|').map((cell) => cell.trim().replace(/^:?-+:?$/, '---')));
    expect(cells(listed)).toEqual(cells(conformanceTable()));
  });
});
