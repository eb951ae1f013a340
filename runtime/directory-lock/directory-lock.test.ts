import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { DirectoryInUseError, DirectoryUnusableError, lockDirectory } from './index.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ophion-lock-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const holder = (change: object) =>
  JSON.stringify({ pid: process.pid, host: hostname(), startedAt: '', token: 'x', ...change });

describe('lockDirectory', () => {
  it('refuses a second claim, naming directory, process and setting', async () => {
    const lock = await lockDirectory(directory, 'OPHION_DATA_DIR');
    const refusal = await lockDirectory(directory, 'OPHION_DATA_DIR').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DirectoryInUseError);
    const { message, code } = refusal as DirectoryInUseError;
    expect(code).toBe('DATA_DIR_UNUSABLE');
    expect(message).toContain(directory);
    expect(message).toContain(`process ${process.pid}`);
    expect(message).toContain('OPHION_DATA_DIR');
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
    await (await lockDirectory(directory, 'OPHION_DATA_DIR')).release();
  });

  it('takes over the lock of a process that has ended', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.once('exit', resolve));
    await writeFile(join(directory, 'lock'), holder({ pid: child.pid }));
    const lock = await lockDirectory(directory, 'OPHION_DATA_DIR');
    expect(await readFile(join(directory, 'lock'), 'utf8')).toContain(`"pid":${process.pid}`);
    await lock.release();
  });

  it('takes over the lock of a process that has ended and was not collected', async () => {
    // The shell does not collect what it started before it became `sleep`.
    const parent = spawn('/bin/sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 20'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(output.toString());
    await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toContain(') Z');
    await writeFile(join(directory, 'lock'), holder({ pid }));
    await (await lockDirectory(directory, 'OPHION_DATA_DIR')).release();
    expect(await readdir(directory)).toEqual([]);
    parent.kill('SIGKILL');
  });

  it('takes over the lock of an earlier process with the same pid', async () => {
    await writeFile(join(directory, 'lock'), holder({ startedAt: 'an-earlier-boot:1' }));
    const lock = await lockDirectory(directory, 'OPHION_DATA_DIR');
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('believes the heartbeat of another host, and takes over when it has stopped', async () => {
    const path = join(directory, 'lock');
    await writeFile(path, holder({ host: 'elsewhere' }));
    await expect(lockDirectory(directory, 'OPHION_DATA_DIR')).rejects.toThrow('on elsewhere');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(path, longAgo, longAgo);
    await (await lockDirectory(directory, 'OPHION_DATA_DIR')).release();
  });

  it('names a directory that cannot be used, the reason and the setting', async () => {
    const refusal = await lockDirectory('/dev/null/nowhere', 'OPHION_DATA_DIR').catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(DirectoryUnusableError);
    const { message, code } = refusal as DirectoryUnusableError;
    expect(code).toBe('DATA_DIR_UNUSABLE');
    expect(message).toMatch(/^\/dev\/null\/nowhere cannot be used: ENOTDIR.*OPHION_DATA_DIR/);
  });

  it('takes over an unreadable lock once it is old', async () => {
    const path = join(directory, 'lock');
    await writeFile(path, '{"pid":');
    await expect(lockDirectory(directory, 'OPHION_DATA_DIR')).rejects.toThrow('another process');
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(path, longAgo, longAgo);
    await (await lockDirectory(directory, 'OPHION_DATA_DIR')).release();
  });

  it('takes over from one that died while taking over', async () => {
    await writeFile(join(directory, 'lock'), holder({ startedAt: 'an-earlier-boot:1' }));
    await writeFile(join(directory, 'lock.succession'), holder({ startedAt: 'an-earlier-boot:2' }));
    await (await lockDirectory(directory, 'OPHION_DATA_DIR')).release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('lets one of many win a left-over lock, every time', async () => {
    for (let round = 0; round < 50; round++) {
      await writeFile(join(directory, 'lock'), holder({ startedAt: 'an-earlier-boot:1' }));
      const claims = await Promise.allSettled(
        Array.from({ length: 8 }, () => lockDirectory(directory, 'OPHION_DATA_DIR')),
      );
      const won = claims.filter((claim) => claim.status === 'fulfilled');
      expect(won).toHaveLength(1);
      await won[0]?.value.release();
      expect(await readdir(directory)).toEqual([]);
    }
  });
});
