import type { RootCauseJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';
import type { SampledSpans } from '../../workers/watch/index.ts';
import type { ServicesMessage } from '../services/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import { slicesOf } from './time-slices.ts';
import { abnormalSpansOf } from './abnormal-spans.ts';
import { AnalysisRest } from './analysis-rest.ts';
import type { CallMap } from './call-map.ts';
import type { ChangeWatch } from './change-watch.ts';
import { LATER_MS } from './claims.ts';
import type { EngineContext } from './engine-options.ts';
import type { ErrorWatch } from './error-watch.ts';
import { guarded } from './guarded-tasks.ts';
import type { InsightCounters } from './insight-counters.ts';
import type { OpenInsight } from './open-insight.ts';
import type { PatternWatch } from './pattern-watch.ts';
import { rootCauseInput } from './root-cause-input.ts';
import { rootCausesJson } from './root-cause-json.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { compareSpans, NOTHING_IN_COMMON, type InCommon } from './span-comparison.ts';

export interface AnalyserParts {
  readonly registry: SeriesRegistry;
  readonly patterns: PatternWatch;
  readonly errors: ErrorWatch;
  readonly changes: ChangeWatch;
  readonly counters: InsightCounters;
}

/** What is looked into: an insight, what may become one, or what somebody asks about. */
export type Analysed = Pick<OpenInsight, 'startedMs' | 'normalFromMs' | 'untilMs' | 'members'> & {
  /** Of members: where the symptom is. Without it where it hurts most. */
  readonly symptomAt?: ServiceId;
};

export interface Analysis {
  /** The likeliest first; none where nothing can be blamed. */
  readonly causes: readonly RootCauseJson[];
  /** What they were found in. */
  readonly spans: SampledSpans;
  readonly windows: readonly ServiceWindow[];
}

/** Traces before the onset that spans are compared with. */
const NORMAL_MS = 300_000;
/** A deploy so long before is still suspected. */
const CHANGES_BEFORE_MS = 600_000;
const MOST_SPANS = 6_000;
/** Each has to be told to a thread, which takes as long as reading some hundred spans of it. */
const MOST_PARTS = 4_000;
const SLICES = 8;
const NO_SPANS: SampledSpans = { normal: [], abnormal: [] };

interface Times {
  readonly fromMs: number;
  readonly onsetMs: number;
  readonly untilMs: number;
}

/** Looks for causes among all that services in trouble call: of insights at ticks, and for whoever asks beside them. */
export class Analyser {
  private readonly context: EngineContext;
  private readonly parts: AnalyserParts;
  private readonly rest = new AnalysisRest();
  /** What is under way for insights; never rejects. */
  private underWay: Promise<unknown> = Promise.resolve();

  constructor(context: EngineContext, parts: AnalyserParts) {
    this.context = context;
    this.parts = parts;
  }

  isResting(nowMs: number): boolean {
    return !this.rest.isOver(nowMs);
  }

  /** How long no answer can be expected, since there was none in time lately. */
  restLeftMs(nowMs: number): number {
    return this.rest.leftMs(nowMs);
  }

  /** Undefined where there was no answer in time, or none can be expected for a while. */
  async analyse(insight: Analysed, calls: CallMap, nowMs: number): Promise<Analysis | undefined> {
    if (this.isResting(nowMs)) return undefined;
    this.parts.counters.analyses += 1;
    const analysis = await this.attempt('root causes', () => this.causesOf(insight, calls, nowMs));
    this.rest.note(analysis !== undefined, nowMs);
    return analysis;
  }

  /** What is special about the abnormal spans at the likeliest cause; undefined where there was no answer in time. */
  async compare(
    insight: Analysed,
    analysis: Analysis,
    calls: CallMap,
    nowMs: number,
  ): Promise<InCommon | undefined> {
    return this.attempt('attribute diff', () => this.inCommon(insight, analysis, calls, nowMs));
  }

  /**
   * Both, for somebody who asks: begun when nothing is under way for insights, and without a word in when those may be analysed. Rejects
   * as tasks do.
   */
  async answer(
    asked: Analysed,
    calls: CallMap,
    nowMs: number,
  ): Promise<Pick<Analysis, 'causes'> & { readonly inCommon: InCommon }> {
    await this.underWay;
    const analysis = await this.causesOf(asked, calls, nowMs);
    return { causes: analysis.causes, inCommon: await this.inCommon(asked, analysis, calls, nowMs) };
  }

  /** Rejects as tasks do. */
  private async inCommon(
    { members: all, startedMs, untilMs }: Analysed,
    { causes: [cause], spans, windows }: Analysis,
    calls: CallMap,
    nowMs: number,
  ): Promise<InCommon> {
    const members = [...all.values()];
    const abnormal = cause && abnormalSpansOf(cause.service.id, { members, calls, spans });
    if (abnormal === undefined) return NOTHING_IN_COMMON;
    return compareSpans(this.context, windows, abnormal, startedMs, Math.min(nowMs, untilMs ?? nowMs));
  }

  /** Rejects as tasks do. */
  private async causesOf(insight: Analysed, calls: CallMap, nowMs: number): Promise<Analysis> {
    const { options, deadlineMs } = this.context;
    const { registry, patterns, errors, changes } = this.parts;
    const { startedMs, normalFromMs } = insight;
    const members = [...insight.members.values()];
    const windows = await this.windows();
    const untilMs = Math.min(nowMs, insight.untilMs ?? nowMs);
    const fromMs = Math.max(startedMs - NORMAL_MS, normalFromMs ?? 0);
    const times = { fromMs, onsetMs: startedMs, untilMs };
    const spans = await this.sample(windows, calls.virtual, times);
    const input = rootCauseInput({
      startedMs,
      nowMs: untilMs,
      normalFromMs: normalFromMs ?? 0,
      members,
      symptomAt: insight.symptomAt,
      calls,
      series: registry.all(),
      patterns: patterns.all(),
      // What was changed later, to mend it perhaps, did not cause it.
      changes: changes.between(startedMs - CHANGES_BEFORE_MS, Math.min(untilMs, startedMs + LATER_MS)),
      spans,
    });
    const causes = await options.threads.run('find-root-causes', input, { deadlineMs });
    const source = { registry, patterns, errors, calls, spans, startedMs, nowMs };
    return { causes: rootCausesJson(causes, source), spans, windows };
  }

  private attempt<Answer>(part: string, work: () => Promise<Answer>): Promise<Answer | undefined> {
    const { onMiss } = this.context.options;
    const attempt = guarded(this.parts.counters, (reason, error) => onMiss?.(part, reason, error), work);
    this.underWay = attempt;
    return attempt;
  }

  private windows(): Promise<readonly ServiceWindow[]> {
    const { system, options } = this.context;
    return system.ask<ServicesMessage, readonly ServiceWindow[]>(options.services, (reply) => ({
      type: 'snapshot',
      signal: 'traces',
      reply,
    }));
  }

  private async sample(
    windows: readonly ServiceWindow[],
    silent: ReadonlySet<string>,
    times: Times,
  ): Promise<SampledSpans> {
    const { options, deadlineMs } = this.context;
    const parts = partsWithin(windows, times);
    if (parts.length === 0) return NO_SPANS;
    const rows = parts.reduce((sum, { batch }) => sum + batch.rowCount, 0);
    const oneIn = Math.max(1, Math.ceil(rows / (2 * MOST_SPANS)));
    const shares = await options.threads.scan(
      'sample-spans',
      parts,
      { ...times, oneIn, mostSpans: MOST_SPANS, silent },
      { deadlineMs },
    );
    return {
      normal: shares.flatMap(({ normal }) => normal),
      abnormal: shares.flatMap(({ abnormal }) => abnormal),
    };
  }
}

/** Batches of the time; where there are too many, those of some stretches of it, in which traces are whole. */
function partsWithin(windows: readonly ServiceWindow[], { fromMs, onsetMs, untilMs }: Times): ScanPart[] {
  const timed = windows.flatMap(({ service, parts }) =>
    parts.flatMap((part) => {
      const ms = Number(part.batch.maxTimeUnixNano / 1_000_000n);
      return ms >= fromMs ? [{ ms, item: { service, ...part } }] : [];
    }),
  );
  if (timed.length <= MOST_PARTS) return timed.map(({ item }) => item);
  const slices = { count: SLICES, most: MOST_PARTS / 2 };
  return [
    ...slicesOf(timed, { ...slices, fromMs, toMs: onsetMs }),
    ...slicesOf(timed, { ...slices, fromMs: onsetMs, toMs: untilMs }),
  ];
}
