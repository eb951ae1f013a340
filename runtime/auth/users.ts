import { z } from 'zod';
import { BUILT_IN_ROLES, isPermission, serviceMatcher, type BuiltInRole } from '../../proto/access/index.ts';
import { sumGrants, type Grant, type Grants } from './grants.ts';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';

export interface User {
  readonly id: string;
  readonly kind: 'person' | 'service';
  readonly login: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly grants: Grants;
  readonly passwordHash: string | undefined;
  readonly mustChangePassword: boolean;
  /** Sealed. */
  readonly totpSecret: Uint8Array | undefined;
  readonly hasTotp: boolean;
  readonly totpLastStep: number;
  readonly isDisabled: boolean;
  readonly createdAt: Date;
  readonly signedInAt: Date | undefined;
}

export interface Role extends Grant {
  readonly name: string;
  readonly isBuiltIn: boolean;
}

export interface NewUser {
  readonly login: string;
  readonly kind: User['kind'];
  readonly name: string;
  readonly roles: readonly string[];
  readonly passwordHash?: string;
  readonly mustChangePassword: boolean;
}

export interface UserChange {
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly isDisabled?: boolean;
  readonly passwordHash?: string;
  readonly mustChangePassword?: boolean;
  /** `null` takes it away. */
  readonly totpSecret?: Uint8Array | null;
  readonly totpConfirmed?: boolean;
  readonly totpLastStep?: number;
  readonly signedInAt?: Date;
}

interface UserRow {
  readonly id: string;
  readonly kind: User['kind'];
  readonly login: string;
  readonly name: string;
  readonly password_hash: string | null;
  readonly must_change_password: boolean;
  readonly totp_secret: Uint8Array | null;
  readonly totp_confirmed: boolean;
  readonly totp_last_step: string;
  readonly is_disabled: boolean;
  readonly created_at: Date;
  readonly signed_in_at: Date | null;
  readonly roles: readonly string[];
}

const SELECT = `
  SELECT u.id, u.kind, u.login, u.name, u.password_hash, u.must_change_password, u.totp_secret, u.totp_confirmed,
    u.totp_last_step, u.is_disabled, u.created_at, u.signed_in_at,
    array(SELECT r.role FROM user_roles r WHERE r.user_id = u.id ORDER BY r.role) AS roles
  FROM users u`;

/** As logins are compared and kept. */
export function loginOf(text: string): string {
  return text.trim().normalize('NFKC').toLowerCase();
}

/**
 * Users and roles. All of them are known here, so that asking what somebody may do costs nothing; every change goes
 * through here, too.
 */
export class Users {
  private readonly database: ControlDatabase;
  private byId = new Map<string, User>();
  private idByLogin = new Map<string, string>();
  private customRoles = new Map<string, Grant>();
  private loading: Promise<void> = Promise.resolve();
  private changing: Promise<unknown> = Promise.resolve();
  private readonly listeners = new Set<() => void>();

  private constructor(database: ControlDatabase) {
    this.database = database;
  }

  static async open(database: ControlDatabase): Promise<Users> {
    const users = new Users(database);
    await users.reload();
    return users;
  }

  all(): readonly User[] {
    return [...this.byId.values()].sort((a, b) => (a.login < b.login ? -1 : 1));
  }

  get(id: string): User | undefined {
    return this.byId.get(id);
  }

  byLogin(login: string): User | undefined {
    const id = this.idByLogin.get(loginOf(login));
    return id === undefined ? undefined : this.byId.get(id);
  }

