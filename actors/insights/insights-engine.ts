import type { InsightJson } from '../../proto/api/index.ts';
import { serviceIdOf, type ServiceBatch, type ServiceId, type Signal } from '../../proto/columns/index.ts';
import type { ActorSystem } from '../system/index.ts';
import type { ServiceChange } from '../ports/index.ts';
import { Analyser } from './analyser.ts';
import { Arrivals } from './arrivals.ts';
import { readCallMap, takeUnnamedCalls, type CallMap } from './call-map.ts';
import { CausesOnRequest } from './causes-on-request.ts';
import { changeSaver, ChangeWatch } from './change-watch.ts';
import { takeCauses } from './course.ts';
import { WATCH_LANE, type EngineContext, type InsightsOptions } from './engine-options.ts';
import { ErrorWatch } from './error-watch.ts';
import { evidenceThreshold } from './evidence-threshold.ts';
import { isExplained } from './explained-by.ts';
import { ExpectedHistory } from './expected-history.ts';
import { Feedback } from './feedback.ts';
import { guarded } from './guarded-tasks.ts';
import { InsightBook, SETTLES_MS, type LaterTrouble } from './insight-book.ts';
import { newInsightCounters, type InsightCounters, type InsightsState } from './insight-counters.ts';
import { insightSaver } from './insight-saver.ts';
import { JudgeBatch } from './judge-batch.ts';
import { Confirmations, takesTurn } from './later-trouble.ts';
import { LogCounter } from './log-counter.ts';
import { LogWatch } from './log-watch.ts';
import { MetricWatch } from './metric-watch.ts';
import { PatternEngine } from './pattern-engine.ts';
import { listPatterns, type PatternList, type PatternListQuery } from './pattern-list.ts';
import type { OpenInsight } from './open-insight.ts';
import { PendingBatches } from './pending-batches.ts';
import { renderInsight } from './render-insight.ts';
import type { RetryingSaver } from './retrying-saver.ts';
import { SeriesRegistry } from './series-registry.ts';
import { SilenceWatch } from './silence-watch.ts';
import { EVENT_CELL_MS, SpanWatch } from './span-watch.ts';
import { WatchKeeper } from './watch-keeper.ts';
import { symptomsOf, troublesOf, type Trouble } from './symptom.ts';

const MOST_SERIES = 20_000;
const MOST_POINTS = 200_000;
const DEADLINE_MS = 3_000;
const LITTLE = 1_000;
/** Of later troubles a tick. */
const MOST_DECISIONS = 3;

/** Turns what comes in into insights, a tick at a time. Ticks must not overlap; `append` may come at any time. */
export class InsightsEngine {
  /** What is expected of the requests of services. */
  readonly expected: ExpectedHistory;
  /** Of whatever service somebody asks about; at any time. */
  readonly causes: CausesOnRequest;
  readonly counters: InsightCounters = newInsightCounters();
  private readonly context: EngineContext;
  private readonly pending = new PendingBatches();
  private readonly registry: SeriesRegistry;
  private readonly spans: SpanWatch;
  private readonly logs: LogWatch;
  private readonly patterns: PatternEngine;
  private readonly metrics: MetricWatch;
  private readonly keeper: WatchKeeper;
  private readonly silence: SilenceWatch;
  private readonly arrivals: Arrivals;
  private readonly errors = new ErrorWatch();
  private readonly changes = new ChangeWatch();
  private readonly feedback = new Feedback();
  private readonly book: InsightBook;
  private readonly confirmations = new Confirmations();
  private readonly saver: RetryingSaver<InsightJson>;
  private readonly changeSaver: RetryingSaver<ServiceChange>;
  private readonly analyser: Analyser;
  private readonly logCounter: LogCounter;
  private isStarted = false;

