import type { z } from 'zod';
import type { changedUserBody, newUserBody } from '../../../proto/api/index.ts';
import type { Access } from '../../access.ts';
import { loginOf, type User } from '../../auth/index.ts';
import { QueryRefusedError, type RunQuery } from '../../storage/postgres/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf, foundOr } from './access-handler.ts';
import { requireAdminLeft, requireCoversUser, requireRoles } from './may-grant.ts';

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

/** What the change does not name stays as it is when its turn comes, not as it was when it was asked for. */
export async function changeUser(
  access: Access,
  request: Request,
  { id, kind, login }: User,
  change: z.output<typeof changedUserBody>,
): Promise<User> {
  const { actor, address } = askerOf(request);
  const endSessions = (query?: RunQuery): Promise<void> => {
    const sessions = access.sessions.ofUser(id).map((session) => session.id);
    return access.sessions.end(sessions, 'disabled', query);
  };
  const isDisabled = await access.users.change(async (query) => {
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
    if (after.isDisabled) await endSessions(query);
    await access.audit.append(
      {
        ...{ actor, action: 'user.change', target: `user:${login}`, outcome: 'done', address },
        detail: { before, after },
      },
      query,
    );
    return after.isDisabled;
  });
  // Those that began in the meantime.
  if (isDisabled) await endSessions();
  return foundOr(access.users.get(id), 'user');
}
