import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { number, readOptions } from '../read-options.ts';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TESTS = ['actors/query/seam', 'actors/query/pages'];

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/**
 * The property tests of the seam, over `--n` stories in all: random arrivals, late and in disorder, sealing, archiving and
 * eviction at random moments, and random searches, pages, aggregates, facets and trace searches between them, each held to an
 * oracle that has all rows. `differences`: properties that some story broke; the first such story is printed.
 */
export async function run(args: readonly string[]): Promise<Record<string, unknown>> {
  const values = readOptions(args, {
    n: number(10_000, 'random stories'),
  });
  const cases = values.n;
  if (!(cases >= 1)) throw new RangeError(`--n is ${values.n}: expected the number of stories`);
  const folder = await mkdtemp(join(tmpdir(), 'ophion-seam-'));
  const reportPath = join(folder, 'report.json');
  try {
    await runTests(cases, reportPath);
    const { testResults } = JSON.parse(await readFile(reportPath, 'utf8')) as Report;
    const properties = testResults.flatMap(({ assertionResults }) => assertionResults);
    const broken = properties.filter(({ status }) => status !== 'passed');
    for (const { fullName, failureMessages } of broken) {
      process.stderr.write(`${fullName}\n${failureMessages.join('\n')}\n`);
    }
    return { cases, properties: properties.length, differences: broken.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runTests(cases: number, reportPath: string): Promise<void> {
  const child = spawn(
    process.execPath,
    [
      ...[VITEST, 'run', '--project', 'unit', ...TESTS, '--testTimeout', '3600000'],
      ...['--reporter', 'json', '--outputFile', reportPath],
    ],
    {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, OPHION_SEAM_CASES: String(cases) },
    },
  );
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => {
      resolve();
    });
  });
}
