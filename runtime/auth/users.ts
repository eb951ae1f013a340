import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';
import type { Grant, Grants } from './grants.ts';
import { loginOf, UserDirectory, type Role, type User } from './user-directory.ts';

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

/**
 * Users and roles. All of them are known here, so that asking what somebody may do costs nothing; every change goes
 * through here, too.
 */
export class Users {
  private readonly database: ControlDatabase;
  private known: UserDirectory;
  private loading: Promise<void> = Promise.resolve();
  private changing: Promise<unknown> = Promise.resolve();
  private readonly listeners = new Set<() => void>();

  private constructor(database: ControlDatabase, known: UserDirectory) {
    this.database = database;
    this.known = known;
  }

  static async open(database: ControlDatabase): Promise<Users> {
    return new Users(database, await UserDirectory.read(database.query));
  }

  /** By login. */
  all(): readonly User[] {
    return this.known.all();
  }

  get(id: string): User | undefined {
    return this.known.get(id);
  }

  byLogin(login: string): User | undefined {
    return this.known.byLogin(login);
  }

  roles(): readonly Role[] {
    return this.known.roles();
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
    return this.known.grantsOf(roles);
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

  /** What another process changed is known afterwards, too. One after the other, or an older state could come after a newer one. */
  reload(): Promise<void> {
    this.loading = this.loading.catch(() => undefined).then(() => this.load());
    return this.loading;
  }

  private async load(): Promise<void> {
    this.known = await UserDirectory.read(this.database.query);
    for (const listener of this.listeners) listener();
  }
}

async function setRoles(query: RunQuery, id: string, roles: readonly string[]): Promise<void> {
  await query('DELETE FROM user_roles WHERE user_id = $1', [id]);
  for (const role of new Set(roles)) {
    await query('INSERT INTO user_roles (user_id, role) VALUES ($1, $2)', [id, role]);
  }
}
