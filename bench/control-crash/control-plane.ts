import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Access } from '../../runtime/control-plane/index.ts';
import { askedBy } from '../../runtime/api/access/fixtures/index.ts';
import { ACCESS_HANDLERS } from '../../runtime/api/access/index.ts';
import { Passwords, SecondFactor, type User } from '../../runtime/auth/index.ts';
import { applyConfiguration, parseConfiguration } from '../../runtime/configuration/index.ts';
import { openControlPlane, type OpenControlPlane } from '../../runtime/fixtures/index.ts';
import type { SecretStore, SettingsStore } from '../../runtime/settings/index.ts';
import {
  openControlDatabase,
  type ControlDatabase,
  type ControlDatabaseOptions,
} from '../../runtime/storage/postgres/index.ts';
import type { ControlChange } from './control-changes.ts';
import type { ControlState, UserState } from './control-state.ts';

const AUTHOR = { actor: 'system', address: '' };
const CLIENT = { address: '192.0.2.1', userAgent: 'control-crash' };
const CODE_MS = 30_000;

/** Of a password that is meant to be known, in no time: what is killed here is not the hashing. */
const HASHER = {
  hash: (password: string): Promise<string> => Promise.resolve(`known:${password}`),
  isRight: (password: string, hash: string | undefined): Promise<boolean> =>
    Promise.resolve(hash === `known:${password}`),
};

/** Where the control plane is, as one process tells another. */
export type Place = { readonly directory: string } | { readonly url: string };

/** The control plane as the platform has it, behind its doors and without the HTTP in front of them. */
export class ControlPlane {
  readonly access: Access;
  private readonly database: ControlDatabase;
  private readonly passwords: Passwords;
  private readonly secondFactor: SecondFactor;
  private readonly settings: SettingsStore;
  private readonly secrets: SecretStore;
  private codesAtMs = 0;

  private constructor({ access, settings, secrets }: OpenControlPlane) {
    const { database, audit, users, sealer } = access;
    this.access = access;
    this.database = database;
    this.settings = settings;
    this.secrets = secrets;
    this.passwords = new Passwords({ ...access, hasher: HASHER });
    this.secondFactor = new SecondFactor({ users, sealer, audit, now: () => this.codesAtMs });
  }

  /** Makes the administrator who makes the changes, where there is none. */
  static async open(place: Place): Promise<ControlPlane> {
    const options: ControlDatabaseOptions =
      'url' in place
        ? { url: place.url, onIdleError: () => undefined }
        : { directory: place.directory, template: 'dist/templates/postgres' };
    return new ControlPlane(await openControlPlane(await openControlDatabase(options)));
  }

  async close(): Promise<void> {
    await this.access.stop();
    await this.database.close();
  }

  /** By what answers requests, or by what that calls. Resolves when the change counts. */
  async make(change: ControlChange): Promise<void> {
    const { access, settings, secrets } = this;
    const handle = ACCESS_HANDLERS;
    const admin = this.named('admin');
    switch (change.type) {
      case 'create-user': {
        const { login, roles } = change;
        await handle['POST /api/v1/users'](
          access,
          askedBy(admin, {}, { login, name: '', roles: [...roles] }),
        );
        return;
      }
      case 'change-user': {
        const { login, roles, isDisabled } = change;
        const body = { roles: [...roles], isDisabled };
        const request = askedBy(admin, { userId: this.named(login).id }, body);
        await handle['PATCH /api/v1/users/:userId'](access, request);
        return;
      }
      case 'put-role': {
        const { name: role, permissions } = change;
        const body = { permissions: [...permissions], services: null };
        await (access.users.role(role)
          ? handle['PUT /api/v1/roles/:role'](access, askedBy(admin, { role }, body))
          : handle['POST /api/v1/roles'](access, askedBy(admin, {}, { name: role, ...body })));
        return;
      }
      case 'remove-role':
        await handle['DELETE /api/v1/roles/:role'](access, askedBy(admin, { role: change.name }, undefined));
        return;
      case 'create-key': {
        const body = { name: change.name, scopes: ['query' as const], expiresInDays: null };
        await handle['POST /api/v1/me/keys'](access, askedBy(this.named(change.login), {}, body));
        return;
      }
      case 'revoke-key': {
        const keyId = access.keys.all().find(({ name }) => name === change.name)?.id ?? '';
        await handle['DELETE /api/v1/keys/:keyId'](access, askedBy(admin, { keyId }, undefined));
        return;
      }
      case 'create-link': {
        const request = askedBy(admin, { userId: this.named(change.login).id }, undefined);
        await handle['POST /api/v1/users/:userId/password-link'](access, request);
        return;
      }
      case 'reset-password':
        return this.resetPassword(this.named(change.login), change.password);
      case 'change-password': {
        const { login, current, next } = change;
        const user = this.named(login);
        const sessionId = access.sessions.ofUser(user.id)[0]?.id;
        const asker = { ...AUTHOR, ...(sessionId !== undefined && { sessionId }) };
        const { type } = await this.passwords.change(user, { current, next }, asker);
        requireDone(type, 'changed');
        return;
      }
      case 'sign-in': {
        const user = this.named(change.login);
        const replaces = change.isAnew ? access.sessions.ofUser(user.id)[0]?.id : undefined;
        const begun = await access.signIn.begin(user, CLIENT, replaces);
        requireDone(begun?.type, 'signed-in');
        return;
      }
      case 'end-sessions': {
        const request = askedBy(admin, { userId: this.named(change.login).id }, undefined);
        await handle['DELETE /api/v1/users/:userId/sessions'](access, request);
        return;
      }
      case 'reuse-token':
        return this.reuseToken(this.named(change.login));
      case 'begin-second-factor':
        await this.secondFactor.propose(this.named(change.login), '');
        return;
      case 'confirm-second-factor':
        return this.confirmSecondFactor(this.named(change.login));
      case 'remove-second-factor': {
        const request = askedBy(admin, { userId: this.named(change.login).id }, undefined);
        await handle['DELETE /api/v1/users/:userId/second-factor'](access, request);
        return;
      }
      case 'change-settings': {
        const write = { expectedVersion: settings.version, comment: '' };
        await settings.change({ signIn: { notice: change.notice } }, write, AUTHOR);
        return;
      }
      case 'set-secret':
        return secrets.set(change.name, change.value, AUTHOR);
      case 'clear-secret':
        await secrets.clear(change.name, AUTHOR);
        return;
      case 'apply-configuration': {
        const { users, notice } = change;
        const file = parseConfiguration({ version: 1, settings: { signIn: { notice } }, users });
        await applyConfiguration({ ...access, settings, secrets }, file, {}, AUTHOR);
      }
    }
  }

