const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
const MOST_WAITING = 1_000;
const MOST_AT_ONCE = 100;

export interface RetryingSaverOptions<Item> {
  readonly save: (items: readonly Item[]) => Promise<void>;
  readonly keyOf: (item: Item) => string;
  /** Whether it may be given up where too much waits. */
  readonly mayGoUnsaved: (item: Item) => boolean;
}

/**
 * Brings items into a store, each as it is last. What the store does not take waits, and is tried again ever more rarely; each key
 * waits once. Beyond the bound those that may go unsaved are given up, oldest first, and counted.
 */
export class RetryingSaver<Item> {
  private readonly options: RetryingSaverOptions<Item>;
  private readonly waiting = new Map<string, Item>();
  private isSaving = false;
  private retryAtMs = 0;
  private retryMs = FIRST_RETRY_MS;
  givenUp = 0;

  constructor(options: RetryingSaverOptions<Item>) {
    this.options = options;
  }

  get waitingCount(): number {
    return this.waiting.size;
  }

  put(items: readonly Item[]): void {
    const { keyOf, mayGoUnsaved } = this.options;
    for (const item of items) {
      this.waiting.delete(keyOf(item));
      this.waiting.set(keyOf(item), item);
    }
    if (this.waiting.size <= MOST_WAITING) return;
    for (const [key, item] of this.waiting) {
      if (this.waiting.size <= MOST_WAITING) break;
      if (!mayGoUnsaved(item)) continue;
      this.waiting.delete(key);
      this.givenUp += 1;
    }
  }

  /** At most one call of the store at a time, however long that takes. */
  async save(nowMs: number): Promise<void> {
    if (this.isSaving || this.waiting.size === 0 || nowMs < this.retryAtMs) return;
    this.isSaving = true;
    const batch = [...this.waiting].slice(0, MOST_AT_ONCE);
    try {
      await this.options.save(batch.map(([, item]) => item));
      // One that changed meanwhile waits on.
      for (const [key, item] of batch) {
        if (this.waiting.get(key) === item) this.waiting.delete(key);
      }
      this.retryMs = FIRST_RETRY_MS;
    } catch {
      this.retryAtMs = nowMs + this.retryMs;
      this.retryMs = Math.min(LONGEST_RETRY_MS, 2 * this.retryMs);
    } finally {
      this.isSaving = false;
    }
  }
}
