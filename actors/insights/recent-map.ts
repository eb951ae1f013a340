/** What was usual of something that was not seen for so long may not be any more. */
const FORGOTTEN_MS = 86_400_000;
/** Where there is no room what is idle for so long goes for what is there. */
const GIVEN_UP_MS = 3_600_000;

interface Seen<Value> {
  readonly value: Value;
  seenMs: number;
}

/** A bounded number of things by their keys, in order of when they were seen last. What is there is never put out for what comes later. */
export class RecentMap<Key, Value> {
  private readonly most: number;
  private readonly byKey = new Map<Key, Seen<Value>>();

  constructor(most: number) {
    this.most = most;
  }

  /** Sees it, and makes it where it is not known; undefined where there is no room. */
  see(key: Key, make: () => Value, nowMs: number): Value | undefined {
    const known = this.byKey.get(key);
    if (known === undefined) return this.add(key, make, nowMs);
    if (known.seenMs !== nowMs) {
      known.seenMs = nowMs;
      // Last in the order of the map: seen most lately.
      this.byKey.delete(key);
      this.byKey.set(key, known);
    }
    return known.value;
  }

  *entries(): IterableIterator<readonly [Key, Value]> {
    for (const [key, { value }] of this.byKey) yield [key, value];
  }

  *values(): IterableIterator<Value> {
    for (const { value } of this.byKey.values()) yield value;
  }

  /** Forgets what was not seen for a day. */
  sweep(nowMs: number): void {
    this.forget(nowMs - FORGOTTEN_MS);
  }

  private add(key: Key, make: () => Value, nowMs: number): Value | undefined {
    if (this.byKey.size >= this.most) this.forget(nowMs - GIVEN_UP_MS);
    if (this.byKey.size >= this.most) return undefined;
    const value = make();
    this.byKey.set(key, { value, seenMs: nowMs });
    return value;
  }

  private forget(untilMs: number): void {
    for (const [key, { seenMs }] of this.byKey) {
      if (seenMs > untilMs) break;
      this.byKey.delete(key);
    }
  }
}