  roles(): readonly Role[] {
    const builtIn = Object.entries(BUILT_IN_ROLES).map(([name, permissions]) => ({
      name,
      permissions,
      services: undefined,
      isBuiltIn: true,
    }));
    const custom = [...this.customRoles].map(([name, grant]) => ({ name, ...grant, isBuiltIn: false }));
    return [...builtIn, ...custom.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  role(name: string): Role | undefined {
    return this.roles().find((role) => role.name === name);
  }

  /** Somebody must be able to manage users: the last one who can is neither disabled nor demoted. */
  isLastAdmin(userId: string): boolean {
    const admins = this.all().filter(
      (user) => user.kind === 'person' && !user.isDisabled && user.grants.permissions.has('users:write'),
    );
    return admins.length === 1 && admins[0]?.id === userId;
  }

  /** What somebody with these roles may do. */
  grantsOf(roles: readonly string[]): Grants {
    return sumGrants(roles.map((role) => this.grantOf(role)));
  }

  /** Told after every change. Returns how to stop being told. */
  onChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Runs a change in one transaction, with what else belongs to it, and knows the outcome afterwards. One after the other: what
   * `work` finds here is what the change before it left. `committed` is told once it counts, before the next one begins.
   */
  change<Result>(
    work: (query: RunQuery) => Promise<Result>,
    committed: (result: Result) => void = () => undefined,
  ): Promise<Result> {
    const changed = this.changing.then(async () => {
      const result = await this.database.transaction(work);
      committed(result);
      await this.reload();
      return result;
    });
    this.changing = changed.catch(() => undefined);
    return changed;
  }

  async create(query: RunQuery, user: NewUser): Promise<string> {
    const [row] = await query<{ id: string }>(
      `INSERT INTO users (kind, login, name, password_hash, must_change_password)
       VALUES ($1, $2, $3, $4, $5) RETURNING id`,
      [user.kind, loginOf(user.login), user.name, user.passwordHash ?? null, user.mustChangePassword],
    );
    if (!row) throw new Error('no user was made');
    await setRoles(query, row.id, user.roles);
    return row.id;
  }

  async update(query: RunQuery, id: string, change: UserChange): Promise<void> {
    const values: readonly (readonly [string, unknown])[] = [
      ['name', change.name],
      ['is_disabled', change.isDisabled],
      ['password_hash', change.passwordHash],
      ['must_change_password', change.mustChangePassword],
      ['totp_secret', change.totpSecret],
      ['totp_confirmed', change.totpConfirmed],
      ['totp_last_step', change.totpLastStep],
      ['signed_in_at', change.signedInAt],
    ];
    const given = values.filter(([, value]) => value !== undefined);
    if (given.length > 0) {
      const set = given.map(([column], index) => `${column} = $${index + 2}`).join(', ');
      await query(`UPDATE users SET ${set} WHERE id = $1`, [id, ...given.map(([, value]) => value)]);
    }
    if (change.roles) await setRoles(query, id, change.roles);
  }

  async putRole(query: RunQuery, name: string, { permissions, services }: Grant): Promise<void> {
    await query(
      `INSERT INTO roles (name, permissions, services) VALUES ($1, $2::text[], $3)
       ON CONFLICT (name) DO UPDATE SET permissions = EXCLUDED.permissions, services = EXCLUDED.services`,
      [name, permissions, services === undefined ? null : JSON.stringify(services)],
    );
  }

  async removeRole(query: RunQuery, name: string): Promise<void> {
    await query('DELETE FROM user_roles WHERE role = $1', [name]);
    await query('DELETE FROM roles WHERE name = $1', [name]);
  }

  /** One after the other, or an older state could come after a newer one. */
  private reload(): Promise<void> {
    this.loading = this.loading.catch(() => undefined).then(() => this.load());
    return this.loading;
  }

  private async load(): Promise<void> {
    const roles = await this.database.query<RoleRow>('SELECT name, permissions, services FROM roles');
    this.customRoles = new Map(roles.map((row) => [row.name, grantOf(row)]));
    const rows = await this.database.query<UserRow>(SELECT);
    this.byId = new Map(rows.map((row) => [row.id, this.userOf(row)]));
    this.idByLogin = new Map(rows.map(({ login, id }) => [login, id]));
    for (const listener of this.listeners) listener();
  }

  private userOf(row: UserRow): User {
    return {
      id: row.id,
      kind: row.kind,
      login: row.login,
      name: row.name,
      roles: row.roles,
      grants: this.grantsOf(row.roles),
      passwordHash: row.password_hash ?? undefined,
      mustChangePassword: row.must_change_password,
      totpSecret: row.totp_secret ?? undefined,
      hasTotp: row.totp_secret !== null && row.totp_confirmed,
      totpLastStep: Number(row.totp_last_step),
      isDisabled: row.is_disabled,
      createdAt: row.created_at,
      signedInAt: row.signed_in_at ?? undefined,
    };
  }

  private grantOf(role: string): Grant {
    if (Object.hasOwn(BUILT_IN_ROLES, role)) {
      return { permissions: BUILT_IN_ROLES[role as BuiltInRole], services: undefined };
    }
    return this.customRoles.get(role) ?? NOTHING;
  }
}

const NOTHING: Grant = { permissions: [], services: undefined };

interface RoleRow {
  readonly name: string;
  readonly permissions: readonly string[];
  readonly services: unknown;
}

/** What cannot be read allows nothing: it must not become a role for all services. */
function grantOf({ permissions, services }: RoleRow): Grant {
  if (services === null) return { permissions: permissions.filter(isPermission), services: undefined };
  const parsed = z.array(serviceMatcher).safeParse(services);
  if (!parsed.success) return NOTHING;
  return {
    permissions: permissions.filter(isPermission),
    services: parsed.data,
  };
}

async function setRoles(query: RunQuery, id: string, roles: readonly string[]): Promise<void> {
  await query('DELETE FROM user_roles WHERE user_id = $1', [id]);
  for (const role of new Set(roles)) {
    await query('INSERT INTO user_roles (user_id, role) VALUES ($1, $2)', [id, role]);
  }
}
