import type { EngineContext } from './engine-options.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { readWatchState, writeWatchState } from './watch-state.ts';

const STORE_EVERY_MS = 300_000;

/** Keeps what is usual of series over restarts. */
export class WatchKeeper {
  private readonly context: EngineContext;
  private readonly registry: SeriesRegistry;
  private storedMs = Number.NaN;

  constructor(context: EngineContext, registry: SeriesRegistry) {
    this.context = context;
    this.registry = registry;
  }

  /** Before the first batch. Rejects where there is something that cannot be used. */
  async start(nowMs: number): Promise<void> {
    this.storedMs = nowMs;
    const kept = await this.context.options.watchState?.read();
    if (kept !== undefined) readWatchState(kept, this.registry, nowMs);
  }

  /** Now and then, and whenever it is asked to at the end; not while a judge works. */
  async store(nowMs: number, isEnd = false): Promise<void> {
    const { watchState } = this.context.options;
    if (!watchState || Number.isNaN(this.storedMs) || (!isEnd && nowMs - this.storedMs < STORE_EVERY_MS)) {
      return;
    }
    this.storedMs = nowMs;
    await watchState.write(writeWatchState(this.registry, nowMs));
  }
}