  constructor(system: ActorSystem, options: InsightsOptions) {
    this.context = { system, options, deadlineMs: options.deadlineMs ?? DEADLINE_MS };
    const mostSeries = options.mostSeries ?? MOST_SERIES;
    const { crowdedOut } = this.counters;
    this.registry = new SeriesRegistry(mostSeries, crowdedOut);
    this.spans = new SpanWatch(this.registry, crowdedOut);
    this.expected = new ExpectedHistory(this.registry, this.spans);
    this.logs = new LogWatch(this.registry, crowdedOut);
    this.keeper = new WatchKeeper(this.context, this.registry);
    this.silence = new SilenceWatch(options.self, crowdedOut);
    this.arrivals = new Arrivals(this.silence);
    this.metrics = new MetricWatch(this.registry, this.silence, {
      ...{ mostSeries, crowdedOut, self: options.self },
    });
    this.book = new InsightBook({ newId: options.newId, self: serviceIdOf(options.self), crowdedOut });
    this.saver = insightSaver(options.store);
    this.changeSaver = changeSaver(options.changes);
    this.logCounter = new LogCounter(this.context);
    const { registry, errors, changes, feedback, counters } = this;
    this.patterns = new PatternEngine(this.context, { feedback, changes });
    const known = { registry, patterns: this.patterns.watch, errors, changes };
    this.analyser = new Analyser(this.context, { ...known, counters });
    this.causes = new CausesOnRequest(this.context, {
      ...{ analyser: this.analyser, registry, counters },
      troubles: (nowMs) => this.troubles(nowMs),
    });
  }

  append(segment: number, batches: readonly ServiceBatch[]): void {
    this.pending.add(segment, batches);
  }

  async tick(): Promise<void> {
    const nowMs = this.context.options.now();
    this.counters.ticks += 1;
    if (this.counters.ticks === 1) await this.attempt('learned levels', () => this.keeper.start(nowMs));
    if (!this.isStarted) await this.start(nowMs);
    const batch = await this.gather(nowMs);
    await this.judge(batch, nowMs);
    this.expected.advance(nowMs);
    await this.attempt('feedback', () => this.feedback.refresh(this.context.options.store, nowMs));
    const calls = await readCallMap(this.context);
    const threshold = evidenceThreshold(this.registry.size, this.context.options.falseAnHour);
    const { changed, later } = this.book.update(this.troubles(nowMs), calls, threshold, nowMs);
    for (const trouble of later.slice(0, MOST_DECISIONS)) await this.decide(trouble, calls, changed, nowMs);
    this.publish(changed, nowMs);
    await this.analyseDue(calls, nowMs);
    await this.attempt('recurrences', () => this.patterns.findRecurrences());
    const isNews = this.updatePatterns(calls, nowMs);
    void this.saver.save(nowMs);
    void this.changeSaver.save(nowMs);
    await this.attempt('learned levels', () => this.keeper.store(nowMs));
    if (this.isStarted) await this.storePatterns(nowMs, isNews);
    for (const each of [this.registry, this.spans, this.logs, this.metrics]) each.sweep(nowMs);
  }

  /** What is known is brought into the stores, as far as they take it. */
  async stop(): Promise<void> {
    const nowMs = this.context.options.now();
    await Promise.all([
      this.saver.save(Number.POSITIVE_INFINITY),
      this.changeSaver.save(Number.POSITIVE_INFINITY),
    ]);
    await this.attempt('learned levels', () => this.keeper.store(nowMs, true));
    if (this.isStarted) await this.storePatterns(nowMs, true);
  }

  /** Log patterns as they are now. */
  listPatterns(query: PatternListQuery): PatternList {
    return listPatterns(this.patterns.watch, query, this.context.options.now());
  }

  get state(): InsightsState {
    const open = this.book.open.size + this.patterns.openCount;
    return {
      series: this.registry.size,
      open,
      waiting: this.saver.waitingCount,
      verdicts: this.feedback.verdicts,
    };
  }

