import type { InsightJson } from '../../proto/api/index.ts';
import type { CountedLogs, SpanTally } from '../../workers/watch/index.ts';
import type { KeptWatch } from '../ports/index.ts';
import type { CallMap } from './call-map.ts';
import type { ChangeWatch } from './change-watch.ts';
import type { EngineContext } from './engine-options.ts';
import type { Feedback } from './feedback.ts';
import type { OpenInsight } from './open-insight.ts';
import { PatternBook, type PatternUpdate } from './pattern-book.ts';
import { PatternFinder } from './pattern-finder.ts';
import { PatternWatch } from './pattern-watch.ts';
import { SignalBursts } from './signal-bursts.ts';
import { SpanMarks } from './span-marks.ts';

export interface PatternEngineParts {
  readonly feedback: Feedback;
  readonly changes: ChangeWatch;
}

/** What is known of patterns changes no faster than this. */
const FIND_EVERY_MS = 10_000;
/** Of each tick; the others wait. */
const MOST_RECURRENCES = 200;
/** Fewer are looked at at once, in less than ten ms. */
const LITTLE = 3;
const NOTHING: PatternUpdate = { changed: [], explained: new Set() };

/** Watches log patterns, bursts of requests and failures, and what is new on spans, and says what is worth saying of them. */
export class PatternEngine {
  readonly watch = new PatternWatch();
  private readonly signals = new SignalBursts();
  private readonly marks = new SpanMarks();
  private readonly finder: PatternFinder;
  private readonly book: PatternBook;
  private readonly context: EngineContext;
  private readonly startedMs: number;
  private foundMs = 0;

  constructor(context: EngineContext, parts: PatternEngineParts) {
    this.context = context;
    this.startedMs = context.options.now();
    this.finder = new PatternFinder({
      ...{ patterns: this.watch, signals: this.signals, marks: this.marks },
      ...parts,
    });
    this.book = new PatternBook({
      newId: context.options.newId,
      holds: (...asked) => this.finder.holds(...asked),
    });
  }

  get openCount(): number {
    return this.book.size;
  }

  addSpans(tally: SpanTally, nowMs: number): void {
    this.signals.add(tally, nowMs);
    this.marks.add(tally, nowMs);
  }

  addLogs(logs: Extract<CountedLogs, { readonly type: 'counted' }>, nowMs: number): void {
    this.watch.add(logs.patterns, logs.merges, nowMs);
    if (logs.state !== undefined) this.watch.retain(new Set(logs.state.patterns.map(({ id }) => id)));
  }

  /** Rejects as tasks do. */
  async findRecurrences(): Promise<void> {
    const begun = [...this.watch.takeBegun(MOST_RECURRENCES), ...this.signals.takeBegun(MOST_RECURRENCES)];
    if (begun.length === 0) return;
    const { options, deadlineMs } = this.context;
    const found = await options.threads.run(
      'find-recurrences',
      begun.map(({ bursts }) => [...bursts.times]),
      { deadlineMs, isLittle: begun.length <= LITTLE },
    );
    // A burst beside the times of others does not end them.
    for (const [index, each] of begun.entries()) each.recurrence = found[index] ?? each.recurrence;
  }

  update(anomalies: Iterable<OpenInsight>, calls: CallMap, nowMs: number): PatternUpdate {
    if (nowMs - this.foundMs < FIND_EVERY_MS) return NOTHING;
    this.foundMs = nowMs;
    return this.book.update(this.finder.find(nowMs, this.startedMs), anomalies, calls, nowMs);
  }

  export(): KeptWatch {
    const [signals, spans] = [this.signals.export(), this.marks.export()];
    return { version: 1, ...this.watch.export(), signals, spans, ...this.book.export() };
  }

  /** Goes on with what was known. Answers insights that hold, and those that are over. */
  restore(
    kept: KeptWatch | undefined,
    insights: readonly InsightJson[],
    nowMs: number,
  ): { readonly open: readonly InsightJson[]; readonly over: readonly InsightJson[] } {
    if (kept !== undefined) {
      this.watch.restore(kept.services, kept.patterns);
      this.signals.restore(kept.signals);
      if (kept.spans) this.marks.restore(kept.spans);
    }
    return this.book.restore(insights, kept ?? { open: [], told: [] }, nowMs);
  }
}
