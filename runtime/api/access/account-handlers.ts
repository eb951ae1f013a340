import { parseMoment, type ACCOUNT_ENDPOINTS } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import { AUDIT_ACTIONS, type AuditAction } from '../../audit/index.ts';
import type { User } from '../../auth/index.ts';
import { ApiError } from '../api-error.ts';
import { DONE, foundOr, type AccessHandlers } from './access-handler.ts';
import { accountJson, auditJson, keyJson } from './access-json.ts';
import { createKey, revokeKey } from './keys.ts';
import { requireCoversUser } from './may-grant.ts';
import { changeUser, createUser } from './users.ts';

function accountOf({ users }: Access, id: string): User {
  const account = users.get(id);
  return foundOr(account?.kind === 'service' ? account : undefined, 'service account');
}

export const ACCOUNT_HANDLERS: AccessHandlers<typeof ACCOUNT_ENDPOINTS> = {
  'GET /api/v1/service-accounts': ({ users }) =>
    Promise.resolve({
      accounts: users
        .all()
        .filter(({ kind }) => kind === 'service')
        .map(accountJson),
    }),

  'POST /api/v1/service-accounts': async (access, request) => {
    const nothing = (): Promise<void> => Promise.resolve();
    return accountJson((await createUser(access, request, 'service', request.body, nothing)).user);
  },

  'PATCH /api/v1/service-accounts/:accountId': async (access, request) => {
    const account = accountOf(access, request.path.accountId);
    requireCoversUser(access, request, account);
    return accountJson(await changeUser(access, request, account, request.body));
  },

  'POST /api/v1/service-accounts/:accountId/keys': (access, request) => {
    const account = accountOf(access, request.path.accountId);
    requireCoversUser(access, request, account);
    return createKey(access, request, account, request.body);
  },

  'GET /api/v1/keys': (access) =>
    Promise.resolve({ keys: access.keys.all().map((key) => keyJson(access, key)) }),

  'DELETE /api/v1/keys/:keyId': async (access, request) => {
    const key = foundOr(access.keys.get(request.path.keyId), 'key');
    requireCoversUser(access, request, foundOr(access.users.get(key.userId), 'user'));
    await revokeKey(access, request, key);
    return DONE;
  },

  'GET /api/v1/audit': async ({ audit }, { query }) => {
    const { from, to, actor, action, outcome, text, order, limit, cursor } = query;
    const nowUnixNano = BigInt(Date.now()) * 1_000_000n;
    const dateOf = (moment: string): Date =>
      new Date(Number((parseMoment(moment, nowUnixNano) ?? nowUnixNano) / 1_000_000n));
    const entries = await audit.list(
      {
        ...(actor !== undefined && { actor }),
        ...(action !== undefined && { action: actionOf(action) }),
        ...(outcome !== undefined && { outcome }),
        ...(text !== undefined && { text }),
        ...(from !== undefined && { from: dateOf(from) }),
        ...(to !== undefined && { to: dateOf(to) }),
        ...(cursor !== undefined && { beyond: Number(cursor) }),
      },
      limit + 1,
      order,
    );
    const page = entries.slice(0, limit);
    const last = page.at(-1);
    return {
      entries: page.map(auditJson),
      nextCursor: last && entries.length > limit ? String(last.sequence) : null,
    };
  },
};

function actionOf(text: string): AuditAction {
  const known = AUDIT_ACTIONS.find((action) => action === text);
  if (known) return known;
  throw new ApiError(
    'BAD_REQUEST',
    `action is ${JSON.stringify(text.slice(0, 100))}`,
    `expected one of ${AUDIT_ACTIONS.join(', ')}`,
  );
}
