import type { AuditLog } from '../audit/index.ts';
import type { RunQuery } from '../storage/postgres/index.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { PasswordHasher } from './password-hash.ts';
import type { SecondFactor } from './second-factor.ts';
import type { BegunSession, Client, Session, Sessions } from './sessions.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';
import { loginOf, type User } from './user-directory.ts';
import type { Users } from './users.ts';

export interface SignInOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: AccessTokens;
  readonly hasher: Pick<PasswordHasher, 'isRight'>;
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
      if (attempt.code === undefined) return this.refuse(login, client, { type: 'code-needed' });
      if (!(await secondFactor.accept(user, attempt.code))) {
        return this.refuse(login, client, { type: 'code-wrong' });
      }
    }
    await throttle.succeeded(login, client.address);
    const replaces = replaced === undefined ? undefined : await this.options.sessions.idOfToken(replaced);
    const signedIn = await this.begin(user, client, replaces);
    return signedIn ?? this.refuse(login, client, { type: 'wrong' });
  }

  /**
   * For who has shown who they are, by a password here or elsewhere. That takes a while: `undefined` when the password was changed
   * meanwhile, or the user disabled. `replaces`: the session that the browser had, which nobody would see any more.
   */
  async begin(user: User, client: Client, replaces?: string): Promise<SignedIn | undefined> {
    const { users, sessions, tokens } = this.options;
    const begun = await users.change(
      async (query) => {
        const now = users.get(user.id);
        if (now?.isDisabled !== false || now.passwordHash !== user.passwordHash) return undefined;
        return this.beginIn(query, now, client, replaces);
      },
      (committed) => {
        if (committed) sessions.admit(committed);
      },
    );
    if (!begun) return undefined;
    const accessToken = await tokens.sign({ userId: user.id, sessionId: begun.session.id });
    return { type: 'signed-in', user, accessToken, ...begun };
  }

  private async beginIn(
    query: RunQuery,
    user: User,
    client: Client,
    replaces: string | undefined,
  ): Promise<BegunSession> {
    const { users, sessions, audit } = this.options;
    const begun = await sessions.begin(query, user.id, client);
    await users.update(query, user.id, { signedInAt: new Date(this.now()) });
    const of = { actor: `user:${user.login}`, outcome: 'done', address: client.address } as const;
    await audit.append(
      {
        ...of,
        action: 'sign-in',
        target: `session:${begun.session.id}`,
        detail: { userAgent: begun.session.userAgent },
      },
      query,
    );
    if (replaces === undefined) return begun;
    await sessions.end([replaces], 'signed-in-again', query);
    await audit.append(
      {
        ...of,
        action: 'session.end',
        target: `session:${replaces}`,
        detail: { reason: 'the browser signed in anew', by: `session:${begun.session.id}` },
      },
      query,
    );
    return begun;
  }

  /** Ends sessions that nobody uses, on record. Call every minute or so. */
  endIdle(): Promise<void> {
    const { users, sessions, audit } = this.options;
    return sessions.endIdle((query, { id, userId }) =>
      audit.append(
        {
          actor: 'system',
          action: 'session.end',
          target: `session:${id}`,
          outcome: 'done',
          address: '',
          detail: { of: `user:${users.get(userId)?.login ?? userId}`, reason: 'nobody used it' },
        },
        query,
      ),
    );
  }

  /** `undefined`: sign in again. A token that comes twice ends its session, on record. */
  async refresh(refreshToken: string, client: Client): Promise<SignedIn | undefined> {
    const { users, sessions, tokens, audit } = this.options;
    const outcome = await sessions.refresh(refreshToken, client, (query, { id, userId }) =>
      audit.append(
        {
          actor: `user:${users.get(userId)?.login ?? userId}`,
          action: 'session.reuse',
          target: `session:${id}`,
          outcome: 'refused',
          address: client.address,
          detail: { reason: 'a refresh token came a second time; the session is ended' },
        },
        query,
      ),
    );
    if (outcome.type !== 'refreshed') return undefined;
    const { session } = outcome;
    const user = users.get(session.userId);
    if (!user || user.isDisabled) return undefined;
    const accessToken = await tokens.sign({ userId: user.id, sessionId: session.id });
    return { type: 'signed-in', user, session, accessToken, refreshToken: outcome.refreshToken };
  }

  private async refuse(
    login: string,
    client: Client,
    refusal: Exclude<SignInRefusal, { readonly type: 'wait' }>,
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
