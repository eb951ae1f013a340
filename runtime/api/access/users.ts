import type { z } from 'zod';
import type { changedUserBody, newUserBody } from '../../../proto/api/index.ts';
import type { Access } from '../../access.ts';
import { loginOf, type User } from '../../auth/index.ts';
import { QueryRefusedError, type RunQuery } from '../../storage/postgres/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf, foundOr } from './access-handler.ts';
import { requireAdminLeft, requireRoles } from './may-grant.ts';

type Request = Parameters<typeof askerOf>[0];
/** Of Postgres: `login` is unique. */
const UNIQUE_VIOLATION = '23505';

/** People get a link for their first password; service accounts never have one. */
export async function createUser(
  access: Access,
  request: Request,
  kind: User['kind'],
  { login, name, roles }: z.output<typeof newUserBody>,
): Promise<User> {
  requireRoles(access, request, roles);
  const { actor, address } = askerOf(request);
  const id = await access.users
    .change(async (query) => {
      const made = await access.users.create(query, { login, kind, name, roles, mustChangePassword: false });
      await access.audit.append(
        {
          ...{ actor, action: 'user.create', target: `user:${loginOf(login)}`, outcome: 'done', address },
          detail: { after: { kind, name, roles } },
        },
        query,
      );
      return made;
    })
    .catch((error: unknown) => {
      const isTaken = error instanceof QueryRefusedError && error.sqlState === UNIQUE_VIOLATION;
      throw isTaken
        ? new ApiError('CONFLICT', `there is a ${loginOf(login)} already`, 'take another login')
        : error;
    });
  return foundOr(access.users.get(id), 'user');
}

export async function changeUser(
  access: Access,
  request: Request,
  user: User,
  change: z.output<typeof changedUserBody>,
): Promise<User> {
  const { name = user.name, roles = user.roles, isDisabled = user.isDisabled } = change;
  requireRoles(access, request, roles, user.roles);
  const { actor, address } = askerOf(request);
  const endSessions = (query?: RunQuery): Promise<void> => {
    const sessions = access.sessions.ofUser(user.id).map(({ id }) => id);
    return access.sessions.end(sessions, 'disabled', query);
  };
  await access.users.change(async (query) => {
    if (user.kind === 'person') requireAdminLeft(access, { user: { id: user.id, roles, isDisabled } });
    await access.users.update(query, user.id, { name, roles, isDisabled });
    if (isDisabled) await endSessions(query);
    await access.audit.append(
      {
        ...{ actor, action: 'user.change', target: `user:${user.login}`, outcome: 'done', address },
        detail: {
          before: { name: user.name, roles: user.roles, isDisabled: user.isDisabled },
          after: { name, roles, isDisabled },
        },
      },
      query,
    );
  });
  // Those that began in the meantime.
  if (isDisabled) await endSessions();
  return foundOr(access.users.get(user.id), 'user');
}
