import type { AuditLog } from '../audit/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { newTotp, stepOfCode, type NewTotp } from './totp.ts';
import type { User } from './user-directory.ts';
import type { Users } from './users.ts';

export interface SecondFactorOptions {
  readonly users: Users;
  readonly sealer: Sealer;
  readonly audit: AuditLog;
  readonly now?: () => number;
}

/** One-time codes of an authenticator app. A secret counts once a first code was given for it. */
export class SecondFactor {
  private readonly options: SecondFactorOptions;
  private readonly now: () => number;

  constructor(options: SecondFactorOptions) {
    this.options = options;
    this.now = options.now ?? Date.now;
  }

  /** The secret is shown once. Until it is confirmed, everything is as before. */
  async propose(user: User, address: string): Promise<NewTotp> {
    if (user.hasTotp) throw new Error('the second factor is on');
    const totp = newTotp(user.login);
    const totpSecret = this.options.sealer.seal(sealOf(user.id), totp.secret);
    await this.save(user, { totpSecret, totpConfirmed: false }, 'totp.begin', address);
    return totp;
  }

  /** False: the code is not the secret's. */
  async confirm(user: User, code: string, address: string): Promise<boolean> {
    const step = this.stepOf(user, code);
    if (step === undefined) return false;
    await this.save(user, { totpConfirmed: true, totpLastStep: step }, 'totp.enable', address);
    return true;
  }

  async remove(user: User, by: string, address: string): Promise<void> {
    await this.save(user, { totpSecret: null, totpConfirmed: false }, 'totp.disable', address, by);
  }

  /** A code counts once. */
  async accept(user: User, code: string): Promise<boolean> {
    const step = this.stepOf(user, code);
    if (step === undefined) return false;
    const { users } = this.options;
    return users.change(async (query) => {
      // Two requests with one code at the same time: one of them is first.
      const taken = await query(
        'UPDATE users SET totp_last_step = $2 WHERE id = $1 AND totp_last_step < $2 RETURNING id',
        [user.id, step],
      );
      return taken.length > 0;
    });
  }

  private stepOf(user: User, code: string): number | undefined {
    if (!user.totpSecret) return undefined;
    const secret = this.options.sealer.open(sealOf(user.id), user.totpSecret).toString('utf8');
    return stepOfCode(secret, code, this.now(), user.totpLastStep);
  }

  private save(
    user: User,
    change: Parameters<Users['update']>[2],
    action: 'totp.begin' | 'totp.enable' | 'totp.disable',
    address: string,
    by = `user:${user.login}`,
  ): Promise<void> {
    const { users, audit } = this.options;
    return users.change(async (query) => {
      await users.update(query, user.id, change);
      const target = `user:${user.login}`;
      await audit.append({ actor: by, action, target, outcome: 'done', address, detail: {} }, query);
    });
  }
}

function sealOf(userId: string): string {
  return `second factor of user ${userId}`;
}
