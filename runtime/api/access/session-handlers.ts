import { CLIENT_HEADER } from '../../../proto/access/index.ts';
import type { SESSION_ENDPOINTS, SignedInJson } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import {
  ACCESS_TOKEN_SECONDS,
  type PasswordChange,
  type SignedIn,
  type SignInRefusal,
} from '../../auth/index.ts';
import { clearCookies, limitedAs, readCookie, setCookie } from '../../doors/index.ts';
import { ApiError } from '../api-error.ts';
import {
  askerOf,
  AnswerWithCookies,
  clientOf,
  DONE,
  ownUser,
  tooOften,
  type AccessHandlers,
} from './access-handler.ts';
import { meJson } from './access-json.ts';

type SigningIn = Pick<
  AccessHandlers<typeof SESSION_ENDPOINTS>,
  | 'POST /api/v1/session'
  | 'POST /api/v1/session/refresh'
  | 'DELETE /api/v1/session'
  | 'POST /api/v1/password-links/redeem'
>;

export const SIGN_IN_HANDLERS: SigningIn = {
  'POST /api/v1/session': async (access, request) => {
    const { body, head, admitted } = request;
    pace(access, admitted.address, `user:${body.login}`);
    const { login, password, code, deliver: how } = body;
    const isCookie = how === 'cookies';
    const attempt = { login, password, ...(code !== undefined && code !== '' && { code }) };
    const replaced = isCookie ? readCookie(head.header('cookie'), 'refresh', admitted.isSecure) : undefined;
    const outcome = await access.signIn.attempt(attempt, clientOf(request), replaced);
    if (outcome.type !== 'signed-in') throw refusalOf(access, outcome, login, admitted.address);
    return deliver(access, outcome, isCookie, admitted.isSecure);
  },

  'POST /api/v1/session/refresh': async (access, request) => {
    const { body, head, admitted } = request;
    const fromCookie = readCookie(head.header('cookie'), 'refresh', admitted.isSecure);
    const token = body.refreshToken ?? fromCookie;
    const isCookie = body.refreshToken === undefined;
    const refuse = (code: ApiError['code'], reason: string, cure: string): never => {
      const target = 'POST /api/v1/session/refresh';
      access.refusals.note({ actor: 'anonymous', target, address: admitted.address, reason });
      throw new ApiError(code, reason, cure);
    };
    if (isCookie && head.header(CLIENT_HEADER) === undefined) {
      refuse('FORBIDDEN', `a change with cookies needs the header ${CLIENT_HEADER}`, 'send it');
    }
    if (token === undefined) throw new ApiError('UNAUTHENTICATED', 'there is no refresh token', SIGN_IN);
    const outcome = await access.signIn.refresh(token, clientOf(request));
    if (!outcome) return refuse('UNAUTHENTICATED', 'the refresh token counts no more', SIGN_IN);
    return deliver(access, outcome, isCookie, admitted.isSecure);
  },

  'DELETE /api/v1/session': async (access, request) => {
    const { principal, actor, address } = askerOf(request);
    await access.database.transaction(async (query) => {
      await access.sessions.end([principal.id], 'signed-out', query);
      await access.audit.append(
        {
          actor,
          action: 'sign-out',
          target: `session:${principal.id}`,
          outcome: 'done',
          address,
          detail: {},
        },
        query,
      );
    });
    return new AnswerWithCookies(DONE, clearCookies(request.admitted.isSecure));
  },

  'POST /api/v1/password-links/redeem': async (access, { body, admitted }) => {
    pace(access, admitted.address, 'link');
    const keys = body.keepKeys ? 'kept' : 'revoked';
    const change = await access.passwords.reset(body.token, body.password, admitted.address, keys);
    if (change.type === 'unknown-link') {
      access.refusals.note({
        ...{ actor: 'anonymous', action: 'password.reset', target: 'link' },
        ...{ address: admitted.address, reason: 'the link counts no more, or never did' },
      });
    }
    requireChanged(change);
    return DONE;
  },
};

const SIGN_IN = 'sign in at /api/v1/session';

