import type { AuditAction, AuditEvent } from '../audit/index.ts';

export interface Refusal {
  readonly actor: string;
  /** What was asked for: `GET /api/v1/users`, `topic spans`. */
  readonly target: string;
  readonly address: string;
  readonly reason: string;
  readonly action?: AuditAction;
}

export interface RefusalLogOptions {
  readonly append: (event: AuditEvent) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

const MANY = { target: 'many', reason: 'too many to tell apart' } as const;

interface Counted {
  readonly refusal: Refusal;
  count: number;
}

/** Different ones in one period; what is refused beyond them is counted together. */
const MOST_A_PERIOD = 100;
/** Of those, of one actor at one address: nobody hides what others do, nor what they do themselves, behind it. */
const MOST_OF_ONE = 20;
export const REFUSAL_PERIOD_MS = 60_000;

/**
 * Puts refusals on record without letting whoever is refused fill the record: of what is alike, the first at once and the
 * others as a number once a period; at most a hundred different ones, of one actor twenty, the rest as one.
 */
export class RefusalLog {
  private readonly options: RefusalLogOptions;
  private counted = new Map<string, Counted>();
  private others = 0;
  /** The first of their kind, until they are on record. */
  private readonly writing = new Set<Promise<void>>();

  constructor(options: RefusalLogOptions) {
    this.options = options;
  }

  note(refusal: Refusal): void {
    const { actor, address } = refusal;
    if (this.isNew(refusal) && this.differentOf(refusal) >= MOST_OF_ONE) {
      this.count({ actor, address, ...MANY });
    } else this.count(refusal);
  }

  private count(refusal: Refusal): void {
    const key = keyOf(refusal);
    const known = this.counted.get(key);
    if (known) {
      known.count += 1;
      return;
    }
    if (this.counted.size >= MOST_A_PERIOD) {
      this.others += 1;
      return;
    }
    this.counted.set(key, { refusal, count: 0 });
    this.append(refusal, {});
  }

  private isNew(refusal: Refusal): boolean {
    return !this.counted.has(keyOf(refusal));
  }

  private differentOf({ actor, address }: Refusal): number {
    const all = [...this.counted.values()];
    return all.filter(({ refusal }) => refusal.actor === actor && refusal.address === address).length;
  }

  /** Call once a period, and at the end. Resolves when all that was noted before is on record. */
  async flush(): Promise<void> {
    const counted = [...this.counted.values()].filter(({ count }) => count > 0);
    const others = this.others;
    this.counted = new Map();
    this.others = 0;
    await Promise.all(this.writing);
    for (const { refusal, count } of counted) await this.write(refusal, { more: count });
    if (others === 0) return;
    const refusal = { actor: 'system', address: '', ...MANY };
    await this.write(refusal, { more: others });
  }

  private append(refusal: Refusal, detail: AuditEvent['detail']): void {
    const written = this.write(refusal, detail).finally(() => this.writing.delete(written));
    this.writing.add(written);
  }

  private async write(refusal: Refusal, detail: AuditEvent['detail']): Promise<void> {
    const { actor, target, address, reason, action = 'access.refuse' } = refusal;
    try {
      await this.options.append({
        actor,
        action,
        target: target.slice(0, 200),
        outcome: 'refused',
        address,
        detail: { reason, ...detail },
      });
    } catch (error) {
      this.options.onError(error);
    }
  }
}

function keyOf({ actor, address, action, reason, target }: Refusal): string {
  // Of nobody in particular any path is as good as another.
  const what = actor === 'anonymous' ? reason : `${reason} ${target}`;
  return `${actor} ${address} ${action ?? ''} ${what}`;
}
