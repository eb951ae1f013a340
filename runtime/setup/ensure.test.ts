import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** A project that has nothing but a lock file, and an npm that writes down what it is told. */
describe('the lock file', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ophion-setup-'));
    for (const folder of ['runtime/setup', 'node_modules', 'bin']) {
      await mkdir(join(root, folder), { recursive: true });
    }
    await copyFile(
      fileURLToPath(new URL('ensure.mjs', import.meta.url)),
      join(root, 'runtime/setup/ensure.mjs'),
    );
    await writeFile(join(root, 'package-lock.json'), '{"lockfileVersion":3}');
    await writeFile(join(root, 'bin/npm'), '#!/bin/sh\necho "$@" >> "$NPM_LOG"\nexit "${NPM_ENDS:-0}"\n');
    await chmod(join(root, 'bin/npm'), 0o755);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const setUp = (ends = '0'): number | null => {
    const code = "const { ensureInstalled } = await import('./runtime/setup/ensure.mjs'); ensureInstalled();";
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: root,
      env: {
        PATH: `${join(root, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
        NPM_LOG: join(root, 'npm.log'),
        NPM_ENDS: ends,
      },
    });
    return status;
  };
  const told = async (): Promise<string[]> => {
    const log = await readFile(join(root, 'npm.log'), 'utf8').catch(() => '');
    return log.split('\n').filter((line) => line !== '');
  };

  it('is installed as it stands, once, and again when it changes', async () => {
    expect(setUp()).toBe(0);
    expect(await told()).toEqual([
      'ci --include=dev --include=optional --no-audit --no-fund --loglevel=error',
    ]);
    expect(setUp()).toBe(0);
    expect(await told()).toHaveLength(1);
    await writeFile(join(root, 'package-lock.json'), '{"lockfileVersion":3,"packages":{}}');
    expect(setUp()).toBe(0);
    expect((await told()).map((line) => line.split(' ')[0])).toEqual(['ci', 'ci']);
  });

  it('counts as installed only when it was', async () => {
    expect(setUp('1')).toBe(1);
    expect(setUp('1')).toBe(1);
    expect(await told()).toHaveLength(2);
    expect(setUp()).toBe(0);
    expect(setUp()).toBe(0);
    expect(await told()).toHaveLength(3);
  });

  it('is installed again when a package is missing', async () => {
    const lock = { lockfileVersion: 3, packages: { '': { dependencies: { '@some/package': '1.0.0' } } } };
    await writeFile(join(root, 'package-lock.json'), JSON.stringify(lock));
    const folder = join(root, 'node_modules/@some/package');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), '{}');
    expect(setUp()).toBe(0);
    expect(setUp()).toBe(0);
    expect(await told()).toHaveLength(1);
    await rm(folder, { recursive: true });
    expect(setUp()).toBe(0);
    expect(await told()).toHaveLength(2);
  });
});
