import { describe, expect, it } from 'vitest';
import { PasswordChecksBusyError, PasswordHasher } from './password-hash.ts';

const hasher = new PasswordHasher();

describe('a password', () => {
  it('is kept by argon2id, each time another way', async () => {
    const hashes = await Promise.all(['same', 'same'].map((password) => hasher.hash(password)));
    for (const hash of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=1\$/);
    expect(new Set(hashes).size).toBe(2);
  });

  it('is right as it was given, in every character to the last', async () => {
    const given = ` Ärmel ${'x'.repeat(240)}Ω `;
    const hash = await hasher.hash(given);
    expect(await hasher.isRight(given, hash)).toBe(true);
    for (const other of [given.slice(0, -1), given.trim(), given.toLowerCase(), given.normalize('NFD')]) {
      expect(await hasher.isRight(other, hash)).toBe(false);
    }
  });

  it('is never right where there is none', async () => {
    expect(await hasher.isRight('', undefined)).toBe(false);
  });

  it('is checked after those that came before, and not at all when they are too many, but then again', async () => {
    const busy = new PasswordHasher(2);
    const ended: string[] = [];
    const first = busy.hash('first').then(() => ended.push('first'));
    const second = busy.hash('second').then(() => ended.push('second'));
    await expect(busy.isRight('third', undefined)).rejects.toThrow(PasswordChecksBusyError);
    expect(ended).toEqual([]);
    await Promise.all([first, second]);
    expect(ended).toEqual(['first', 'second']);
    expect(await busy.isRight('third', undefined)).toBe(false);
    expect(await busy.isRight('third', await busy.hash('third'))).toBe(true);
  });
});