/** Before anything is looked up: many attempts from one address cost next to nothing. */
function pace(access: Access, address: string, target: string): void {
  const waitMs = access.signInWindow.take(limitedAs(address));
  if (waitMs === 0) return;
  access.refusals.note({
    actor: 'anonymous',
    action: 'sign-in',
    target,
    address,
    reason: 'too many attempts',
  });
  throw tooOften(waitMs);
}

function refusalOf(access: Access, refusal: SignInRefusal, login: string, address: string): ApiError {
  switch (refusal.type) {
    case 'wrong':
      return new ApiError('SIGN_IN_REFUSED', 'login or password is wrong', 'check both, and Caps Lock');
    case 'code-needed':
      return new ApiError('CODE_NEEDED', 'the code of the second factor is needed', 'send it as code');
    case 'code-wrong':
      return new ApiError('CODE_WRONG', 'the code is wrong or was used', 'take the next one your app shows');
    case 'wait':
      access.refusals.note({
        ...{ actor: 'anonymous', action: 'sign-in', address },
        ...{ target: `user:${login.slice(0, 100)}`, reason: 'too many failures' },
      });
      return tooOften(refusal.retryAfterMs);
  }
}

function deliver(
  access: Access,
  { user, session, accessToken, refreshToken }: SignedIn,
  asCookies: boolean,
  isSecure: boolean,
): SignedInJson | AnswerWithCookies<SignedInJson> {
  const me = meJson(access, user, {
    kind: 'session',
    id: session.id,
    grants: user.grants,
    mustChangePassword: user.mustChangePassword,
    mustSetUpSecondFactor: access.control.mustSetUpSecondFactor(user),
  });
  if (!asCookies) {
    const accessExpiresAtUnixMs = Date.now() + ACCESS_TOKEN_SECONDS * 1_000;
    return { me, tokens: { accessToken, accessExpiresAtUnixMs, refreshToken } };
  }
  const leftSeconds = Math.max(0, Math.floor((session.expiresAt.getTime() - Date.now()) / 1_000));
  return new AnswerWithCookies({ me, tokens: null }, [
    setCookie('access', accessToken, ACCESS_TOKEN_SECONDS, isSecure),
    setCookie('refresh', refreshToken, leftSeconds, isSecure),
  ]);
}

export function requireChanged(change: PasswordChange): void {
  switch (change.type) {
    case 'changed':
      return;
    case 'wrong-password':
      throw new ApiError('SIGN_IN_REFUSED', 'the password is wrong');
    case 'unknown-link':
      throw new ApiError('UNAUTHENTICATED', 'the link counts no more', 'ask for a new one');
    case 'not-good-enough':
      throw new ApiError('PASSWORD_WEAK', change.reason);
  }
}

/** Somebody who found a screen unlocked does not know the password; guessing it here is as slow as at the sign-in. */
export async function requirePassword(
  access: Access,
  request: Parameters<typeof ownUser>[1],
  password: string,
): Promise<void> {
  await inPace(access, request, async () => {
    const user = ownUser(access, request);
    if (await access.hasher.isRight(password, user.passwordHash)) return;
    throw new ApiError('SIGN_IN_REFUSED', 'the password is wrong');
  });
}

/** An attempt counts as failed unless it ends without a refusal. */
export async function inPace<T>(
  access: Access,
  request: Parameters<typeof ownUser>[1],
  attempt: () => Promise<T>,
): Promise<T> {
  const { login } = ownUser(access, request);
  const { actor, address } = askerOf(request);
  const waitMs = await access.throttle.begin(login, address);
  if (waitMs > 0) {
    access.refusals.note({ actor, target: `user:${login}`, address, reason: 'too many failures' });
    throw tooOften(waitMs);
  }
  try {
    const result = await attempt();
    await access.throttle.succeeded(login, address);
    return result;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // Not a failure to show who one is.
    if (error.code === 'PASSWORD_WEAK') await access.throttle.succeeded(login, address);
    else access.refusals.note({ actor, target: `user:${login}`, address, reason: error.message });
    throw error;
  }
}
