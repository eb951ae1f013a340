import type { AuditLog } from '../audit/index.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { PasswordHasher } from './password-hash.ts';
import type { SecondFactor } from './second-factor.ts';
import type { Client, Session, Sessions } from './sessions.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';
import { loginOf, type User, type Users } from './users.ts';

export interface SignInOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly hasher: PasswordHasher;
  readonly secondFactor: SecondFactor;
  readonly throttle: SignInThrottle;
  readonly audit: AuditLog;
  readonly now?: () => number;
}

/** What a client that has signed in holds. */
export interface SignedIn {
  readonly type: 'signed-in';
  readonly user: User;
  readonly session: Session;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export type SignInRefusal =
  /** Login or password is wrong; which of them is not said. */
  | { readonly type: 'wrong' }
  /** The password is right, and the code of the second factor is missing or wrong. */
  | { readonly type: 'code-needed' }
  | { readonly type: 'code-wrong' }
  | { readonly type: 'wait'; readonly retryAfterMs: number };

export interface SignInAttempt {
  readonly login: string;
  readonly password: string;
  readonly code?: string;
}

/** From a login and a password to a session, and from one access token to the next. */
export class SignIn {
  private readonly options: SignInOptions;
  private readonly now: () => number;

  constructor(options: SignInOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  /**
   * `replaced`: the refresh token that the browser had; its session ends when this begins. Rejects with
   * `PasswordChecksBusyError` when too many sign in at a time.
   */
  async attempt(
    attempt: SignInAttempt,
    client: Client,
    replaced?: string,
  ): Promise<SignedIn | SignInRefusal> {
    const { users, hasher, secondFactor, throttle } = this.options;
    const login = loginOf(attempt.login);
    const retryAfterMs = await throttle.begin(login, client.address);
    // Not on record one by one: whoever asks knows how not to let that fill it.
    if (retryAfterMs > 0) return { type: 'wait', retryAfterMs };
    const user = users.byLogin(login);
    const mayTry = user?.kind === 'person' && !user.isDisabled;
    const isRight = await hasher.isRight(attempt.password, mayTry ? user.passwordHash : undefined);
    if (!isRight || !user) return this.refuse(login, client, { type: 'wrong' });
    if (user.hasTotp) {
      if (attempt.code === undefined) return { type: 'code-needed' };
      if (!(await secondFactor.accept(user, attempt.code))) {
        return this.refuse(login, client, { type: 'code-wrong' });
      }
    }
    await throttle.succeeded(login, client.address);
    const signedIn = await this.begin(user, client);
    if (this.isAsChecked(user)) {
      await this.endReplaced(
        replaced === undefined ? undefined : await this.options.sessions.idOfToken(replaced),
      );
      return signedIn;
    }
    await this.options.sessions.end([signedIn.session.id], 'password-changed');
    return this.refuse(login, client, { type: 'wrong' });
  }

  /** Checking a password takes a while: it may have been changed, or its user disabled, meanwhile. */
  private isAsChecked({ id, passwordHash }: User): boolean {
    const now = this.options.users.get(id);
    return now?.passwordHash === passwordHash && !now?.isDisabled;
  }

  /** For who has shown who they are, by a password here or elsewhere. */
  async begin(user: User, client: Client): Promise<SignedIn> {
    const { users, sessions, tokens, audit } = this.options;
    const { session, refreshToken } = await sessions.begin(user.id, client);
    await users.change(async (query) => {
      await users.update(query, user.id, { signedInAt: new Date(this.now()) });
      await audit.append(
        {
          actor: `user:${user.login}`,
          action: 'sign-in',
          target: `session:${session.id}`,
          outcome: 'done',
          address: client.address,
          detail: { userAgent: session.userAgent },
        },
        query,
      );
    });
    const accessToken = await tokens.sign({ userId: user.id, sessionId: session.id });
    return { type: 'signed-in', user, session, accessToken, refreshToken };
  }

  /** A browser that signs in anew is not left with a session that nobody sees any more. */
  async endReplaced(sessionId: string | undefined): Promise<void> {
    if (sessionId !== undefined) await this.options.sessions.end([sessionId], 'signed-in-again');
  }

  /** `undefined`: sign in again. A token that comes twice ends its session, on record. */
  async refresh(refreshToken: string, client: Client): Promise<SignedIn | undefined> {
    const { users, sessions, tokens, audit } = this.options;
    const outcome = await sessions.refresh(refreshToken, client);
    if (outcome.type === 'unknown') return undefined;
    const { session } = outcome;
    const user = users.get(session.userId);
    if (outcome.type === 'reused') {
      await audit.append({
        actor: `user:${user?.login ?? session.userId}`,
        action: 'session.reuse',
        target: `session:${session.id}`,
        outcome: 'refused',
        address: client.address,
        detail: { reason: 'a refresh token came a second time; the session is ended' },
      });
      return undefined;
    }
    if (!user || user.isDisabled) return undefined;
    const accessToken = await tokens.sign({ userId: user.id, sessionId: session.id });
    return { type: 'signed-in', user, session, accessToken, refreshToken: outcome.refreshToken };
  }

  private async refuse(
    login: string,
    client: Client,
    refusal: Extract<SignInRefusal, { readonly type: 'wrong' | 'code-wrong' }>,
  ): Promise<SignInRefusal> {
    await this.options.audit.append({
      actor: 'anonymous',
      action: 'sign-in',
      target: `user:${login.slice(0, 200)}`,
      outcome: 'refused',
      address: client.address,
      detail: { reason: refusal.type, userAgent: client.userAgent.slice(0, 256) },
    });
    return refusal;
  }
}
