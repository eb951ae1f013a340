import type { RootCauseJson } from '../../proto/api/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';
import type { SampledSpans } from '../../workers/watch/index.ts';
import type { ServicesMessage } from '../services/index.ts';
import type { ServiceWindow } from '../service/index.ts';
import type { CallMap } from './call-map.ts';
import type { ChangeWatch } from './change-watch.ts';
import type { EngineContext } from './engine-options.ts';
import type { ErrorWatch } from './error-watch.ts';
import type { OpenInsight } from './open-insight.ts';
import type { PatternWatch } from './pattern-watch.ts';
import { rootCauseInput } from './root-cause-input.ts';
import { rootCausesJson } from './root-cause-json.ts';
import type { SeriesRegistry } from './series-registry.ts';

export interface AnalyserParts {
  readonly registry: SeriesRegistry;
  readonly patterns: PatternWatch;
  readonly errors: ErrorWatch;
  readonly changes: ChangeWatch;
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

  /** The likeliest first; none where nothing can be blamed. Rejects as tasks do. */
  async analyse(insight: OpenInsight, calls: CallMap, nowMs: number): Promise<readonly RootCauseJson[]> {
    const { options, deadlineMs } = this.context;
    const { registry, patterns, errors, changes } = this.parts;
    const { startedMs } = insight;
    const members = [...insight.members.values()];
    const spans = await this.sample(calls.virtual, startedMs, nowMs);
    const input = rootCauseInput({
      startedMs,
      nowMs,
      members,
      calls,
      series: registry.all(),
      patterns: patterns.all(),
      changes: changes.between(startedMs - CHANGES_BEFORE_MS, nowMs),
      spans,
    });
    const causes = await options.threads.run('find-root-causes', input, { deadlineMs });
    return rootCausesJson(causes, { registry, patterns, errors, calls, spans, startedMs, nowMs });
  }

  private async sample(silent: ReadonlySet<string>, onsetMs: number, nowMs: number): Promise<SampledSpans> {
    const { system, options, deadlineMs } = this.context;
    const windows = await system.ask<ServicesMessage, readonly ServiceWindow[]>(
      options.services,
      (reply) => ({
        type: 'snapshot',
        signal: 'traces',
        reply,
      }),
    );
    const fromMs = onsetMs - NORMAL_MS;
    const parts: ScanPart[] = windows.flatMap(({ service, parts: own }) =>
      own
        .filter(({ batch }) => Number(batch.maxTimeUnixNano / 1_000_000n) >= fromMs)
        .map((part) => ({ service, ...part })),
    );
    if (parts.length === 0) return NO_SPANS;
    const rows = parts.reduce((sum, { batch }) => sum + batch.rowCount, 0);
    const oneIn = Math.max(1, Math.ceil(rows / (2 * MOST_SPANS)));
    const shares = await options.threads.scan(
      'sample-spans',
      parts,
      { fromMs, onsetMs, untilMs: nowMs, oneIn, mostSpans: MOST_SPANS, silent },
      { deadlineMs },
    );
    return {
      normal: shares.flatMap(({ normal }) => normal),
      abnormal: shares.flatMap(({ abnormal }) => abnormal),
    };
  }
}
