// Node builtins only: this runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const OLDEST_NODE = [20, 19];
const VITE = join('node_modules', 'vite', 'bin', 'vite.js');

/** Installs and builds what is missing or stale, and says so; a second call finds nothing to do. */
export async function ensureReady() {
  checkNode();
  ensureInstalled();
  await Promise.all([ensureRunnable(), ensureWebBuilt()]);
}

/** All that the platform runs of, but for what browsers load. */
export async function ensureRunnable() {
  await Promise.all([
    ensureDecoderBuilt(),
    ensureThreadsBuilt(),
    ensurePlatformBuilt().then(() => ensureTemplatesMade()),
  ]);
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
  // Builds need what npm takes for a developer's, and leaves out where NODE_ENV is production.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    const ended = error?.message ?? `ended with ${status}`;
    fail(`The dependencies could not be installed. npm ${args.join(' ')} ${ended}`);
  }
  writeFileSync(stamp, wanted);
}

/** Somebody may have taken packages away since. Optional ones are for other machines, too. */
function isComplete(lock) {
  const { dependencies, devDependencies } = JSON.parse(lock).packages?.[''] ?? {};
  const names = Object.keys({ ...dependencies, ...devDependencies });
  return names.every((name) => existsSync(join(ROOT, 'node_modules', name, 'package.json')));
}

export function ensureWebBuilt() {
  return ensureBuilt('Building the dashboard', 'The dashboard could not be built.', {
    output: join('web', 'index.html'),
    sources: ['web', 'proto'],
    command: [VITE, 'build', 'web', '--logLevel', 'warn'],
  });
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
  const asc = join('node_modules', 'assemblyscript', 'bin', 'asc.js');
  return ensureBuilt('Building the decoder', 'The decoder could not be built.', {
    output: 'decoder.wasm',
    sources: [DECODER_SOURCES],
    command: [asc, `${DECODER_SOURCES}/index.ts`, ...DECODER_OPTIONS, '-o', join('dist', 'decoder.wasm')],
  });
}

/** `dist/threads/tasks-thread.js`: what threads load, as one file of JavaScript, so that none needs a loader of its own. */
export function ensureThreadsBuilt() {
  return ensureBuilt('Building what threads run', 'What threads run could not be built.', {
    output: join('threads', 'tasks-thread.js'),
    sources: ['workers', 'proto'],
    command: [
      ...[VITE, 'build', 'workers', '--ssr', 'pool/tasks-thread.ts'],
      ...['--outDir', join('..', 'dist', 'threads'), '--emptyOutDir', '--logLevel', 'warn'],
    ],
  });
}

/** `dist/platform`: the platform, its command line and the engine's process as JavaScript: see note 1 in runtime/decisions. */
export function ensurePlatformBuilt() {
  return ensureBuilt('Building the platform', 'The platform could not be built.', {
    output: join('platform', 'main.js'),
    sources: ['runtime', 'actors', 'workers', 'proto'],
    command: [VITE, 'build', '--config', 'runtime/setup/platform.config.ts', '--logLevel', 'warn'],
  });
}

/** `dist/templates`: new, empty embedded stores, so that no first start has to make them. */
export function ensureTemplatesMade() {
  return ensureBuilt('Preparing the embedded stores', 'The embedded stores could not be prepared.', {
    output: join('templates', 'postgres'),
    sources: [join('runtime', 'storage'), join('runtime', 'directory-lock')],
    command: [join('dist', 'platform', 'make-templates.js')],
  });
}

/**
 * Runs `command`, a script of Node.js and its arguments, unless `output` (below `dist`) is there and its stamp says that it was made
 * by this command of these sources and this lock file.
 */
async function ensureBuilt(title, problem, { output, sources, command }) {
  const files = sources.flatMap(filesBelow);
  const wanted = digest([
    ...['package-lock.json', ...files].flatMap((path) => [path, readFileSync(join(ROOT, path))]),
    ...command,
  ]);
  const [name] = output.split(/[./\\]/);
  const stamp = join(ROOT, 'dist', `${name}.built`);
  if (read(stamp) === wanted && existsSync(join(ROOT, 'dist', output))) return;
  say(`${title} …`);
  mkdirSync(dirname(stamp), { recursive: true });
  const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = await new Promise((resolve) => {
    child.once('error', ({ message }) => resolve({ message }));
    child.once('exit', (status, signal) => resolve({ status, message: `ended with ${status ?? signal}` }));
  });
  if (ended.status !== 0) fail(`${problem} ${process.execPath} ${command.join(' ')} ${ended.message}`);
  writeFileSync(stamp, wanted);
}

/** Itself, if it is a file. Tests are no part of what is built. */
function filesBelow(path) {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true })
    .map((name) => join(path, String(name)))
    .filter((name) => !/\.test\.tsx?$/.test(name) && statSync(join(ROOT, name)).isFile())
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

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
