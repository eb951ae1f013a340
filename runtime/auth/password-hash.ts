import { hash, verify } from '@node-rs/argon2';

/** Argon2id is the library's own default; RFC 9106's second recommended option, in one lane: 64 MiB, about 0.15 s. */
const ARGON2ID = { memoryCost: 65_536, timeCost: 3, parallelism: 1 };
const MOST_WAITING = 64;

/** So many passwords are being checked that another one would only wait. */
export class PasswordChecksBusyError extends Error {
  readonly code = 'OVERLOADED';

  constructor() {
    super('too many are signing in just now: try again in a moment');
    this.name = 'PasswordChecksBusyError';
  }
}

/** Hashes and checks passwords with argon2id, one at a time: whoever asks, the process is no more than 64 MiB larger for it. */
export class PasswordHasher {
  private readonly mostWaiting: number;
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;
  /** Of a password that nobody has: checking it takes as long as checking a real one. */
  private decoy: Promise<string> | undefined;

  constructor(mostWaiting = MOST_WAITING) {
    this.mostWaiting = mostWaiting;
  }

  /** Rejects with `PasswordChecksBusyError`. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, ARGON2ID));
  }

  /** Takes the same time whether or not there is a hash to compare with. Rejects with `PasswordChecksBusyError`. */
  async isRight(password: string, expected: string | undefined): Promise<boolean> {
    const decoy = await this.hashOfNobody();
    const against = expected ?? decoy;
    const isRight = await this.inTurn(() => verify(against, password));
    return isRight && expected !== undefined;
  }

  private hashOfNobody(): Promise<string> {
    this.decoy ??= this.hash('').catch((error: unknown) => {
      this.decoy = undefined;
      throw error;
    });
    return this.decoy;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.waiting >= this.mostWaiting) throw new PasswordChecksBusyError();
    this.waiting += 1;
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.waiting -= 1;
    }
  }
}
