import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Client } from '../../auth/index.ts';
import { startAttackedPlatform, type AttackedPlatform } from './attacked-platform.ts';

const PASSWORD = 'seven brave otters hum';

let attacked: AttackedPlatform;

beforeAll(async () => {
  attacked = await startAttackedPlatform();
});
afterAll(() => attacked.stop());

const from = (address: string): Client => ({ address, userAgent: 'test' });
const guess = (login: string, address: string) =>
  attacked.platform.access.signIn.attempt({ login, password: 'wrong' }, from(address));

async function owner(login: string): Promise<void> {
  const { users, hasher } = attacked.platform.access;
  const { id } = await attacked.somebody(login, {});
  const passwordHash = await hasher.hash(PASSWORD);
  await users.change((query) => users.update(query, id, { passwordHash }));
}

describe('guesses from many addresses', () => {
  it('count as one where all of them are one customer’s', async () => {
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 26; attempt += 1) {
      const address = `2001:db8:1:2::${attempt.toString(16)}`;
      outcomes.push((await guess(`somebody-${attempt}`, address)).type);
    }
    expect(outcomes.slice(0, 20)).not.toContain('wait');
    expect(outcomes.slice(20)).toContain('wait');
    expect((await guess('somebody-else', '2001:db8:1:3::1')).type).toBe('wrong');
  });
});

describe('an account that somebody else fails to get into', () => {
  it('stays open to its owner where they have signed in before, and to guesses there no longer than elsewhere', async () => {
    const home = from('198.51.100.20');
    await owner('careful');
    const { signIn } = attacked.platform.access;
    const right = { login: 'careful', password: PASSWORD };
    expect((await signIn.attempt(right, home)).type).toBe('signed-in');
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1) {
      outcomes.push((await guess('careful', `203.0.113.${attempt}`)).type);
    }
    expect(outcomes).toContain('wait');
    expect((await signIn.attempt(right, home)).type).toBe('signed-in');
    // Getting in takes nothing back of what others have failed.
    expect((await signIn.attempt(right, from('203.0.113.99'))).type).toBe('wait');
    const fromHome: string[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      fromHome.push((await guess('careful', home.address)).type);
    }
    expect(fromHome.slice(0, 3)).toEqual(['wrong', 'wrong', 'wrong']);
    expect(fromHome).toContain('wait');
  });
});

describe('ways in that are tried too often', () => {
  it('are closed to that address before anything is looked up, all of them at once', async () => {
    const { platform } = attacked;
    const knock = (path: string, body: unknown): Promise<Response> =>
      fetch(`http://127.0.0.1:${platform.ports.api}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const redeem = () => knock('/api/v1/password-links/redeem', { token: 'made-up', password: PASSWORD });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 60; attempt += 1) statuses.push((await redeem()).status);
    expect(statuses).not.toContain(429);
    const lookedUp = vi.spyOn(platform.access.passwords, 'reset');
    const attempted = vi.spyOn(platform.access.signIn, 'attempt');
    const refused = await redeem();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(60);
    expect((await knock('/api/v1/session', { login: 'admin', password: 'wrong' })).status).toBe(429);
    expect(lookedUp).not.toHaveBeenCalled();
    expect(attempted).not.toHaveBeenCalled();
  });
});
