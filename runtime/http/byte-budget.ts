/** Told of each change of a budget. */
export interface BudgetWatcher {
  /** `usedBytes`: from now on. */
  taken(usedBytes: number): void;
  /** `isDone`: by a request that has had its way; else by one for which there was no room. */
  given(bytes: number, isDone: boolean, usedBytes: number): void;
}

/** Bytes that all requests together may hold at a time. Who takes gives back, through a `Hold`. */
export class ByteBudget {
  readonly limitBytes: number;
  private readonly watcher: BudgetWatcher | undefined;
  private used = 0;

  constructor(limitBytes: number, watcher?: BudgetWatcher) {
    this.limitBytes = limitBytes;
    this.watcher = watcher;
  }

  get usedBytes(): number {
    return this.used;
  }

  /** False, and nothing is taken, when there is no room. */
  take(bytes: number): boolean {
    if (this.used + bytes > this.limitBytes) return false;
    this.used += bytes;
    this.watcher?.taken(this.used);
    return true;
  }

  /** `isDone`: as `BudgetWatcher.given` is told. */
  give(bytes: number, isDone: boolean): void {
    this.used -= bytes;
    this.watcher?.given(bytes, isDone, this.used);
  }
}

/** What one request holds of a budget, given back all at once. Without a budget there is always room. */
export class Hold {
  private readonly budget: ByteBudget | undefined;
  private bytes = 0;
  private refusedBytes = 0;
  private isReleased = false;

  constructor(budget: ByteBudget | undefined) {
    this.budget = budget;
  }

  /** All that it asked for so far, what there was no room for with it; also once released. */
  get wantedBytes(): number {
    return this.bytes + this.refusedBytes;
  }

  /** False when there is no room, and once released: whoever still works for the request may stop. */
  take(bytes: number): boolean {
    if (this.isReleased) return false;
    if (this.budget === undefined) return true;
    if (this.budget.take(bytes)) {
      this.bytes += bytes;
      return true;
    }
    this.refusedBytes += bytes;
    return false;
  }

  release(): void {
    if (this.isReleased) return;
    this.isReleased = true;
    if (this.bytes > 0) this.budget?.give(this.bytes, this.refusedBytes === 0);
  }
}
