import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryInUseError, DirectoryUnusableError } from '../directory-lock/index.ts';
import { aboutDirectory, openDataDirectory } from './data-directory.ts';

describe('the data directory', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ophion-directory-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const failureOf = (path: string): Promise<unknown> =>
    readFile(path).then(
      () => undefined,
      (error: unknown) => error,
    );

  it('is made when it is missing, and claimed', async () => {
    const { path, lock } = await openDataDirectory(join(folder, 'a', 'b'));
    expect(path).toBe(join(folder, 'a', 'b'));
    await expect(openDataDirectory(path)).rejects.toThrow(DirectoryInUseError);
    await lock.release();
    await (await openDataDirectory(path)).lock.release();
  });

  it('is named, with its setting, when it cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    const attempt = openDataDirectory(join(folder, 'file', 'below'));
    await expect(attempt).rejects.toThrow(DirectoryUnusableError);
    await expect(attempt).rejects.toThrow('OPHION_DATA_DIR');
  });

  it('is blamed for what is refused in it, and for nothing else', async () => {
    const inside = await failureOf(join(folder, 'data', 'missing'));
    expect(aboutDirectory(join(folder, 'data'), inside)).toBeInstanceOf(DirectoryUnusableError);
    for (const path of [join(folder, 'data-of-others'), join(folder, 'template')]) {
      const outside = await failureOf(path);
      expect(aboutDirectory(join(folder, 'data'), outside)).toBe(outside);
    }
    const bug = new TypeError('x is not a function');
    expect(aboutDirectory(folder, bug)).toBe(bug);
    expect(aboutDirectory(folder, undefined)).toBeUndefined();
  });
});
