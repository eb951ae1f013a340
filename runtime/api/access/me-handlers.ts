import type { SESSION_ENDPOINTS } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import type { SessionEnd } from '../../auth/index.ts';
import { ApiError } from '../api-error.ts';
import { askerOf, DONE, foundOr, ownUser, type AccessHandlers } from './access-handler.ts';
import { keyJson, meJson, sessionJson } from './access-json.ts';
import { createKey, revokeKey } from './keys.ts';
import { inPace, requireChanged, requirePassword, type SIGN_IN_HANDLERS } from './session-handlers.ts';

type Mine = Omit<AccessHandlers<typeof SESSION_ENDPOINTS>, keyof typeof SIGN_IN_HANDLERS>;

export const ME_HANDLERS: Mine = {
  'GET /api/v1/me': (access, request) =>
    Promise.resolve(meJson(access, ownUser(access, request), askerOf(request).principal)),

  'PUT /api/v1/me/password': async (access, request) => {
    const { principal, actor, address } = askerOf(request);
    const { current, next, revokeKeys } = request.body;
    const keys = revokeKeys ? 'revoked' : 'kept';
    const asker = { actor, address, sessionId: principal.id };
    await inPace(access, request, async () => {
      requireChanged(await access.passwords.change(ownUser(access, request), { current, next, keys }, asker));
    });
    return DONE;
  },

  'GET /api/v1/me/sessions': (access, request) => {
    const { principal } = askerOf(request);
    const sessions = access.sessions.ofUser(principal.userId);
    return Promise.resolve({ sessions: sessions.map((session) => sessionJson(session, principal.id)) });
  },

  'DELETE /api/v1/me/sessions': async (access, request) => {
    const { principal } = askerOf(request);
    const others = access.sessions.ofUser(principal.userId).filter(({ id }) => id !== principal.id);
    await endSessions(
      access,
      request,
      others.map(({ id }) => id),
    );
    return DONE;
  },

  'DELETE /api/v1/me/sessions/:sessionId': async (access, request) => {
    const own = access.sessions.ofUser(askerOf(request).principal.userId);
    const session = foundOr(
      own.find(({ id }) => id === request.path.sessionId),
      'session',
    );
    await endSessions(access, request, [session.id]);
    return DONE;
  },

  'POST /api/v1/me/second-factor': async (access, request) => {
    await requirePassword(access, request, request.body.password);
    const user = ownUser(access, request);
    if (user.hasTotp) throw new ApiError('CONFLICT', 'the second factor is on', 'remove it first');
    return access.secondFactor.propose(user, request.admitted.address);
  },

  'PUT /api/v1/me/second-factor': async (access, request) => {
    const user = ownUser(access, request);
    if (user.hasTotp || !user.totpSecret) {
      throw new ApiError('CONFLICT', 'there is no second factor to confirm', 'begin with one first');
    }
    await inPace(access, request, async () => {
      if (await access.secondFactor.confirm(user, request.body.code, request.admitted.address)) return;
      throw new ApiError('CODE_WRONG', 'the code is wrong', 'take the next one your app shows');
    });
    return DONE;
  },

  'POST /api/v1/me/second-factor/remove': async (access, request) => {
    await requirePassword(access, request, request.body.password);
    const { actor, address } = askerOf(request);
    const user = ownUser(access, request);
    if (access.control.mustHaveSecondFactor(user)) {
      throw new ApiError(
        'CONFLICT',
        'a second factor is required here',
        'set up another one by asking an administrator',
      );
    }
    await access.secondFactor.remove(user, actor, address);
    return DONE;
  },

  'GET /api/v1/me/keys': (access, request) => {
    const { principal } = askerOf(request);
    const keys = access.keys.all().filter(({ userId }) => userId === principal.userId);
    return Promise.resolve({ keys: keys.map((key) => keyJson(access, key)) });
  },

  'POST /api/v1/me/keys': (access, request) =>
    createKey(access, request, ownUser(access, request), request.body),

  'DELETE /api/v1/me/keys/:keyId': async (access, request) => {
    const { principal } = askerOf(request);
    const key = foundOr(access.keys.get(request.path.keyId), 'key');
    await revokeKey(access, request, foundOr(key.userId === principal.userId ? key : undefined, 'key'));
    return DONE;
  },
};

export async function endSessions(
  access: Access,
  request: Parameters<typeof askerOf>[0],
  ids: readonly string[],
  why: SessionEnd = 'ended-by-user',
): Promise<void> {
  const { actor, address } = askerOf(request);
  await access.database.transaction(async (query) => {
    await access.sessions.end(ids, why, query);
    for (const id of ids) {
      await access.audit.append(
        { actor, action: 'session.end', target: `session:${id}`, outcome: 'done', address, detail: {} },
        query,
      );
    }
  });
}
