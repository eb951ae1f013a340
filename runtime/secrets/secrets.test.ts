import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMasterKey, SealBrokenError, Sealer } from './index.ts';

describe('a sealed value', () => {
  const sealer = new Sealer(Buffer.alloc(32, 1));

  it('is what it was when it is opened, and never the same twice', () => {
    const sealed = sealer.seal('the mail password', 'hunter2 ü');
    expect(sealer.open('the mail password', sealed).toString()).toBe('hunter2 ü');
    expect(sealed.includes('hunter2')).toBe(false);
    expect(sealer.seal('the mail password', 'hunter2 ü')).not.toEqual(sealed);
  });

  it('cannot be opened changed, cut, as something else, or with another key', () => {
    const sealed = sealer.seal('a', 'secret');
    for (let i = 0; i < sealed.length; i += 1) {
      const changed = Buffer.from(sealed);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => sealer.open('a', changed)).toThrow(SealBrokenError);
      expect(() => sealer.open('a', sealed.subarray(0, i))).toThrow(SealBrokenError);
    }
    expect(() => sealer.open('b', sealed)).toThrow(SealBrokenError);
    expect(() => new Sealer(Buffer.alloc(32, 2)).open('a', sealed)).toThrow(SealBrokenError);
  });
});

describe('the secret key', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ophion-key-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made once, for its owner alone', async () => {
    const path = join(folder, 'secret.key');
    const key = await readMasterKey({ path });
    expect(key).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readMasterKey({ path })).toEqual(key);
    expect((await readFile(path, 'utf8')).trim()).toBe(key.toString('hex'));
  });

  it('that a setting names must be there, be one, and be nobody else’s to read', async () => {
    const path = join(folder, 'named.key');
    const asked = { path, setting: 'OPHION_SECRET_KEY_FILE' };
    await expect(readMasterKey(asked)).rejects.toThrow('OPHION_SECRET_KEY_FILE');
    await writeFile(path, 'short', { mode: 0o600 });
    await expect(readMasterKey(asked)).rejects.toThrow('expected 64 hexadecimal digits');
    await writeFile(path, 'ab'.repeat(32));
    await chmod(path, 0o644);
    await expect(readMasterKey(asked)).rejects.toThrow(`chmod 600 ${path}`);
    await chmod(path, 0o600);
    expect(await readMasterKey(asked)).toHaveLength(32);
  });
});
