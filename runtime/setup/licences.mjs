// Node builtins only. `node runtime/setup/licences.mjs` lists the licence of all that is shipped or that builds and tests it, and fails on one that may not be.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** They let everybody use, change and pass on what is under them, within a product of any licence. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

/** They ask something of whoever passes on what is under them, changed (MPL-2.0) or at all: nothing of tools is passed on. */
const ALLOWED_FOR_TOOLS = new Set([...ALLOWED, 'CC-BY-4.0', 'MPL-2.0', 'PSF-2.0']);

/** Packages under another licence, and why they may be used. None needs it yet. */
const JUSTIFIED = new Map([]);

/** Packages that do not name their licence where npm looks; it stands in their LICENSE file. */
const READ_BY_PEOPLE = new Map([['node_modules/uWebSockets.js', 'Apache-2.0']]);

/**
 * Of every package of the lock file, for any platform: `{ name, version, licence, isShipped, problem }`. Shipped is what the product
 * installs and what the web app is built from.
 */
export function licences(lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))) {
  const paths = Object.keys(lock.packages).filter((path) => path !== '');
  const bundled = closure(
    lock,
    [...importedByWeb()].map((name) => `node_modules/${name}`),
  );
  return paths.sort().map((path) => {
    const { version, license, dev } = lock.packages[path];
    const licence = license ?? READ_BY_PEOPLE.get(path);
    const isShipped = dev !== true || bundled.has(path);
    return {
      ...{ name: path.replace(/^.*node_modules\//, ''), version, licence, isShipped },
      problem: problemOf(path, licence, isShipped),
    };
  });
}

function problemOf(path, licence, isShipped) {
  if (licence === undefined)
    return 'names no licence: read its LICENSE file, and write it into READ_BY_PEOPLE';
  if (JUSTIFIED.has(path) || isAllowed(licence, isShipped ? ALLOWED : ALLOWED_FOR_TOOLS)) return undefined;
  return `is under ${licence}: do without it, or write into JUSTIFIED why it may be used`;
}

/** SPDX: of several with OR one is enough, of several with AND all are needed. */
export function isAllowed(expression, allowed = ALLOWED) {
  const text = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (/\bOR\b/.test(text)) return text.split(/\bOR\b/).some((part) => isAllowed(part, allowed));
  if (/\bAND\b/.test(text)) return text.split(/\bAND\b/).every((part) => isAllowed(part, allowed));
  return allowed.has(text);
}

/** The web app is built from what only a build needs: for browsers it is the product. */
function importedByWeb() {
  const files = readdirSync(join(ROOT, 'web'), { recursive: true })
    .map(String)
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.|\.config\.|\.d\.ts$|^e2e\b/.test(name));
  const names = files.flatMap((name) =>
    [
      ...readFileSync(join(ROOT, 'web', name), 'utf8').matchAll(/(?:from|import) '((?:@[\w-]+\/)?[\w.-]+)/g),
    ].map(([, found]) => found),
  );
  return new Set(names.filter((name) => isPackage(name)));
}

function isPackage(name) {
  return !name.startsWith('.') && existsSync(join(ROOT, 'node_modules', name));
}

function closure(lock, paths) {
  const seen = new Set();
  const visit = (path) => {
    const found = lock.packages[path];
    if (!found || seen.has(path)) return;
    seen.add(path);
    for (const name of Object.keys(found.dependencies ?? {})) {
      const nested = `${path}/node_modules/${name}`;
      visit(lock.packages[nested] ? nested : `node_modules/${name}`);
    }
  };
  for (const path of paths) visit(path);
  return seen;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const all = licences();
  const wrong = all.filter(({ problem }) => problem !== undefined);
  if (!process.argv.includes('--quiet')) {
    for (const { name, version, licence, isShipped } of all) {
      process.stdout.write(`${name} ${version}: ${licence}${isShipped ? '' : ' (tool)'}\n`);
    }
  }
  for (const { name, version, problem } of wrong) process.stderr.write(`${name} ${version} ${problem}\n`);
  process.exitCode = wrong.length === 0 && all.length > 0 ? 0 : 1;
}
