import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureReady, ROOT } from './ensure.mjs';
import { ensureChromium } from './find-chromium.mjs';
import { licences } from './licences.mjs';

/** One after the other beside the tests, of which many wait: they take what those leave of the processors. By far the longest is first. */
const CHECKS = [
  { name: 'lint and types', command: 'oxlint', args: [] },
  { name: 'formatting', command: 'prettier', args: ['--check', '--log-level=warn', '.'] },
  {
    name: 'import rules',
    command: 'depcruise',
    args: ['--config', '.dependency-cruiser.mjs', 'proto', 'workers', 'actors', 'runtime', 'web', 'bench'],
  },
  { name: 'dead code', command: 'knip', args: [] },
];

const TOOL = { cwd: ROOT, shell: process.platform === 'win32' };

await ensureReady();
const chromium = ensureChromium();
if (chromium === undefined) process.exit(1);

const checks = runChecks();
const areLicencesRight = licencesPass();
const tests = await runTests(chromium, process.argv.slice(2));
const failedChecks = await checks;
if (!areLicencesRight) failedChecks.push('licences');

for (const name of failedChecks) process.stdout.write(`failed: ${name}\n`);
const passed = CHECKS.length + 1 - failedChecks.length + tests.passed;
const failed = failedChecks.length + tests.failed;
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && tests.status === 0 ? 0 : 1;

/** Answers the names of those that failed. */
async function runChecks() {
  const failed = [];
  for (const check of CHECKS) if (!(await passes(check))) failed.push(check.name);
  return failed;
}

/** What a check says comes out in one piece, above its verdict. */
async function passes({ name, command, args }) {
  const startedMs = Date.now();
  const child = spawn(programOf(command), args, { ...TOOL, stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  const said = [];
  child.stdout.on('data', (chunk) => said.push(chunk));
  child.stderr.on('data', (chunk) => said.push(chunk));
  const status = await ended(child);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(Buffer.concat(said));
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  return status === 0;
}

/** Resolves with the exit code; undefined when it could not be started, null when a signal ended it. */
function ended(child) {
  return new Promise((resolve) => {
    child.once('error', () => resolve(undefined));
    child.once('close', resolve);
  });
}

/** Of all dependencies; `node runtime/setup/licences.mjs` lists them. */
function licencesPass() {
  const all = licences();
  const wrong = all.filter(({ problem }) => problem !== undefined);
  for (const { name, version, problem } of wrong) process.stdout.write(`${name} ${version} ${problem}\n`);
  process.stdout.write(`${wrong.length === 0 ? 'ok    ' : 'FAILED'} licences (${all.length} packages)\n`);
  return wrong.length === 0;
}

/** vitest ends with its own closing lines; the counts come from its JSON report. */
async function runTests(chromiumPath, more) {
  const folder = mkdtempSync(join(tmpdir(), 'ophion-test-'));
  const report = join(folder, 'report.json');
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...more];
  const child = spawn(programOf('vitest'), args, {
    ...TOOL,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, OPHION_CHROMIUM: chromiumPath },
  });
  const status = await ended(child);
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

function programOf(command) {
  return join(ROOT, 'node_modules', '.bin', process.platform === 'win32' ? `${command}.cmd` : command);
}
