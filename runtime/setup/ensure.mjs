// Node builtins only: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const OLDEST_NODE = [20, 19];

/** Installs and builds what is missing or stale, and says so; a second call finds nothing to do. */
export function ensureReady() {
  checkNode();
  ensureInstalled();
  ensureDecoderBuilt();
  ensureThreadsBuilt();
  ensureWebBuilt();
  ensurePostgresTemplate();
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  fail(`Node.js ${process.versions.node} is too old: OPHION needs ${OLDEST_NODE.join('.')} or newer.`);
}

/** Dependencies are current when they were installed from this lock file, by this Node.js major, for this machine. */
export function ensureInstalled() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const [major] = process.versions.node.split('.');
  const wanted = digest([lock, `node ${major} ${process.platform} ${process.arch}`]);
  const stamp = join(ROOT, 'node_modules', '.ophion-installed');
  if (read(stamp) === wanted && isComplete(lock)) return;
  say('Installing dependencies (npm ci) …');
  run(
    'npm',
    // Builds need what npm takes for a developer's, and leaves out where NODE_ENV is production.
    ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'],
    'The dependencies could not be installed.',
  );
  writeFileSync(stamp, wanted);
}

/** Somebody may have taken packages away since. Optional ones are for other machines, too. */
function isComplete(lock) {
  const { dependencies, devDependencies } = JSON.parse(lock).packages?.[''] ?? {};
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return names.every((name) => existsSync(join(ROOT, 'node_modules', name, 'package.json')));
}

export function ensureWebBuilt() {
  const wanted = digest([
    readFileSync(join(ROOT, 'package-lock.json')),
    ...filesBelow('web')
      .concat(filesBelow('proto'))
      .flatMap((path) => [path, readFileSync(path)]),
  ]);
  const stamp = join(ROOT, 'dist', 'web.built');
  if (read(stamp) === wanted && existsSync(join(ROOT, 'dist', 'web', 'index.html'))) return;
  say('Building the dashboard …');
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  run(process.execPath, [vite, 'build', 'web', '--logLevel', 'warn'], 'The dashboard could not be built.');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

const DECODER_SOURCES = 'workers/decode/wasm';
/** Memory is 1 MiB at first and 512 MiB at most: also in workers/decode/wasm-instance.ts. */
const DECODER_OPTIONS = [
  '-O3',
  '--noAssert',
  ...['--runtime', 'stub', '--enable', 'simd'],
  ...['--importMemory', '--initialMemory', '16', '--maximumMemory', '8192'],
  // Internal functions take 128-bit values; no embedding calls them.
  ...['--disableWarning', '112'],
];

/** `dist/decoder.wasm`. */
export function ensureDecoderBuilt() {
  const wanted = digest([
    readFileSync(join(ROOT, 'package-lock.json')),
    ...DECODER_OPTIONS,
    ...filesBelow(DECODER_SOURCES).flatMap((path) => [path, readFileSync(path)]),
  ]);
  const stamp = join(ROOT, 'dist', 'decoder.built');
  const output = join(ROOT, 'dist', 'decoder.wasm');
  if (read(stamp) === wanted && existsSync(output)) return;
  say('Building the decoder …');
  mkdirSync(dirname(stamp), { recursive: true });
  const asc = join(ROOT, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
  run(
    process.execPath,
    [asc, `${DECODER_SOURCES}/index.ts`, ...DECODER_OPTIONS, '-o', output],
    'The decoder could not be built.',
  );
  writeFileSync(stamp, wanted);
}

/** `dist/threads/tasks-thread.js`: what threads load, as one file of JavaScript, so that none needs a loader of its own. */
export function ensureThreadsBuilt() {
  const wanted = digest([
    readFileSync(join(ROOT, 'package-lock.json')),
    ...filesBelow('workers')
      .concat(filesBelow('proto'))
      .flatMap((path) => [path, readFileSync(path)]),
  ]);
  const stamp = join(ROOT, 'dist', 'threads.built');
  const output = join(ROOT, 'dist', 'threads');
  if (read(stamp) === wanted && existsSync(join(output, 'tasks-thread.js'))) return;
  say('Building what threads run …');
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const options = [
    '--ssr',
    'pool/tasks-thread.ts',
    '--outDir',
    output,
    '--emptyOutDir',
    '--logLevel',
    'warn',
  ];
  run(process.execPath, [vite, 'build', 'workers', ...options], 'What threads run could not be built.');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** A new, empty Postgres, so that no first start has to make one. */
export function ensurePostgresTemplate() {
  const script = join(ROOT, 'runtime', 'setup', 'postgres-template.mjs');
  const wanted = digest([readFileSync(join(ROOT, 'package-lock.json')), readFileSync(script)]);
  const stamp = join(ROOT, 'dist', 'postgres-template.built');
  if (read(stamp) === wanted && existsSync(join(ROOT, 'dist', 'postgres-template'))) return;
  say('Preparing the embedded database …');
  run(process.execPath, [script], 'The embedded database could not be prepared.');
  writeFileSync(stamp, wanted);
}

function filesBelow(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => join(ROOT, folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .sort();
}

function digest(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function run(command, args, problem) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0)
    fail(`${problem} ${command} ${args.join(' ')} ${error?.message ?? `ended with ${status}`}`);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
