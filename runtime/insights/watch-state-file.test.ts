import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WatchStateFile } from './watch-state-file.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'watch-state-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('what is usual of series, as a file', () => {
  it('is not there at first, and then as it was last written', async () => {
    const store = new WatchStateFile(directory);
    expect(await store.read()).toBeUndefined();
    await store.write(Uint8Array.of(1, 2, 3));
    await store.write(Uint8Array.of(4, 5));
    expect([...((await new WatchStateFile(directory).read()) ?? [])]).toEqual([4, 5]);
    expect(await readdir(directory)).toEqual(['watch-state.bin']);
  });

  it('is the one before where writing was cut off', async () => {
    const store = new WatchStateFile(directory);
    await store.write(Uint8Array.of(1, 2, 3));
    await writeFile(join(directory, 'watch-state.bin.new'), 'half of');
    expect([...((await store.read()) ?? [])]).toEqual([1, 2, 3]);
    await store.write(Uint8Array.of(6));
    expect([...((await store.read()) ?? [])]).toEqual([6]);
  });

  it('says so where it cannot be written or read', async () => {
    const nowhere = new WatchStateFile(join(directory, 'missing'));
    await expect(nowhere.write(Uint8Array.of(1))).rejects.toThrow('ENOENT');
    const store = new WatchStateFile(join(directory, 'file', 'below'));
    await writeFile(join(directory, 'file'), '');
    await expect(store.read()).rejects.toThrow('ENOTDIR');
  });
});
