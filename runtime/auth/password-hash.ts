import { hash, verify } from '@node-rs/argon2';

/** Argon2id is the library's own default; RFC 9106's second recommended option, in one lane: 64 MiB, about 0.15 s. */
const ARGON2ID = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
/** Each takes 64 MiB while it runs. */
const AT_A_TIME = 2;
const MOST_WAITING = 64;

/** So many passwords are being checked that another one would only wait. */
export class PasswordChecksBusyError extends Error {
  readonly code = 'OVERLOADED';

  constructor() {
    super('too many are signing in just now: try again in a moment');
    this.name = 'PasswordChecksBusyError';
  }
}

/** Hashes and checks passwords with argon2id, few at a time. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];
  /** Of a password that nobody has: checking it takes as long as checking a real one. */
  private decoy: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, ARGON2ID));
  }

  /** Takes the same time whether or not there is a hash to compare with. Rejects with `PasswordChecksBusyError`. */
  async isRight(password: string, expected: string | undefined): Promise<boolean> {
    this.decoy ??= this.hash('');
    const against = expected ?? (await this.decoy);
    const isRight = await this.inTurn(() => verify(against, password));
    return isRight && expected !== undefined;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_A_TIME) {
      if (this.waiting.length >= MOST_WAITING) throw new PasswordChecksBusyError();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
