/** Bytes that all requests together may hold at a time. Who takes gives back, through a `Hold`. */
export class ByteBudget {
  readonly limitBytes: number;
  private used = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.used;
  }

  /** False, and nothing is taken, when there is no room. */
  take(bytes: number): boolean {
    if (this.used + bytes > this.limitBytes) return false;
    this.used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.used -= bytes;
  }
}

/** What one request holds of a budget, given back all at once. Without a budget there is always room. */
export class Hold {
  private readonly budget: ByteBudget | undefined;
  private bytes = 0;
  private isReleased = false;

  constructor(budget: ByteBudget | undefined) {
    this.budget = budget;
  }

  /** False when there is no room, and once released: whoever still works for the request may stop. */
  take(bytes: number): boolean {
    if (this.isReleased) return false;
    if (this.budget === undefined) return true;
    if (!this.budget.take(bytes)) return false;
    this.bytes += bytes;
    return true;
  }

  release(): void {
    this.isReleased = true;
    this.budget?.give(this.bytes);
    this.bytes = 0;
  }
}
