import type { z } from 'zod';
import type { ApiKeyJson, newKeyBody } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import type { ApiKey, User } from '../../auth/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf, foundOr } from './access-handler.ts';
import { keyJson } from './access-json.ts';

type Request = Parameters<typeof askerOf>[0];
const DAY_MS = 86_400_000;
/** All keys there are lie in memory: nobody fills it. */
const MOST_OF_ONE = 200;

/** The answer is the only place where the key itself ever stands. */
export async function createKey(
  access: Access,
  request: Request,
  owner: User,
  { name, scopes, expiresInDays }: z.output<typeof newKeyBody>,
): Promise<{ readonly key: ApiKeyJson; readonly secret: string }> {
  const { actor, address } = askerOf(request);
  const { keys } = access;
  if (keys.all().filter(({ userId, id }) => userId === owner.id && keys.isLive(id)).length >= MOST_OF_ONE) {
    throw new ApiError('CONFLICT', `${owner.login} has ${MOST_OF_ONE} keys`, 'revoke those nobody uses');
  }
  const expiresAt = expiresInDays === null ? undefined : new Date(Date.now() + expiresInDays * DAY_MS);
  const { id, secret } = await access.keys.change(async (query) => {
    const made = await access.keys.create(query, {
      ...{ name, scopes: [...new Set(scopes)], userId: owner.id, createdBy: actor, expiresAt },
    });
    await access.audit.append(
      {
        ...{ actor, action: 'key.create', target: `key:${made.id}`, outcome: 'done', address },
        detail: { of: `user:${owner.login}`, after: { name, scopes, expiresAt: expiresAt?.toISOString() } },
      },
      query,
    );
    return made;
  });
  return { key: keyJson(access, foundOr(access.keys.get(id), 'key')), secret };
}

export async function revokeKey(access: Access, request: Request, key: ApiKey): Promise<void> {
  const { actor, address } = askerOf(request);
  await access.keys.change(async (query) => {
    await access.keys.revoke(query, key.id);
    const owner = access.users.get(key.userId)?.login ?? key.userId;
    await access.audit.append(
      {
        ...{ actor, action: 'key.revoke', target: `key:${key.id}`, outcome: 'done', address },
        detail: { of: `user:${owner}`, before: { name: key.name, scopes: key.scopes } },
      },
      query,
    );
  });
}
