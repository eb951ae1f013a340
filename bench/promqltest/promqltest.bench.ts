import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { flag, requiredText, readOptions } from '../read-options.ts';
import { type CaseOutcome, runScript } from './run-script.ts';

interface Tally {
  readonly passed: number;
  readonly total: number;
}

/**
 * Runs every `.test` file below `--data` (Prometheus' own test format; the originals stand in its repository under
 * `promql/promqltest/testdata`) through our evaluation. A case is one `eval`. Classic cases read and give floats only and
 * use nothing that Prometheus calls experimental.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    data: requiredText('DIR', 'folder with .test files below it'),
    failures: flag('say why cases do not pass'),
  });
  const { data } = values;
  const outcomes = new Map<string, readonly CaseOutcome[]>();
  for (const path of await testFiles(data)) {
    outcomes.set(relative(data, path), runScript(await readFile(path, 'utf8')));
  }
  if (outcomes.size === 0) throw new Error(`no .test file below ${data}`);
  const all = [...outcomes.values()].flat();
  if (values.failures) for (const [file, cases] of outcomes) printFailures(file, cases);
  return {
    ...tally(all),
    share: share(tally(all)),
    classic: tally(all.filter(({ isClassic }) => isClassic)),
    classicShare: share(tally(all.filter(({ isClassic }) => isClassic))),
    files: Object.fromEntries([...outcomes].map(([file, cases]) => [file, tally(cases)])),
  };
}

async function testFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function tally(cases: readonly CaseOutcome[]): Tally {
  return { passed: cases.filter(({ failure }) => failure === undefined).length, total: cases.length };
}

function share({ passed, total }: Tally): number {
  return total === 0 ? 0 : Math.floor((passed / total) * 10_000) / 10_000;
}

function printFailures(file: string, cases: readonly CaseOutcome[]): void {
  for (const { line, query, failure } of cases) {
    if (failure !== undefined) process.stderr.write(`${file}:${line}  ${query}\n    ${failure}\n`);
  }
}
