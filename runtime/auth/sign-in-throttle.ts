import { limitedAs } from './limited-as.ts';
import type { ControlDatabase, RunQuery } from '../storage/postgres/index.ts';

/** How many failures are free, and how long to wait after so many more. */
interface Pace {
  readonly free: number;
  readonly firstDelaySeconds: number;
  readonly mostDelaySeconds: number;
  /** After so long without a failure they are forgotten. */
  readonly forgetSeconds: number;
}

/**
 * An account is locked for a quarter of an hour after a dozen failures. Failures from where its owner has signed in lately are
 * counted apart: nobody locks them out from elsewhere. An address stands for many people: it may fail more often.
 */
const PACES = {
  account: { free: 3, firstDelaySeconds: 1, mostDelaySeconds: 900, forgetSeconds: 86_400 },
  address: { free: 20, firstDelaySeconds: 1, mostDelaySeconds: 900, forgetSeconds: 3_600 },
} as const satisfies Readonly<Record<string, Pace>>;

const KNOWN_DAYS = 30;
const MOST_KNOWN = 1_000;
const DAY_MS = 86_400_000;

interface Row {
  readonly key: string;
  readonly failures: number;
  readonly last_failed_at: Date;
}

type Keys = readonly [readonly ['account', string], readonly ['address', string]];

/** Makes guessing passwords slow: waits grow with each failure, by account and by address, also over restarts. */
export class SignInThrottle {
  private readonly database: ControlDatabase;
  private readonly now: () => number;

  constructor(database: ControlDatabase, now: () => number = Date.now) {
    this.database = database;
    this.now = now;
  }

  /**
   * Counts an attempt as failed before its password is looked at, so that many at a time are not free; `succeeded` takes
   * it back. Answers for how long no password is looked at instead: 0 when this one may be.
   */
  async begin(login: string, address: string): Promise<number> {
    return this.database.transaction(async (query) => {
      const keys = await this.keysOf(query, login, address);
      const waits: number[] = [];
      for (const [kind, key] of keys) {
        waits.push(await this.waitMs(query, kind, key));
      }
      const waitMs = Math.max(...waits);
      if (waitMs > 0) return waitMs;
      for (const [kind, key] of keys) await this.count(query, kind, key);
      return 0;
    });
  }

  async succeeded(login: string, address: string): Promise<void> {
    const [[, account], [, from]] = await this.keysOf(this.database.query, login, address);
    await this.database.query('DELETE FROM sign_in_failures WHERE key = $1', [account]);
    await this.database.query(
      'UPDATE sign_in_failures SET failures = greatest(0, failures - 1) WHERE key = $1',
      [from],
    );
  }

  /** Lets go of what is forgotten anyway. Call now and then. */
  async sweep(): Promise<void> {
    const oldest = new Date(this.now() - PACES.account.forgetSeconds * 1_000);
    await this.database.query('DELETE FROM sign_in_failures WHERE last_failed_at < $1', [oldest]);
  }

  private async waitMs(query: RunQuery, kind: keyof typeof PACES, key: string): Promise<number> {
    const [row] = await query<Row>(
      'SELECT key, failures, last_failed_at FROM sign_in_failures WHERE key = $1 FOR UPDATE',
      [key],
    );
    if (!row) return 0;
    const pace = PACES[kind];
    const sinceMs = this.now() - row.last_failed_at.getTime();
    if (sinceMs > pace.forgetSeconds * 1_000 || row.failures < pace.free) return 0;
    const delaySeconds = Math.min(
      pace.mostDelaySeconds,
      pace.firstDelaySeconds * 2 ** (row.failures - pace.free),
    );
    return Math.max(0, delaySeconds * 1_000 - sinceMs);
  }

  private async count(query: RunQuery, kind: keyof typeof PACES, key: string): Promise<void> {
    const now = new Date(this.now());
    const forgotten = new Date(this.now() - PACES[kind].forgetSeconds * 1_000);
    await query(
      `INSERT INTO sign_in_failures (key, failures, last_failed_at) VALUES ($1, 1, $2)
       ON CONFLICT (key) DO UPDATE SET
         failures = CASE WHEN sign_in_failures.last_failed_at < $3 THEN 1 ELSE sign_in_failures.failures + 1 END,
         last_failed_at = $2`,
      [key, now, forgotten],
    );
  }

  private async keysOf(query: RunQuery, login: string, address: string): Promise<Keys> {
    const place = limitedAs(address);
    const known = await query<{ address: string }>(
      `SELECT DISTINCT s.address FROM sessions s JOIN users u ON u.id = s.user_id
       WHERE u.login = $1 AND s.seen_at > $2 LIMIT ${MOST_KNOWN}`,
      [login, new Date(this.now() - KNOWN_DAYS * DAY_MS)],
    );
    const isKnown = known.some((session) => limitedAs(session.address) === place);
    return [
      ['account', isKnown ? `account:${login} ${place}` : `account:${login}`],
      ['address', `address:${place}`],
    ];
  }
}
