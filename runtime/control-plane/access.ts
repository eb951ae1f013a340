import { AuditLines, AuditLog } from '../audit/index.ts';
import {
  AccessControl,
  AccessTokens,
  ApiKeys,
  createFirstAdmin,
  PasswordHasher,
  Passwords,
  SecondFactor,
  Sessions,
  SignIn,
  SignInThrottle,
  Users,
} from '../auth/index.ts';
import type { Config } from '../config/index.ts';
import { REFUSAL_PERIOD_MS, RefusalLog, SlidingWindow } from '../doors/index.ts';
import type { Logger } from '../log/index.ts';
import { masterKeyOf, Sealer } from '../secrets/index.ts';
import type { ControlDatabase } from '../storage/postgres/index.ts';

export interface AccessOptions {
  readonly config: Pick<Config, 'adminPasswordFile' | 'secretKey' | 'secretKeyFile' | 'sessionHours'>;
  readonly database: ControlDatabase;
  readonly dataDir: string;
  readonly log: Logger;
}

/** Who may do what, and all that decides it. */
export interface Access {
  readonly database: ControlDatabase;
  readonly sealer: Sealer;
  readonly audit: AuditLog;
  readonly users: Users;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly tokens: AccessTokens;
  readonly hasher: PasswordHasher;
  readonly throttle: SignInThrottle;
  readonly secondFactor: SecondFactor;
  readonly passwords: Passwords;
  readonly signIn: SignIn;
  readonly control: AccessControl;
  readonly refusals: RefusalLog;
  /** Of attempts to sign in, by address. */
  readonly signInWindow: SlidingWindow;
  /** Where there is nobody yet, makes the first administrator; answers the password that was made up, to be shown once. */
  readonly createFirstAdmin: () => Promise<string | undefined>;
  /** Told when anybody may do something else than before, or no more. Answers how to stop being told. */
  readonly onChanged: (listener: () => void) => () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** More than people mistype, and less than helps guessing; a whole office may be behind one address. */
const SIGN_IN_ATTEMPTS = { most: 60, windowMs: 300_000, mostKeys: 100_000 };
const HOUR_MS = 3_600_000;
const SWEEP_MS = HOUR_MS;
const EXPIRY_MS = 5_000;
const SAVE_USES_MS = 60_000;
const AUDIT_LINES_MS = 2_000;

export async function openAccess({ config, database, dataDir, log }: AccessOptions): Promise<Access> {
  const { adminPasswordFile } = config;
  const sealer = new Sealer(await masterKeyOf(config, dataDir));
  const audit = new AuditLog(database);
  const [users, sessions, keys, tokens] = await Promise.all([
    Users.open(database),
    Sessions.open(database, { lifetimeMs: config.sessionHours * HOUR_MS }),
    ApiKeys.open(database),
    AccessTokens.open(database, sealer),
  ]);
  const lines = await AuditLines.open({
    audit,
    write: (entry) => {
      log.info({ audit: entry }, 'audit');
    },
  });
  const hasher = new PasswordHasher();
  const throttle = new SignInThrottle(database);
  const secondFactor = new SecondFactor({ users, sealer, audit });
  const passwords = new Passwords({ database, users, sessions, keys, hasher, audit });
  const signIn = new SignIn({ users, sessions, tokens, hasher, secondFactor, throttle, audit });
  const control = new AccessControl({ users, sessions, keys, tokens });
  const refusals = new RefusalLog({
    append: (event) => audit.append(event),
    onError: (error) => {
      log.error({ err: error }, 'a refusal could not be put on record');
    },
  });
  const timers = new Timers(log);
  timers.every(AUDIT_LINES_MS, () => lines.tell());
  timers.every(REFUSAL_PERIOD_MS, () => refusals.flush());
  timers.every(SAVE_USES_MS, async () => {
    await keys.saveUses();
    await sessions.saveUses();
    await signIn.endIdle();
  });
  timers.every(SWEEP_MS, async () => {
    await sessions.sweep();
    await throttle.sweep();
    await tokens.rotate();
  });
  return {
    ...{ database, sealer, audit, users, sessions, keys, tokens, hasher, throttle, secondFactor, passwords },
    ...{ signIn, control, refusals },
    signInWindow: new SlidingWindow({ ...SIGN_IN_ATTEMPTS, now: Date.now }),
    createFirstAdmin: () =>
      createFirstAdmin({
        users,
        hasher,
        audit,
        ...(adminPasswordFile !== undefined && { passwordFile: adminPasswordFile }),
      }),
    onChanged(listener) {
      const stops = [
        sessions.onEnded(listener),
        users.onChanged(listener),
        keys.onChanged(listener),
        // Keys and sessions expire without a word.
        timers.every(EXPIRY_MS, () => {
          listener();
          return Promise.resolve();
        }),
      ];
      return () => {
        for (const stop of stops) stop();
        return Promise.resolve();
      };
    },
    async stop() {
      timers.stop();
      await refusals.flush();
      await keys.saveUses();
      await sessions.saveUses();
      await lines.tell();
    },
  };
}

/** Chores; one that fails is tried again at its next turn. */
class Timers {
  private readonly log: Logger;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(log: Logger) {
    this.log = log;
  }

  every(intervalMs: number, work: () => Promise<void>): () => void {
    const timer = setInterval(() => {
      work().catch((error: unknown) => {
        this.log.warn({ err: error }, 'a chore of the control plane failed and is tried again later');
      });
    }, intervalMs);
    timer.unref();
    this.timers.push(timer);
    return () => {
      clearInterval(timer);
    };
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }
}
