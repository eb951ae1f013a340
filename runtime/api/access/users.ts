import type { z } from 'zod';
import type { changedUserBody, newUserBody } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import { loginOf, type User } from '../../auth/index.ts';
import { QueryRefusedError, type RunQuery } from '../../storage/postgres/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf, foundOr } from './access-handler.ts';
import { requireAdminLeft, requireCoversUser, requireRoles } from './may-grant.ts';

type Request = Parameters<typeof askerOf>[0];
/** Of Postgres: `login` is unique. */
const UNIQUE_VIOLATION = '23505';

/** `also` is part of the same transaction: people get a link for their first password, service accounts never have one. */
export async function createUser<Also>(
  access: Access,
  request: Request,
  kind: User['kind'],
  { login, name, roles }: z.output<typeof newUserBody>,
  also: (query: RunQuery, user: Pick<User, 'id' | 'login'>) => Promise<Also>,
): Promise<{ readonly user: User; readonly also: Also }> {
  const { actor, address } = askerOf(request);
  const made = await access.users
    .change(async (query) => {
      requireRoles(access, request, roles);
      const id = await access.users.create(query, { login, kind, name, roles, mustChangePassword: false });
      await access.audit.append(
        {
          ...{ actor, action: 'user.create', target: `user:${loginOf(login)}`, outcome: 'done', address },
          detail: { after: { kind, name, roles } },
        },
        query,
      );
      return { id, also: await also(query, { id, login: loginOf(login) }) };
    })
    .catch((error: unknown) => {
      const isTaken = error instanceof QueryRefusedError && error.sqlState === UNIQUE_VIOLATION;
      throw isTaken
        ? new ApiError('CONFLICT', `there is a ${loginOf(login)} already`, 'take another login')
        : error;
    });
  return { user: foundOr(access.users.get(made.id), 'user'), also: made.also };
}

/** What the change does not name stays as it is when its turn comes, not as it was when it was asked for. */
export async function changeUser(
  access: Access,
  request: Request,
  { id, kind, login }: User,
  change: z.output<typeof changedUserBody>,
): Promise<User> {
  const { actor, address } = askerOf(request);
  await access.users.change(async (query) => {
    const now = foundOr(access.users.get(id), 'user');
    const before = { name: now.name, roles: now.roles, isDisabled: now.isDisabled };
    const after = {
      name: change.name ?? before.name,
      roles: change.roles ?? before.roles,
      isDisabled: change.isDisabled ?? before.isDisabled,
    };
    requireCoversUser(access, request, now);
    requireRoles(access, request, after.roles, before.roles);
    if (kind === 'person') requireAdminLeft(access, { user: { id, ...after } });
    await access.users.update(query, id, after);
    if (after.isDisabled) await access.sessions.endOf(id, 'disabled', query);
    await access.audit.append(
      {
        ...{ actor, action: 'user.change', target: `user:${login}`, outcome: 'done', address },
        detail: { before, after },
      },
      query,
    );
  });
  return foundOr(access.users.get(id), 'user');
}
