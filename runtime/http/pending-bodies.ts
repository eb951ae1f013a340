// Hot: twice a request. Bench: bench/ingest.

/** Requests whose bodies are not complete yet: whoever takes too long over one is not waited for. */
export class PendingBodies<Key> {
  private readonly mostMs: number;
  private readonly deadlines = new Map<Key, number>();
  private readonly timer: NodeJS.Timeout;

  constructor(mostMs: number, giveUp: (key: Key) => void) {
    this.mostMs = mostMs;
    this.timer = setInterval(
      () => {
        const nowMs = performance.now();
        // In the order they came, and so of their deadlines.
        for (const [key, deadlineMs] of this.deadlines) {
          if (deadlineMs > nowMs) break;
          this.deadlines.delete(key);
          giveUp(key);
        }
      },
      Math.min(1_000, mostMs / 2),
    );
    this.timer.unref();
  }

  begin(key: Key): void {
    this.deadlines.set(key, performance.now() + this.mostMs);
  }

  end(key: Key): void {
    this.deadlines.delete(key);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
