import type { AuditAction, AuditLog } from '../audit/index.ts';
import type { ApiKeys } from './api-keys.ts';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';
import type { PasswordHasher } from './password-hash.ts';
import { passwordProblem } from './password-policy.ts';
import { hashOfToken, newSecretToken } from './secret-token.ts';
import type { Sessions } from './sessions.ts';
import type { User } from './user-directory.ts';
import type { Users } from './users.ts';

export interface PasswordsOptions {
  readonly database: ControlDatabase;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly hasher: Pick<PasswordHasher, 'hash' | 'isRight'>;
  readonly audit: AuditLog;
  readonly now?: () => number;
}

export type PasswordChange =
  | { readonly type: 'changed' }
  | { readonly type: 'wrong-password' }
  | { readonly type: 'unknown-link' }
  | { readonly type: 'not-good-enough'; readonly reason: string };

/** Of whoever changes a password. */
export interface Asker {
  readonly actor: string;
  readonly address: string;
  /** The session that stays; all others end. */
  readonly sessionId?: string;
}

/**
 * What becomes of the API keys of whom the password belongs to. Who knows the old password keeps them unless they say otherwise;
 * who sets one by a link may have lost the old one to somebody, who may have made keys: those are revoked unless said otherwise.
 */
export type KeysAfterwards = 'kept' | 'revoked';

export const PASSWORD_LINK_LIFETIME_MS = 24 * 3_600_000;

/** New passwords: by who knows the old one, or by who was given a link. */
export class Passwords {
  private readonly options: PasswordsOptions;
  private readonly now: () => number;

  constructor(options: PasswordsOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  async change(
    user: User,
    {
      current,
      next,
      keys = 'kept',
    }: { readonly current: string; readonly next: string; readonly keys?: KeysAfterwards },
    asker: Asker,
  ): Promise<PasswordChange> {
    if (!(await this.options.hasher.isRight(current, user.passwordHash))) return { type: 'wrong-password' };
    if (next === current) return { type: 'not-good-enough', reason: 'the new password is the present one' };
    return this.set(user, next, { asker, keys, action: 'password.change' });
  }

  /**
   * A text that lets its bearer set this user's password once, within a day. Earlier ones count no more. Give the query of a
   * transaction to be part of it.
   */
  async createLink(user: Pick<User, 'id' | 'login'>, asker: Asker, query?: RunQuery): Promise<string> {
    const token = newSecretToken();
    if (query) await this.keepLink(query, token, user, asker);
    else await this.options.database.transaction((own) => this.keepLink(own, token, user, asker));
    return token;
  }

  private async keepLink(
    query: RunQuery,
    token: string,
    { id, login }: Pick<User, 'id' | 'login'>,
    { actor, address }: Asker,
  ): Promise<void> {
    await query('DELETE FROM password_links WHERE user_id = $1', [id]);
    await query(
      'INSERT INTO password_links (hash, user_id, created_by, expires_at) VALUES ($1, $2, $3, $4)',
      [hashOfToken(token), id, actor, new Date(this.now() + PASSWORD_LINK_LIFETIME_MS)],
    );
    await this.options.audit.append(
      { actor, action: 'password.link', target: `user:${login}`, outcome: 'done', address, detail: {} },
      query,
    );
  }

  async reset(
    token: string,
    next: string,
    address: string,
    keys: KeysAfterwards = 'revoked',
  ): Promise<PasswordChange> {
    const [link] = await this.options.database.query<{ user_id: string }>(
      'SELECT user_id FROM password_links WHERE hash = $1 AND used_at IS NULL AND expires_at > $2',
      [hashOfToken(token), new Date(this.now())],
    );
    const user = link && this.options.users.get(link.user_id);
    if (!user || user.isDisabled) return { type: 'unknown-link' };
    const asker = { actor: `user:${user.login}`, address };
    return this.set(user, next, { asker, keys, action: 'password.reset', linkToken: token });
  }

  private async set(
    user: User,
    next: string,
    { asker, keys, action, linkToken }: Setting,
  ): Promise<PasswordChange> {
    const { users, sessions, hasher, audit } = this.options;
    const reason = passwordProblem(next, [user.login, user.name]);
    if (reason !== undefined) return { type: 'not-good-enough', reason };
    const passwordHash = await hasher.hash(next);
    const isChanged = await users.change(async (query) => {
      if (linkToken !== undefined) {
        const taken = await query(
          'UPDATE password_links SET used_at = $2 WHERE hash = $1 AND used_at IS NULL RETURNING user_id',
          [hashOfToken(linkToken), new Date(this.now())],
        );
        if (taken.length === 0) return false;
      }
      await users.update(query, user.id, { passwordHash, mustChangePassword: false });
      await audit.append(
        {
          actor: asker.actor,
          action,
          target: `user:${user.login}`,
          outcome: 'done',
          address: asker.address,
          detail: {},
        },
        query,
      );
      if (keys === 'revoked') await this.revokeKeys(query, user, asker);
      await sessions.endOf(user.id, 'password-changed', query, asker.sessionId);
      return true;
    });
    if (!isChanged) return { type: 'unknown-link' };
    if (keys === 'revoked') await this.options.keys.reload();
    return { type: 'changed' };
  }

  /** As part of a transaction, after which the caller has `keys` read anew. */
  async revokeKeys(query: RunQuery, user: User, asker: Asker): Promise<void> {
    const { keys, audit } = this.options;
    for (const id of await keys.revokeOf(query, user.id)) {
      await audit.append(
        {
          actor: asker.actor,
          action: 'key.revoke',
          target: `key:${id}`,
          outcome: 'done',
          address: asker.address,
          detail: { of: `user:${user.login}`, reason: 'a new password was set' },
        },
        query,
      );
    }
  }
}

interface Setting {
  readonly asker: Asker;
  readonly keys: KeysAfterwards;
  readonly action: AuditAction;
  readonly linkToken?: string;
}
