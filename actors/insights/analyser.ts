import type { RootCauseJson } from '../../proto/api/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';
import type { SampledSpans } from '../../workers/watch/index.ts';
import type { ServicesMessage } from '../services/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import { abnormalSpansOf } from './abnormal-spans.ts';
import type { CallMap } from './call-map.ts';
import type { ChangeWatch } from './change-watch.ts';
import type { EngineContext } from './engine-options.ts';
import type { ErrorWatch } from './error-watch.ts';
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
}

/** What is looked into: an insight, or what may become one. */
export type Analysed = Pick<OpenInsight, 'startedMs' | 'normalFromMs' | 'untilMs' | 'members'>;

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
const NO_SPANS: SampledSpans = { normal: [], abnormal: [] };

/** Looks for the causes of an insight among all that its services call. */
export class Analyser {
  private readonly context: EngineContext;
  private readonly parts: AnalyserParts;

  constructor(context: EngineContext, parts: AnalyserParts) {
    this.context = context;
    this.parts = parts;
  }

  /** Rejects as tasks do. */
  async analyse(insight: Analysed, calls: CallMap, nowMs: number): Promise<Analysis> {
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
      calls,
      series: registry.all(),
      patterns: patterns.all(),
      changes: changes.between(startedMs - CHANGES_BEFORE_MS, untilMs),
      spans,
    });
    const causes = await options.threads.run('find-root-causes', input, { deadlineMs });
    const source = { registry, patterns, errors, calls, spans, startedMs, nowMs };
    return { causes: rootCausesJson(causes, source), spans, windows };
  }

  /** What is special about the abnormal spans at the likeliest cause. Rejects as tasks do. */
  async compare(
    insight: Analysed,
    { causes: [cause], spans, windows }: Analysis,
    calls: CallMap,
    nowMs: number,
  ): Promise<InCommon> {
    const members = [...insight.members.values()];
    const abnormal = cause && abnormalSpansOf(cause.service.id, { members, calls, spans });
    if (abnormal === undefined) return NOTHING_IN_COMMON;
    const untilMs = Math.min(nowMs, insight.untilMs ?? nowMs);
    return compareSpans(this.context, windows, abnormal, insight.startedMs, untilMs);
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
    times: { readonly fromMs: number; readonly onsetMs: number; readonly untilMs: number },
  ): Promise<SampledSpans> {
    const { options, deadlineMs } = this.context;
    const parts: ScanPart[] = windows.flatMap(({ service, parts: own }) =>
      own
        .filter(({ batch }) => Number(batch.maxTimeUnixNano / 1_000_000n) >= times.fromMs)
        .map((part) => ({ service, ...part })),
    );
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
