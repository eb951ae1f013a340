import { z } from 'zod';
import { BUILT_IN_ROLES, isPermission, serviceMatcher, type BuiltInRole } from '../../proto/access/index.ts';
import type { RunQuery } from '../storage/postgres/index.ts';
import { sumGrants, type Grant, type Grants } from './grants.ts';

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

/** Users and roles at one time, as the database had them. */
export class UserDirectory {
  private readonly byId: ReadonlyMap<string, User>;
  private readonly idByLogin: ReadonlyMap<string, string>;
  private readonly customRoles: ReadonlyMap<string, Grant>;

  private constructor(roles: readonly RoleRow[], users: readonly UserRow[]) {
    this.customRoles = new Map(roles.map((row) => [row.name, grantOf(row)]));
    this.byId = new Map(users.map((row) => [row.id, this.userOf(row)]));
    this.idByLogin = new Map(users.map(({ login, id }) => [login, id]));
  }

  /** As whoever `query` belongs to sees them. */
  static async read(query: RunQuery): Promise<UserDirectory> {
    const roles = await query<RoleRow>('SELECT name, permissions, services FROM roles');
    return new UserDirectory(roles, await query<UserRow>(SELECT));
  }

  /** By login. */
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

  /** What somebody with these roles may do. */
  grantsOf(roles: readonly string[]): Grants {
    return sumGrants(roles.map((role) => this.grantOf(role)));
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
