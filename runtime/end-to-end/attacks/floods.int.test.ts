import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAttackedPlatform, type AttackedPlatform } from './attacked-platform.ts';

let attacked: AttackedPlatform;

beforeAll(async () => {
  attacked = await startAttackedPlatform();
});
afterAll(() => attacked.stop());

describe('whoever is refused very often', () => {
  it('hides neither what they were refused, nor what others were', async () => {
    const { access } = attacked.platform;
    const { token } = await attacked.somebody('noisy', {});
    const { token: quiet } = await attacked.somebody('quiet', {});
    for (let path = 0; path < 130; path += 1) {
      const id = `00000000-0000-4000-8000-${String(path).padStart(12, '0')}`;
      expect((await attacked.as(token, 'GET', `/api/v1/users/${id}`)).status).toBe(403);
    }
    expect((await attacked.as(token, 'GET', '/api/v1/audit')).status).toBe(403);
    expect((await attacked.as(quiet, 'GET', '/api/v1/audit')).status).toBe(403);
    await access.refusals.flush();
    const refused = await access.audit.list({ outcome: 'refused' }, 1_000);
    const of = (actor: string) => refused.filter((entry) => entry.actor === actor);
    expect(of('user:quiet').map(({ target }) => target)).toEqual(['GET /api/v1/audit']);
    expect(of('user:noisy').length).toBeLessThan(30);
    // Each of the 131 is there, by itself or in a number, and none of somebody else.
    const count = of('user:noisy').reduce((sum, { detail }) => sum + Number(detail['more'] ?? 1), 0);
    expect(count).toBe(131);
  });
});

describe('API keys', () => {
  it('of one owner are so many and no more, and say little on record', async () => {
    const { token } = await attacked.somebody('collector', {});
    const make = (body: unknown) => attacked.as(token, 'POST', '/api/v1/me/keys', body);
    const scopes = Array.from({ length: 5_000 }, () => 'query');
    expect((await make({ name: 'long', scopes })).status).toBe(400);
    const statuses = new Map<number, number>();
    for (let key = 0; key < 202; key += 1) {
      const { status } = await make({ name: 'k', scopes: ['query'] });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect([...statuses]).toEqual([
      [200, 200],
      [409, 2],
    ]);
    const { keys } = JSON.parse((await attacked.as(token, 'GET', '/api/v1/me/keys')).text) as {
      readonly keys: readonly { readonly id: string }[];
    };
    expect((await attacked.as(token, 'DELETE', `/api/v1/me/keys/${keys[0]?.id ?? ''}`)).status).toBe(200);
    expect((await make({ name: 'k', scopes: ['query'] })).status).toBe(200);
  });
});
