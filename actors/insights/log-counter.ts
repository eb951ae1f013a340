import type { PatternMinerState } from '../../workers/kernels/log-patterns/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';
import type { CountedLogs } from '../../workers/watch/index.ts';
import type { KeptWatch } from '../ports/index.ts';
import { WATCH_LANE, type EngineContext } from './engine-options.ts';
import { EVENT_CELL_MS } from './span-watch.ts';

const SAVE_EVERY_MS = 30_000;
const STORE_EVERY_MS = 300_000;
const MOST_LINES = 50_000;
const NO_TEMPLATES: PatternMinerState = { version: 1, lines: 0, patterns: [] };

let keepers = 0;

/**
 * Has log records counted by a thread that keeps their templates from one time to the next. What the thread learned comes back twice a
 * minute; a thread that is lost costs no more than that, and ids of patterns are the same when they are learned again.
 */
export class LogCounter {
  private readonly context: EngineContext;
  private readonly keeper: string;
  private state: PatternMinerState = NO_TEMPLATES;
  private savedMs = 0;
  private storedMs = 0;

  constructor(context: EngineContext) {
    this.context = context;
    keepers += 1;
    this.keeper = `${WATCH_LANE} ${keepers}`;
  }

  /** Answers what was known of patterns, for whoever watches them. */
  async start(): Promise<KeptWatch | undefined> {
    const kept = await this.context.options.templates?.read();
    this.state = kept?.templates ?? NO_TEMPLATES;
    return kept?.watch;
  }

  async count(parts: readonly ScanPart[], nowMs: number): Promise<CountedLogs | undefined> {
    if (parts.length === 0) return undefined;
    const first = await this.ask(parts, nowMs, undefined);
    const counted = first?.type === 'forgotten' ? await this.ask(parts, nowMs, this.state) : first;
    if (counted?.type === 'counted' && counted.state !== undefined) {
      this.state = counted.state;
      this.savedMs = nowMs;
    }
    return counted;
  }

  /** Now and then, and whenever that is urgent. */
  async store(nowMs: number, watch: () => KeptWatch, isUrgent = false): Promise<void> {
    const { templates } = this.context.options;
    if (!templates || this.savedMs === 0) return;
    if (!isUrgent && (nowMs - this.storedMs < STORE_EVERY_MS || this.savedMs <= this.storedMs)) return;
    this.storedMs = nowMs;
    await templates.write({ templates: this.state, watch: watch() });
  }

  private async ask(
    parts: readonly ScanPart[],
    nowMs: number,
    state: PatternMinerState | undefined,
  ): Promise<CountedLogs | undefined> {
    const { options, deadlineMs } = this.context;
    const [counted] = await options.threads.scan(
      'count-logs',
      parts,
      {
        keeper: this.keeper,
        cellMs: EVENT_CELL_MS,
        mostLines: MOST_LINES,
        isSaving: nowMs - this.savedMs >= SAVE_EVERY_MS,
        ...(state && { state }),
      },
      { deadlineMs, affinity: WATCH_LANE },
    );
    return counted;
  }
}
