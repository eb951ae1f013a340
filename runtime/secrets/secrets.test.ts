import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configFrom } from '../config/read-config.ts';
import { masterKeyOf, SealBrokenError, Sealer } from './index.ts';

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
    const key = await masterKeyOf({}, folder);
    expect(key).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await masterKeyOf({}, folder)).toEqual(key);
    expect((await readFile(path, 'utf8')).trim()).toBe(key.toString('hex'));
  });

  it('that a setting names must be there, be one, and be nobody else’s to read', async () => {
    const path = join(folder, 'named.key');
    const asked = { secretKeyFile: path };
    await expect(masterKeyOf(asked, folder)).rejects.toThrow('OPHION_SECRET_KEY_FILE');
    await writeFile(path, 'short', { mode: 0o600 });
    await expect(masterKeyOf(asked, folder)).rejects.toThrow('expected 64 hexadecimal digits');
    await writeFile(path, 'ab'.repeat(32));
    await chmod(path, 0o644);
    await expect(masterKeyOf(asked, folder)).rejects.toThrow(`chmod 600 ${path}`);
    await chmod(path, 0o600);
    expect(await masterKeyOf(asked, folder)).toHaveLength(32);
  });

  it('may come from the environment, and is then in no file and no message', async () => {
    const digits = 'Cd'.repeat(32);
    const { secretKey } = configFrom({ OPHION_SECRET_KEY: digits }, {}, 'ophion.yaml');
    expect((await masterKeyOf({ secretKey }, folder)).toString('hex')).toBe(digits.toLowerCase());
    expect(await readdir(folder)).toEqual([]);
    const both = masterKeyOf({ secretKey, secretKeyFile: join(folder, 'named.key') }, folder);
    const error = await both.catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(String(error)).toMatch(/OPHION_SECRET_KEY and OPHION_SECRET_KEY_FILE are both set/);
    expect(String(error)).not.toContain(digits);
    const short = (): unknown => configFrom({ OPHION_SECRET_KEY: digits.slice(1) }, {}, 'ophion.yaml');
    expect(short).toThrow('OPHION_SECRET_KEY is (not shown): expected 64 hexadecimal digits');
  });
});
