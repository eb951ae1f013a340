import { readFile } from 'node:fs/promises';
import type { AuditLog } from '../audit/index.ts';
import type { PasswordHasher } from './password-hash.ts';
import { passwordProblem } from './password-policy.ts';
import { newSecretToken } from './secret-token.ts';
import type { Users } from './users.ts';

export interface FirstAdminOptions {
  readonly users: Users;
  readonly hasher: PasswordHasher;
  readonly audit: AuditLog;
  /** `OPHION_ADMIN_PASSWORD_FILE`. */
  readonly passwordFile?: string;
}

export const FIRST_ADMIN = 'admin';
const PASSWORD_LENGTH = 24;

/** The file with the first administrator's password cannot be used. */
export class AdminPasswordError extends Error {
  readonly code = 'CONFIG_INVALID';

  constructor(path: string, reason: string, cause?: unknown) {
    super(`OPHION_ADMIN_PASSWORD_FILE names ${path}: ${reason}`, { cause });
    this.name = 'AdminPasswordError';
  }
}

/**
 * Where there are no users yet, makes the first. Answers the password that was made up for it, to be shown once; nothing
 * when there are users already, or the password came from a file. Rejects with `AdminPasswordError`.
 */
export async function createFirstAdmin(options: FirstAdminOptions): Promise<string | undefined> {
  const { users, hasher, audit, passwordFile } = options;
  if (users.all().length > 0) return undefined;
  const given = passwordFile === undefined ? undefined : await readPassword(passwordFile);
  const password = given ?? newPassword();
  const passwordHash = await hasher.hash(password);
  await users.change(async (query) => {
    await users.create(query, {
      login: FIRST_ADMIN,
      kind: 'person',
      name: 'Administrator',
      roles: ['admin'],
      passwordHash,
      // What was printed may have been seen, and what lies in a file may be read.
      mustChangePassword: true,
    });
    await audit.append(
      {
        actor: 'system',
        action: 'user.create',
        target: `user:${FIRST_ADMIN}`,
        outcome: 'done',
        address: '',
        detail: { after: { roles: ['admin'] } },
      },
      query,
    );
  });
  return given === undefined ? password : undefined;
}

/** 144 random bits, for somebody to type once. */
export function newPassword(): string {
  return newSecretToken().slice(0, PASSWORD_LENGTH);
}

async function readPassword(path: string): Promise<string> {
  let password: string;
  try {
    password = (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new AdminPasswordError(path, `it cannot be read (${(error as Error).message})`, error);
  }
  const problem = passwordProblem(password, [FIRST_ADMIN]);
  if (problem !== undefined) throw new AdminPasswordError(path, problem);
  return password;
}