  /** Goes on with what was open; a store that does not answer is asked again with the next tick. */
  private async start(nowMs: number): Promise<void> {
    const { options } = this.context;
    const all = await this.attempt('open insights', () => options.store.readOpen());
    if (all === undefined) return;
    const known = await this.attempt('log templates', async () => ({ kept: await this.logCounter.start() }));
    if (known === undefined) return;
    const open = all.filter(({ kind }) => kind === 'anomaly');
    this.isStarted = true;
    this.book.restore(open, nowMs);
    const patterns = this.patterns.restore(
      known.kept,
      all.filter(({ kind }) => kind === 'pattern'),
      nowMs,
    );
    this.saver.put(patterns.over);
    const shown = [...open, ...patterns.open, ...patterns.over];
    if (shown.length > 0) options.onChanged(shown);
  }

  private async gather(nowMs: number): Promise<JudgeBatch> {
    const { options, deadlineMs } = this.context;
    const asked = { deadlineMs, lane: WATCH_LANE };
    const parts = this.pending.take();
    this.counters.droppedBatches = this.pending.dropped;
    this.arrivals.note(parts, nowMs);
    const { threads } = options;
    const [spans, points, logs] = await Promise.all([
      this.attempt('spans', () =>
        threads.scan('tally-spans', parts.traces, { cellMs: EVENT_CELL_MS }, asked),
      ),
      this.attempt('points', () =>
        threads.scan('tally-points', parts.metrics, { mostPoints: MOST_POINTS }, asked),
      ),
      this.attempt('logs', () => this.logCounter.count(parts.logs, nowMs)),
    ]);
    if (spans === undefined) parts.lost.add('traces');
    if (points === undefined) parts.lost.add('metrics');
    if (logs?.type !== 'counted' && parts.logs.length > 0) parts.lost.add('logs');
    const batch = new JudgeBatch();
    for (const tally of spans ?? []) {
      this.spans.add(tally, batch, nowMs);
      this.patterns.addSpans(tally, nowMs);
      this.errors.add(tally.exceptions, nowMs);
      this.changeSaver.put(this.changes.add(tally.resources, nowMs));
    }
    this.spans.addUnnamed(await takeUnnamedCalls(this.context), batch, nowMs);
    for (const tally of points ?? []) {
      this.metrics.add(tally, parts.metrics, batch, nowMs);
      this.counters.unreadPoints += tally.skipped;
    }
    if (logs?.type === 'counted') {
      this.logs.addCells(logs.cells, (id) => this.arrivals.firstMs(id), nowMs);
      this.patterns.addLogs(logs, nowMs);
      this.counters.unreadLogs += logs.unread;
    }
    this.closeCells(batch, parts.lost, nowMs);
    return batch;
  }

  /** What was lost on its way here is not what did not come: nothing is known of the cells until now. */
  private closeCells(batch: JudgeBatch, lost: ReadonlySet<Signal>, nowMs: number): void {
    if (lost.has('metrics')) this.silence.passOver(nowMs);
    for (const [signal, watch] of [['traces', this.spans] as const, ['logs', this.logs] as const]) {
      if (lost.has(signal) || this.silence.isPaused(nowMs)) watch.pause(nowMs);
      else watch.close(batch, nowMs);
    }
  }

  private async judge(batch: JudgeBatch, nowMs: number): Promise<void> {
    if (batch.size === 0) return;
    const { options, deadlineMs } = this.context;
    const judged = await this.attempt('judge', () =>
      options.threads.run('judge-series', batch.input(this.registry.states, nowMs), {
        deadlineMs,
        lane: WATCH_LANE,
        isLittle: batch.size <= (options.little ?? LITTLE),
      }),
    );
    if (judged !== undefined) batch.apply(judged, nowMs);
  }

  private troubles(nowMs: number): ReadonlyMap<ServiceId, Trouble> {
    const lenienceOf = (key: string): number => this.feedback.lenienceOf(key);
    const silent = this.silence.symptoms(lenienceOf, nowMs);
    return troublesOf([...symptomsOf(this.registry.all(), lenienceOf, nowMs), ...silent]);
  }

