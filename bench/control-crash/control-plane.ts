import { AuditLog, type AuditAction } from '../../runtime/audit/index.ts';
import { ApiKeys, Users } from '../../runtime/auth/index.ts';
import { Sealer } from '../../runtime/secrets/index.ts';
import { SecretStore, SettingsStore } from '../../runtime/settings/index.ts';
import {
  openControlDatabase,
  type ControlDatabase,
  type ControlDatabaseOptions,
  type RunQuery,
} from '../../runtime/storage/postgres/index.ts';
import type { ControlChange, ControlState } from './control-state.ts';

const AUTHOR = { actor: 'system', address: '' };

/** Where the control plane is, as one process tells another. */
export type Place = { readonly directory: string } | { readonly url: string };

/** The stores of the control plane, without doors. */
export class ControlPlane {
  private readonly database: ControlDatabase;
  readonly audit: AuditLog;
  private readonly users: Users;
  private readonly keys: ApiKeys;
  private readonly settings: SettingsStore;
  private readonly secrets: SecretStore;

  private constructor(
    database: ControlDatabase,
    audit: AuditLog,
    stores: { readonly users: Users; readonly keys: ApiKeys; readonly settings: SettingsStore },
  ) {
    this.database = database;
    this.audit = audit;
    this.users = stores.users;
    this.keys = stores.keys;
    this.settings = stores.settings;
    this.secrets = new SecretStore({ database, sealer: new Sealer(Buffer.alloc(32, 9)), audit });
  }

  static async open(place: Place): Promise<ControlPlane> {
    const options: ControlDatabaseOptions =
      'url' in place
        ? { url: place.url, onIdleError: () => undefined }
        : { directory: place.directory, template: 'dist/postgres-template' };
    const database = await openControlDatabase(options);
    const audit = new AuditLog(database);
    return new ControlPlane(database, audit, {
      users: await Users.open(database),
      keys: await ApiKeys.open(database),
      settings: await SettingsStore.open({ database, audit }),
    });
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** As the doors do it: the change and its entry in one transaction. Resolves when it counts. */
  async make(change: ControlChange): Promise<void> {
    const { users, keys, secrets, settings } = this;
    switch (change.type) {
      case 'create-user': {
        const { login, roles } = change;
        const made = { login, kind: 'person', name: '', roles, mustChangePassword: true } as const;
        return this.recorded(users, 'user.create', login, (query) => users.create(query, made));
      }
      case 'change-user': {
        const { login, roles, isDisabled } = change;
        const id = this.idOf(login);
        return this.recorded(users, 'user.change', login, (query) =>
          users.update(query, id, { roles, isDisabled }),
        );
      }
      case 'put-role': {
        const { name, permissions } = change;
        return this.recorded(users, 'role.change', name, (query) =>
          users.putRole(query, name, { permissions, services: undefined }),
        );
      }
      case 'remove-role':
        return this.recorded(users, 'role.remove', change.name, (query) =>
          users.removeRole(query, change.name),
        );
      case 'create-key': {
        const made = { name: change.name, userId: this.idOf(change.login), createdBy: 'system' };
        return this.recorded(keys, 'key.create', change.name, (query) =>
          keys.create(query, { ...made, scopes: ['query'], expiresAt: undefined }),
        );
      }
      case 'revoke-key': {
        const key = keys.all().find(({ name }) => name === change.name);
        return this.recorded(keys, 'key.revoke', change.name, (query) => keys.revoke(query, key?.id ?? ''));
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
    }
  }

  async state(): Promise<ControlState> {
    const [count] = await this.database.query<{ entries: number }>(
      'SELECT count(*)::int AS entries FROM audit_log',
    );
    const secret = await this.secrets.reveal('oidc-client-secret');
    const users = this.users
      .all()
      .map(({ login, roles, isDisabled }) => [login, { roles, isDisabled }] as const);
    const roles = this.users.roles().filter(({ isBuiltIn }) => !isBuiltIn);
    const keys = this.keys.all().map(({ name, userId, revokedAt }) => {
      const login = this.users.get(userId)?.login ?? '';
      return [name, { login, isRevoked: revokedAt !== undefined }] as const;
    });
    return {
      users: Object.fromEntries(users),
      roles: Object.fromEntries(roles.map(({ name, permissions }) => [name, permissions])),
      keys: Object.fromEntries(keys.toSorted(([a], [b]) => (a < b ? -1 : 1))),
      notice: this.settings.current.signIn.notice,
      settingsVersion: this.settings.version,
      secrets: secret === undefined ? {} : { 'oidc-client-secret': secret },
      auditEntries: count?.entries ?? 0,
    };
  }

  private idOf(login: string): string {
    const user = this.users.byLogin(login);
    if (!user) throw new Error(`there is no user ${login}`);
    return user.id;
  }

  private recorded(
    store: { change(work: (query: RunQuery) => Promise<void>): Promise<void> },
    action: AuditAction,
    target: string,
    work: (query: RunQuery) => Promise<unknown>,
  ): Promise<void> {
    return store.change(async (query) => {
      await work(query);
      await this.audit.append({ ...AUTHOR, action, target, outcome: 'done', detail: {} }, query);
    });
  }
}
