import { CLIENT_HEADER, KEY_HEADER, PATH_NEEDS, type Requirement } from '../../proto/access/index.ts';
import { decide, limitedAs, type AccessControl, type Decision, type Principal } from '../auth/index.ts';
import type { HttpRequestHead } from '../http/index.ts';
import { AccessRefusedError } from './access-refused-error.ts';
import type { TrustedProxies } from './client-address.ts';
import { readCookie } from './cookies.ts';
import type { Budget, RateLimits } from './rate-limits.ts';
import type { RefusalLog } from './refusal-log.ts';
import { isFromElsewhere } from './same-origin.ts';

/** Somebody who was let in. */
export interface Admitted {
  /** `undefined` where nobody is asked who they are. */
  readonly principal: Principal | undefined;
  /** From where, as far as is known. */
  readonly address: string;
  /** Whether what goes back is encrypted on its whole way. */
  readonly isSecure: boolean;
  /** For the answer. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpDoorOptions {
  readonly access: Pick<AccessControl, 'principalOf'>;
  readonly proxies: TrustedProxies;
  readonly limits: RateLimits;
  readonly refusals: RefusalLog;
  /** Our own ports speak TLS. */
  readonly isTls: boolean;
}

interface Credential {
  readonly text: string;
  readonly isCookie: boolean;
}

const CHANGES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** Lets requests in, or throws an `AccessRefusedError`. Every path comes through here, with what it needs. */
export class HttpDoor {
  private readonly options: HttpDoorOptions;

  constructor(options: HttpDoorOptions) {
    this.options = options;
  }

  async admit(request: HttpRequestHead, needs: Requirement): Promise<Admitted> {
    const { access, limits } = this.options;
    const { address, isSecure } = this.wayOf(request);
    const credential = credentialOf(request, isSecure);
    let principal: Principal | undefined;
    let headers: Admitted['headers'] = {};
    const refuse = (code: AccessRefusedError['code'], message: string, cure: string): never => {
      this.note(request, address, principal, message);
      throw new AccessRefusedError(code, message, cure, {
        ...headers,
        ...(code === 'UNAUTHENTICATED' && { 'www-authenticate': 'Bearer realm="ophion"' }),
      });
    };
    const spend = (key: string): void => {
      const { budget, setting } = budgetOf(needs);
      const spent = limits.spend(budget, key);
      headers = spent.headers;
      if (spent.retryAfterMs === 0) return;
      refuse('RATE_LIMITED', 'too many requests', `ask again when Retry-After says, or raise ${setting}`);
    };
    // Before anything is looked up or checked: that costs more.
    spend(limitedAs(address));
    if (needs !== 'nothing' && credential) principal = await access.principalOf(credential.text);
    if (principal) spend(`${principal.kind}:${principal.id}`);
    const decision = decide(needs, principal);
    if (decision !== 'allowed') refuse(...REFUSALS[decision](needs, credential));
    if (CHANGES.has(request.method) && credential?.isCookie !== false) {
      if (isFromElsewhere(request)) {
        refuse('FORBIDDEN', 'the request was made by a page of another origin', 'make it from the dashboard');
      }
      if (credential && request.header(CLIENT_HEADER) === undefined) {
        refuse(
          'FORBIDDEN',
          `a change with cookies needs the header ${CLIENT_HEADER}`,
          `send ${CLIENT_HEADER}: 1, or a token as authorization: Bearer`,
        );
      }
    }
    return { principal, address, isSecure, headers };
  }

  /** What a path needs that is no endpoint. */
  admitPath(request: HttpRequestHead): Promise<Admitted> {
    return this.admit(request, needsOfPath(request.path));
  }

  /** Whether what goes back is encrypted on its whole way. */
  isSecure(request: HttpRequestHead): boolean {
    return this.wayOf(request).isSecure;
  }

  addressOf(request: HttpRequestHead): string {
    return this.wayOf(request).address;
  }

  private wayOf(request: HttpRequestHead): Pick<Admitted, 'address' | 'isSecure'> {
    const { proxies, isTls } = this.options;
    const isProxied = proxies.has(proxies.clientOf(request.remoteAddress, undefined));
    return {
      address: proxies.clientOf(request.remoteAddress, request.header('x-forwarded-for')),
      isSecure: isTls || (isProxied && request.header('x-forwarded-proto') === 'https'),
    };
  }

  private note(
    request: HttpRequestHead,
    address: string,
    principal: Principal | undefined,
    reason: string,
  ): void {
    this.options.refusals.note({
      actor: principal ? actorOf(principal) : 'anonymous',
      target: `${request.method} ${request.path}`,
      address,
      reason,
    });
  }
}

/** What an answer costs depends on who gives it. */
function budgetOf(needs: Requirement): { readonly budget: Budget; readonly setting: string } {
  return needs === 'copilot:use'
    ? { budget: 'copilot', setting: 'OPHION_COPILOT_RATE' }
    : { budget: 'query', setting: 'OPHION_QUERY_RATE' };
}

const PEOPLE: readonly Requirement[] = ['session', 'enrolling-session', 'any-session'];

function isForPeople(needs: Requirement): boolean {
  return PEOPLE.includes(needs);
}

/** As the audit log names whoever asks. */
export function actorOf(principal: Principal): string {
  return principal.kind === 'session' ? `user:${principal.login}` : `key:${principal.id}`;
}

const REFUSALS: Readonly<
  Record<
    Exclude<Decision, 'allowed'>,
    (needs: Requirement, credential: Credential | undefined) => [AccessRefusedError['code'], string, string]
  >
> = {
  unknown: (_needs, credential) => [
    'UNAUTHENTICATED',
    credential ? 'the credential counts no more, or never did' : 'nobody is signed in',
    'sign in at /api/v1/session, or send an API key as authorization: Bearer',
  ],
  forbidden: (needs) => [
    'FORBIDDEN',
    isForPeople(needs)
      ? 'this is for people who are signed in, not for keys'
      : `this needs the permission ${needs}`,
    'ask an administrator for a role that allows it, or take a key whose scope does',
  ],
  'password-must-change': () => [
    'PASSWORD_MUST_CHANGE',
    'the password has to be changed first',
    'change it with PUT /api/v1/me/password',
  ],
  'second-factor-must-be-set-up': () => [
    'SECOND_FACTOR_MUST_BE_SET_UP',
    'a second factor has to be set up first',
    'begin with POST /api/v1/me/second-factor',
  ],
};

/** A header counts before cookies: who sends one means it, even when it is wrong. */
export function credentialOf(
  request: Pick<HttpRequestHead, 'header'>,
  isSecure: boolean,
): Credential | undefined {
  const authorization = request.header('authorization');
  const key = request.header(KEY_HEADER);
  if (authorization !== undefined || key !== undefined) {
    const bearer = /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
    return { text: bearer ?? key ?? '', isCookie: false };
  }
  const cookie = readCookie(request.header('cookie'), 'access', isSecure);
  return cookie === undefined || cookie === '' ? undefined : { text: cookie, isCookie: true };
}

const PATTERNS = Object.entries(PATH_NEEDS).sort(([a], [b]) => b.length - a.length);

export function needsOfPath(path: string): Requirement {
  const found = PATTERNS.find(([pattern]) =>
    pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern,
  );
  if (!found) throw new Error(`no row says what ${path} needs`);
  return found[1];
}
