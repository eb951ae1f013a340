import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runScript } from './run-script.ts';

const FIXTURES = new URL('fixtures/', import.meta.url);

describe('a script in the test format of Prometheus', () => {
  it('passes where all is as it says', async () => {
    const files = (await readdir(FIXTURES)).filter((file) => file.endsWith('.test'));
    expect(files).toHaveLength(2);
    for (const file of files) {
      const outcomes = runScript(await readFile(fileURLToPath(new URL(file, FIXTURES)), 'utf8'));
      expect(outcomes.filter(({ failure }) => failure !== undefined)).toEqual([]);
    }
  });

  it.each([
    ['another value', '{} 4'],
    ['a series too many', ''],
    ['a series too few', '{} 3\n  {a="b"} 3'],
    ['no failure', 'expect fail'],
    ['no warning', '{} 3\n  expect warn'],
    ['a histogram', '{} {{count:3}}'],
  ])('fails on %s', (_, expected) => {
    const [outcome] = runScript(
      `load 1m\n  x{a="b"} 1\n  x{a="c"} 2\n\neval instant at 0 sum(x)\n  ${expected}\n`,
    );
    expect(outcome?.failure).toBeDefined();
  });

  it('fails where a range query has a sample too many, and where texts differ', () => {
    const script =
      'load 1m\n  x 1 2 3\n\neval range from 0 to 2m step 1m x\n  x 1 2\n\neval instant at 0 "a"\n  expect string "b"\n';
    expect(runScript(script).map(({ failure }) => failure)).toEqual([
      expect.stringContaining('1 samples too many'),
      'got the string "a"',
    ]);
  });

  it('tells classic cases from those that read histograms or use experimental parts', () => {
    const script = `load 1m
      x 1
      h {{count:1 sum:1 buckets:[1]}}

      eval instant at 0 sum(x)
      {} 1

      eval instant at 0 histogram_count(h)
      {} 1

      eval instant at 0 limitk(1, x)
      x 1
    `;
    expect(runScript(script).map(({ isClassic }) => isClassic)).toEqual([true, false, false]);
  });

  it.each([
    ['a command', 'do something', 'line 1: unknown command do something'],
    ['a value', 'load 1m\n  x 1 one', 'line 1: no value: one'],
    ['an expectation', 'eval instant at 0 1\n  expect nothing', 'line 1: unknown expectation nothing'],
  ])('names %s that it does not know', (_, script, message) => {
    expect(() => runScript(script)).toThrow(message);
  });
});
