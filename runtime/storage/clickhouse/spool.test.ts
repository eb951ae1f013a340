import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Spool } from './spool.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ophion-spool-test-'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

describe('a spool', () => {
  it('throws away what an earlier process left, and is for its user alone', async () => {
    const directory = join(home, 'left');
    const earlier = new Spool(directory);
    await (await earlier.create()).close();
    await writeFile(join(directory, 'something'), 'else');
    const file = await new Spool(directory).create();
    await file.append([Uint8Array.of(1, 2), Uint8Array.of(3)]);
    await file.append([Uint8Array.of(4)]);
    await file.close();
    expect(await readdir(directory)).toHaveLength(1);
    expect([...(await readFile(file.path))]).toEqual([1, 2, 3, 4]);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(file.path)).mode & 0o777).toBe(0o600);
    await file.remove();
    expect(await readdir(directory)).toEqual([]);
  });

  it('is tried again when its directory could not be made', async () => {
    const blocker = join(home, 'blocker');
    await writeFile(blocker, '');
    const spool = new Spool(join(blocker, 'inside'));
    await expect(spool.create()).rejects.toThrow('ENOTDIR');
    await rm(blocker);
    const file = await spool.create();
    await file.close();
    await spool.close();
    await expect(stat(join(blocker, 'inside'))).rejects.toThrow('ENOENT');
  });
});
