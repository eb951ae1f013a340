import type { SETTINGS_ENDPOINTS } from '../../../proto/api/index.ts';
import type { Access } from '../../control-plane/index.ts';
import { ACCESS_TOKEN_SECONDS, OIDC_TICKET_SECONDS } from '../../auth/index.ts';
import { clearCookie, limitedAs, readCookie, setCookie } from '../../doors/index.ts';
import { AnswerWithCookies, clientOf } from '../access/index.ts';
import { AnswerElsewhere, type SettingsHandlers } from './settings-handler.ts';

type Handlers = Pick<
  SettingsHandlers<typeof SETTINGS_ENDPOINTS>,
  'GET /api/v1/auth/options' | 'POST /api/v1/auth/oidc/start' | 'GET /api/v1/auth/oidc/callback'
>;

/** Browsers come here themselves: whatever goes wrong is shown on the sign-in page. */
export const OIDC_HANDLERS: Handlers = {
  'GET /api/v1/auth/options': ({ settings: { store } }) => {
    const { signIn, oidc } = store.current;
    return Promise.resolve({ notice: signIn.notice, oidc: oidc.isEnabled ? { label: oidc.label } : null });
  },

  'POST /api/v1/auth/oidc/start': async ({ access, settings: { oidc } }, { body, head, admitted }) => {
    if (isTooOften(access, admitted.address)) return { location: refusedAt('too-often') };
    try {
      const replaced = readCookie(head.header('cookie'), 'refresh', admitted.isSecure);
      const begun = await oidc.start(body.returnTo, replaced);
      if (!begun) {
        noteRefusal(access, admitted.address, 'off');
        return { location: refusedAt('off') };
      }
      const ticket = setCookie('oidc', begun.ticket, OIDC_TICKET_SECONDS, admitted.isSecure);
      return new AnswerWithCookies({ location: begun.url }, [ticket]);
    } catch (error) {
      noteRefusal(access, admitted.address, `the sign-in provider cannot be used: ${reasonOf(error)}`);
      return { location: refusedAt('provider') };
    }
  },

  'GET /api/v1/auth/oidc/callback': async ({ access, settings: { oidc } }, request) => {
    const { admitted, head } = request;
    const { isSecure } = admitted;
    if (isTooOften(access, admitted.address)) return refused('too-often');
    const ticket = readCookie(head.header('cookie'), 'oidc', isSecure);
    const outcome = await oidc.finish(head.query, ticket, clientOf(request));
    const used = clearCookie('oidc', isSecure);
    if (outcome.type === 'refused') return refused(outcome.reason, [used]);
    const { session, accessToken, refreshToken, returnTo } = outcome;
    const leftSeconds = Math.max(0, Math.floor((session.expiresAt.getTime() - Date.now()) / 1_000));
    return new AnswerElsewhere(returnTo, [
      setCookie('access', accessToken, ACCESS_TOKEN_SECONDS, isSecure),
      setCookie('refresh', refreshToken, leftSeconds, isSecure),
      used,
    ]);
  },
};

function isTooOften(access: Access, address: string): boolean {
  if (access.signInWindow.take(limitedAs(address)) === 0) return false;
  noteRefusal(access, address, 'too many attempts');
  return true;
}

function noteRefusal({ refusals }: Access, address: string, reason: string): void {
  refusals.note({ actor: 'anonymous', action: 'sign-in', target: 'oidc', address, reason });
}

function refused(reason: string, cookies: readonly string[] = []): AnswerElsewhere {
  return new AnswerElsewhere(refusedAt(reason), cookies);
}

function refusedAt(reason: string): string {
  return `/sign-in?refused=${reason}`;
}

/** The outgoing client says most, and never more than an origin. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return error.cause instanceof Error ? error.cause.message : error.message;
}
