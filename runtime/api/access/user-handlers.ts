import type { USER_ENDPOINTS, UserJson } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import { PASSWORD_LINK_LIFETIME_MS, type User } from '../../auth/index.ts';
import type { RunQuery } from '../../storage/postgres/index.ts';
import { askerOf, DONE, foundOr, type AccessHandlers } from './access-handler.ts';
import { sessionJson, userJson } from './access-json.ts';
import { endSessions } from './me-handlers.ts';
import { requireCoversUser } from './may-grant.ts';
import type { ROLE_HANDLERS } from './role-handlers.ts';
import { changeUser, createUser } from './users.ts';

type Handlers = Omit<AccessHandlers<typeof USER_ENDPOINTS>, keyof typeof ROLE_HANDLERS>;
type Request = Parameters<typeof askerOf>[0];

function personOf({ users }: Access, id: string): User {
  const user = users.get(id);
  return foundOr(user?.kind === 'person' ? user : undefined, 'user');
}

/** One whom whoever asks may change. */
function lesserOf(access: Access, request: Request & { readonly path: { readonly userId: string } }): User {
  const user = personOf(access, request.path.userId);
  requireCoversUser(access, request, user);
  return user;
}

export const USER_HANDLERS: Handlers = {
  'GET /api/v1/users': ({ users }) =>
    Promise.resolve({
      users: users
        .all()
        .filter(({ kind }) => kind === 'person')
        .map(userJson),
    }),

  'POST /api/v1/users': async (access, request) => {
    const { user, also } = await createUser(access, request, 'person', request.body, (query, made) =>
      linkFor(access, request, made, query),
    );
    return { user: userJson(user), passwordLink: also };
  },

  'GET /api/v1/users/:userId': (access, { path }) => Promise.resolve(userJson(personOf(access, path.userId))),

  'PATCH /api/v1/users/:userId': async (access, request): Promise<UserJson> =>
    userJson(await changeUser(access, request, lesserOf(access, request), request.body)),

  'POST /api/v1/users/:userId/password-link': (access, request) =>
    linkFor(access, request, lesserOf(access, request)),

  'DELETE /api/v1/users/:userId/second-factor': async (access, request) => {
    const { actor, address } = askerOf(request);
    await access.secondFactor.remove(lesserOf(access, request), actor, address);
    return DONE;
  },

  'GET /api/v1/users/:userId/sessions': (access, request) => {
    const user = lesserOf(access, request);
    const { principal } = askerOf(request);
    const sessions = access.sessions.ofUser(user.id);
    return Promise.resolve({ sessions: sessions.map((session) => sessionJson(session, principal.id)) });
  },

  'DELETE /api/v1/users/:userId/sessions': async (access, request) => {
    const sessions = access.sessions.ofUser(lesserOf(access, request).id);
    await endSessions(
      access,
      request,
      sessions.map(({ id }) => id),
    );
    return DONE;
  },

  'DELETE /api/v1/users/:userId/sessions/:sessionId': async (access, request) => {
    const sessions = access.sessions.ofUser(lesserOf(access, request).id);
    const { id } = foundOr(
      sessions.find((session) => session.id === request.path.sessionId),
      'session',
    );
    await endSessions(access, request, [id]);
    return DONE;
  },
};

async function linkFor(
  access: Access,
  request: Request,
  user: Pick<User, 'id' | 'login'>,
  query?: RunQuery,
): Promise<{ readonly token: string; readonly path: string; readonly expiresAtUnixMs: number }> {
  const { actor, address } = askerOf(request);
  const expiresAtUnixMs = Date.now() + PASSWORD_LINK_LIFETIME_MS;
  const token = await access.passwords.createLink(user, { actor, address }, query);
  // Behind #: it is in no log of a server, and in no Referer.
  return { token, path: `/set-password#${token}`, expiresAtUnixMs };
}