  async state(): Promise<ControlState> {
    const { users, keys } = this.access;
    const [count] = await this.database.query<{ entries: number }>(
      'SELECT count(*)::int AS entries FROM audit_log',
    );
    const secret = await this.secrets.reveal('oidc-client-secret');
    const people: [string, UserState][] = [];
    for (const user of users.all()) {
      if (user.login !== 'admin') people.push([user.login, await this.userState(user)]);
    }
    const roles = users.roles().filter(({ isBuiltIn }) => !isBuiltIn);
    const allKeys = keys.all().map(({ name, userId, revokedAt }) => {
      const login = users.get(userId)?.login ?? '';
      return [name, { login, isRevoked: revokedAt !== undefined }] as const;
    });
    return {
      users: Object.fromEntries(people),
      roles: Object.fromEntries(roles.map(({ name, permissions }) => [name, permissions])),
      keys: Object.fromEntries(allKeys.toSorted(([a], [b]) => (a < b ? -1 : 1))),
      notice: this.settings.current.signIn.notice,
      settingsVersion: this.settings.version,
      secrets: secret === undefined ? {} : { 'oidc-client-secret': secret },
      auditEntries: count?.entries ?? 0,
    };
  }

  private async userState(user: User): Promise<UserState> {
    const [found] = await this.database.query<{ sessions: number; links: number }>(
      `SELECT (SELECT count(*)::int FROM sessions WHERE user_id = $1 AND ended_at IS NULL) AS sessions,
              (SELECT count(*)::int FROM password_links WHERE user_id = $1 AND used_at IS NULL) AS links`,
      [user.id],
    );
    return {
      roles: user.roles,
      isDisabled: user.isDisabled,
      password: user.passwordHash?.slice('known:'.length) ?? null,
      secondFactor: user.hasTotp ? 'on' : user.totpSecret ? 'begun' : 'off',
      sessions: found?.sessions ?? 0,
      hasLink: (found?.links ?? 0) > 0,
    };
  }

  /** Of their link only the hash is known: it is made that of a token that is. */
  private async resetPassword({ id }: User, password: string): Promise<void> {
    const token = `link of ${id}`;
    await this.database.query('UPDATE password_links SET hash = $2 WHERE user_id = $1 AND used_at IS NULL', [
      id,
      hashOf(token),
    ]);
    requireDone((await this.passwords.reset(token, password, '')).type, 'changed');
  }

  /** A token of their newest session that was used long ago comes again. */
  private async reuseToken({ id }: User): Promise<void> {
    const sessionId = this.access.sessions.ofUser(id)[0]?.id ?? '';
    const token = `used in ${sessionId}`;
    await this.database.query(
      `INSERT INTO refresh_tokens (hash, session_id, used_at) VALUES ($1, $2, now() - interval '1 hour')
       ON CONFLICT DO NOTHING`,
      [hashOf(token), sessionId],
    );
    const refreshed = await this.access.signIn.refresh(token, CLIENT);
    requireDone(refreshed?.type, undefined);
  }

  private async confirmSecondFactor(user: User): Promise<void> {
    const { id, totpSecret = new Uint8Array(0), totpLastStep } = user;
    const secret = this.access.sealer.open(`second factor of user ${id}`, totpSecret).toString('utf8');
    // A step counts once, also for the next secret.
    this.codesAtMs = Math.max(Date.now(), (totpLastStep + 1) * CODE_MS);
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: this.codesAtMs });
    requireDone(await this.secondFactor.confirm(user, code, ''), true);
  }

  private named(login: string): User {
    const user = this.access.users.byLogin(login);
    if (!user) throw new Error(`there is no user ${login}`);
    return user;
  }
}

/** What is refused is no change: the trial would count it as lost. */
function requireDone(outcome: unknown, expected: unknown): void {
  if (outcome !== expected) throw new Error(`the change came to ${String(outcome)}`);
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
