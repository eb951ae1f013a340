import type { InsightJson } from '../../proto/api/index.ts';
import type { InsightStore } from '../ports/index.ts';

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
const MOST_WAITING = 1_000;
const MOST_AT_ONCE = 100;

/**
 * Brings insights into the store, each as it is last. What the store does not take waits, and is tried again ever more rarely; each id
 * waits once, so what is open always fits. Beyond the bound those that are over are given up, oldest first, and counted.
 */
export class InsightSaver {
  private readonly store: InsightStore;
  private readonly waiting = new Map<string, InsightJson>();
  private isSaving = false;
  private retryAtMs = 0;
  private retryMs = FIRST_RETRY_MS;
  failures = 0;
  givenUp = 0;

  constructor(store: InsightStore) {
    this.store = store;
  }

  get waitingCount(): number {
    return this.waiting.size;
  }

  put(insights: readonly InsightJson[]): void {
    for (const insight of insights) {
      this.waiting.delete(insight.id);
      this.waiting.set(insight.id, insight);
    }
    if (this.waiting.size <= MOST_WAITING) return;
    for (const [id, { state }] of this.waiting) {
      if (this.waiting.size <= MOST_WAITING) break;
      if (state === 'open') continue;
      this.waiting.delete(id);
      this.givenUp += 1;
    }
  }

  /** At most one call of the store at a time, however long that takes. */
  async save(nowMs: number): Promise<void> {
    if (this.isSaving || this.waiting.size === 0 || nowMs < this.retryAtMs) return;
    this.isSaving = true;
    const batch = [...this.waiting.values()].slice(0, MOST_AT_ONCE);
    try {
      await this.store.save(batch);
      // One that changed meanwhile waits on.
      for (const insight of batch) {
        if (this.waiting.get(insight.id) === insight) this.waiting.delete(insight.id);
      }
      this.retryMs = FIRST_RETRY_MS;
    } catch {
      this.failures += 1;
      this.retryAtMs = nowMs + this.retryMs;
      this.retryMs = Math.min(LONGEST_RETRY_MS, 2 * this.retryMs);
    } finally {
      this.isSaving = false;
    }
  }
}
