import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady, ROOT } from './ensure.mjs';
import { ensureChromium } from './find-chromium.mjs';
import { licences } from './licences.mjs';

const CHECKS = [
  ['formatting', 'prettier', ['--check', '--log-level=warn', '.']],
  ['lint', 'eslint', ['.', '--max-warnings', '0']],
  ['types', 'tsc', ['-p', '.']],
  ['types of the web app', 'tsc', ['-p', 'web']],
  [
    'import rules',
    'depcruise',
    ['--config', '.dependency-cruiser.mjs', 'proto', 'workers', 'actors', 'runtime', 'web', 'bench'],
  ],
  ['dead code', 'knip', []],
];

ensureReady();
const chromium = ensureChromium();
if (chromium === undefined) process.exit(1);

const failedChecks = CHECKS.filter(([name, command, args]) => !passes(name, command, args)).map(
  ([name]) => name,
);
if (!licencesPass()) failedChecks.push('licences');
const tests = runTests(chromium, process.argv.slice(2));

for (const name of failedChecks) process.stdout.write(`failed: ${name}\n`);
const passed = CHECKS.length + 1 - failedChecks.length + tests.passed;
const failed = failedChecks.length + tests.failed;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && tests.status === 0 ? 0 : 1;

function passes(name, command, args) {
  const startedMs = Date.now();
  const { status } = spawnTool(command, args, {});
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  return status === 0;
}

/** Of all that is shipped; `node runtime/setup/licences.mjs` lists them. */
function licencesPass() {
  const all = licences();
  const wrong = all.filter(({ problem }) => problem !== undefined);
  for (const { name, version, problem } of wrong) process.stdout.write(`${name} ${version} ${problem}\n`);
  process.stdout.write(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} licences (${all.length} packages)\n`);
  return wrong.length === 0;
}

/** vitest ends with its own closing lines; the counts come from its JSON report. */
function runTests(chromiumPath, more) {
  const folder = mkdtempSync(join(tmpdir(), 'ophion-test-'));
  const report = join(folder, 'report.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...more];
  const { status } = spawnTool('vitest', args, { OPHION_CHROMIUM: chromiumPath });
  let passed = 0;
  let failed = 1;
  try {
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    passed = numPassedTests;
    // A file that could not be loaded has no tests that could fail.
    failed = numFailedTests > 0 || numFailedTestSuites === 0 ? numFailedTests : numFailedTestSuites;
  } catch {
    process.stderr.write('vitest left no report\n');
  }
  rmSync(folder, { recursive: true, force: true });
  return { passed, failed, status };
}

function spawnTool(command, args, environment) {
  const program = join(
    ROOT,
    'node_modules',
    '.bin',
    process.platform === 'win32' ? `${command}.cmd` : command,
  );
  return spawnSync(program, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
    shell: process.platform === 'win32',
  });
}