  /** Whether trouble that began later is of the insight beside it, or another: what changed since says so. */
  private async decide(
    later: LaterTrouble,
    calls: CallMap,
    changed: Set<OpenInsight>,
    nowMs: number,
  ): Promise<void> {
    const { insight, group } = later;
    const isRipe = this.confirmations.isRipe(group, nowMs);
    if (isRipe === false || !takesTurn(insight, nowMs)) return;
    const normalFromMs = insight.startedMs + SETTLES_MS;
    const startedMs = Math.max(normalFromMs, Math.min(...group.map(({ sinceMs }) => sinceMs)));
    const members = new Map(group.map((trouble) => [trouble.serviceId, trouble]));
    const analysed = { startedMs, normalFromMs, untilMs: undefined, members };
    const analysis = await this.analyser.analyse(analysed, calls, nowMs);
    if (analysis === undefined || isExplained(insight, group, analysis.causes, calls)) {
      this.confirmations.note(group, nowMs);
      if (isRipe === undefined) return;
      this.confirmations.forget(group);
      this.book.take(later, nowMs);
      changed.add(insight);
      return;
    }
    this.confirmations.forget(group);
    const second = this.book.split(later, nowMs);
    if (second !== undefined) changed.add(second);
  }

  private async analyseDue(calls: CallMap, nowMs: number): Promise<void> {
    const analysed = new Set<OpenInsight>();
    for (const insight of this.book.open.values()) {
      const due = insight.analyses.some((atMs) => atMs <= nowMs);
      // What is on its way back to normal says less of the cause than it did before.
      if (!due || insight.members.size === 0 || insight.heldMs < nowMs) continue;
      if (this.analyser.isResting(nowMs)) break;
      insight.analyses = insight.analyses.filter((atMs) => atMs > nowMs);
      insight.analysed += 1;
      const analysis = await this.analyser.analyse(insight, calls, nowMs);
      if (analysis === undefined || analysis.causes.length === 0) continue;
      takeCauses(insight, analysis.causes, nowMs);
      insight.updatedMs = nowMs;
      const likeliest = { ...analysis, causes: insight.rootCauses };
      const inCommon = await this.analyser.compare(insight, likeliest, calls, nowMs);
      if (inCommon !== undefined) insight.inCommon = inCommon;
      analysed.add(insight);
    }
    this.publish(analysed, nowMs);
  }

  /** Whether something was opened or is over. */
  private updatePatterns(calls: CallMap, nowMs: number): boolean {
    const { changed, explained } = this.patterns.update(this.book.open.values(), calls, nowMs);
    this.publish(explained, nowMs);
    if (changed.length === 0) return false;
    this.counters.opened += changed.filter(({ detectedUnixMs }) => detectedUnixMs === nowMs).length;
    this.counters.closed += changed.filter(({ state }) => state === 'over').length;
    this.saver.put(changed);
    this.context.options.onChanged(changed);
    return true;
  }

  private async storePatterns(nowMs: number, isUrgent: boolean): Promise<void> {
    await this.attempt('log templates', () =>
      this.logCounter.store(nowMs, () => this.patterns.export(), isUrgent),
    );
  }

  private publish(changed: ReadonlySet<OpenInsight>, nowMs: number): void {
    if (changed.size === 0) return;
    const rendered: InsightJson[] = [];
    for (const insight of changed) {
      if (insight.endedMs !== undefined) this.counters.closed += 1;
      else if (insight.shown === undefined) this.counters.opened += 1;
      insight.shown = renderInsight(insight, this.registry, nowMs);
      rendered.push(insight.shown);
    }
    this.saver.put(rendered);
    this.context.options.onChanged(rendered);
  }

  private attempt<Answer>(part: string, work: () => Promise<Answer>): Promise<Answer | undefined> {
    return guarded(
      this.counters,
      (reason, error) => this.context.options.onMiss?.(part, reason, error),
      work,
    );
  }
}
