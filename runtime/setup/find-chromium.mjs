import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];
const ELSEWHERE = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/**
 * A Chromium for the browser tests: the one that OPHION_CHROMIUM names, one on the PATH, or Debian's package where
 * it may be installed. `undefined` and an instruction otherwise.
 */
export function ensureChromium() {
  const found = find();
  if (found) return found;
  if (mayInstall()) {
    process.stderr.write('Installing Debian’s chromium for the browser tests …\n');
    const options = {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
  }
  const installed = find();
  if (installed === undefined) {
    process.stderr.write(
      'The browser tests need a Chromium: install the package `chromium` (Debian, Ubuntu: apt-get install chromium),\n' +
        'or name the program of a Chrome or Chromium with OPHION_CHROMIUM.\n',
    );
  }
  return installed;
}

function find() {
  const named = process.env.OPHION_CHROMIUM;
  if (named) return isProgram(named) ? named : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...ELSEWHERE].find(
    isProgram,
  );
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function mayInstall() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  try {
    execFileSync('apt-get', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
