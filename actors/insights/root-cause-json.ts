import type { InsightEvidenceJson, RootCauseJson } from '../../proto/api/index.ts';
import type { Evidence, RootCause } from '../../workers/kernels/root-cause/index.ts';
import type { SampledSpan, SampledSpans } from '../../workers/watch/index.ts';
import type { CallMap } from './call-map.ts';
import { describeSeries, figure, percent, short } from './describe.ts';
import type { ErrorWatch } from './error-watch.ts';
import { nodeJson, signalEvidence } from './evidence-json.ts';
import { queryOf } from './pattern-evidence.ts';
import { patternKey, type PatternWatch, type WatchedPattern } from './pattern-watch.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { isOff } from './symptom.ts';
import type { WatchedSeries } from './watched-series.ts';

/** Where what causes are made of is found. */
export interface EvidenceSource {
  readonly registry: SeriesRegistry;
  readonly patterns: PatternWatch;
  readonly errors: ErrorWatch;
  readonly calls: CallMap;
  readonly spans: SampledSpans;
  readonly startedMs: number;
  readonly nowMs: number;
}

const MOST_CAUSES = 5;
const MOST_TRACES = 3;
const MOST_ERRORS = 2;

export function rootCausesJson(causes: readonly RootCause[], source: EvidenceSource): RootCauseJson[] {
  return causes.slice(0, MOST_CAUSES).map((cause) => ({
    service: nodeJson(cause.service, nameOfNode(source)),
    signal: cause.signal,
    score: Math.max(0, Math.min(1, cause.score)),
    path: cause.path.map((node) => nodeJson(node, nameOfNode(source))),
    explanation: explain(cause, source),
    evidence: [
      ...cause.evidence.flatMap((evidence) => evidenceJson(cause.service, evidence, source)),
      ...errorsOf(cause.service, source),
      ...tracesOf(cause.service, source),
    ],
  }));
}

function explain(cause: RootCause, source: EvidenceSource): string {
  const sentences = cause.evidence.flatMap((evidence) => sentenceOf(cause.service, evidence, source));
  return [...new Set(sentences)].slice(0, 6).join(' ');
}

function sentenceOf(service: string, evidence: Evidence, source: EvidenceSource): readonly string[] {
  const name = nameOfNode(source);
  switch (evidence.type) {
    case 'signal': {
      const series = source.registry.find(evidence.change.series.name);
      // What has recovered meanwhile would be told as it is now.
      if (series === undefined || !isOff(series)) return [];
      const who = series.peer === '' ? '' : `${short(series.service.name)}: `;
      return [`${who}${capital(describeSeries(series))}.`];
    }
    case 'trace': {
      const { addedPerSpan, operation, ownErrors, slowness } = evidence.change;
      return [
        ...(slowness > 0.01
          ? [
              `Its own time on the critical path grew by ${figure(addedPerSpan)} ms a span, most in ${short(operation)}.`,
            ]
          : []),
        ...(ownErrors > 0.01 ? [`${percent(ownErrors)} more of its spans fail by themselves.`] : []),
      ];
    }
    case 'log': {
      const pattern = source.patterns.find(patternKey(service, evidence.change.pattern));
      const template = short(pattern?.template ?? evidence.change.pattern);
      return [`Its log pattern “${template}” is ${evidence.change.kind}.`];
    }
    case 'change':
      return [`It was changed: ${evidence.event.what}.`];
    case 'explains':
      return evidence.share < 0.2
        ? []
        : [
            `It explains ${percent(evidence.share)} of what ${short(name(evidence.caller) ?? evidence.caller)} suffers.`,
          ];
  }
}

function evidenceJson(
  service: string,
  evidence: Evidence,
  source: EvidenceSource,
): readonly InsightEvidenceJson[] {
  const { nowMs } = source;
  switch (evidence.type) {
    case 'signal': {
      const series = source.registry.find(evidence.change.series.name);
      return series === undefined
        ? []
        : [signalEvidence({ series, evidence: series.evidence, size: 0 }, nowMs)];
    }
    case 'log': {
      const pattern = source.patterns.find(patternKey(service, evidence.change.pattern));
      return pattern === undefined ? [] : [logEvidence(pattern, evidence.change, source)];
    }
    case 'change': {
      const { what, time } = evidence.event;
      return [
        { type: 'change', service: nodeJson(service, nameOfNode(source)), what, atUnixMs: 1_000 * time },
      ];
    }
    case 'explains': {
      const caller = nodeJson(evidence.caller, nameOfNode(source));
      return [{ type: 'explains', caller, share: Math.max(0, Math.min(1, evidence.share)) }];
    }
    case 'trace':
      return [];
  }
}

function logEvidence(
  pattern: WatchedPattern,
  { normal, abnormal }: { readonly normal: number; readonly abnormal: number },
  { patterns, startedMs, nowMs }: EvidenceSource,
): InsightEvidenceJson {
  const activity = patterns.activity(pattern.key, nowMs);
  const minutesBefore = Math.max(1, Math.min(30, (startedMs - pattern.firstMs) / 60_000));
  return {
    type: 'log-pattern',
    service: nodeJson(pattern.serviceId, () => undefined),
    pattern: pattern.pattern,
    template: pattern.template,
    trend: activity?.trend ?? 'steady',
    perMinuteBefore: normal / minutesBefore,
    perMinuteAfter: abnormal / Math.max(1 / 6, (nowMs - startedMs) / 60_000),
    example: pattern.examples[0] ?? '',
    query: queryOf(pattern),
  };
}

function errorsOf(service: string, { errors, startedMs }: EvidenceSource): readonly InsightEvidenceJson[] {
  return errors
    .ofService(service, startedMs)
    .slice(0, MOST_ERRORS)
    .map((error) => ({
      type: 'error',
      service: nodeJson(error.serviceId, () => undefined),
      operation: error.operation,
      exceptionType: error.exceptionType,
      message: error.message,
      count: Math.round(error.recent),
      isNew: error.firstMs >= startedMs - 10_000,
    }));
}

/** Failed ones first, then the slowest; of different traces. */
function tracesOf(service: string, source: EvidenceSource): readonly InsightEvidenceJson[] {
  const seen = new Set<string>();
  const worst = source.spans.abnormal
    .filter((span) => span.service === service)
    .sort((one, other) => badness(other) - badness(one));
  const chosen: InsightEvidenceJson[] = [];
  for (const span of worst) {
    if (seen.has(span.traceId)) continue;
    seen.add(span.traceId);
    chosen.push({
      type: 'trace',
      traceId: span.traceId,
      spanId: span.id.slice(0, 16),
      service: nodeJson(service, nameOfNode(source)),
      operation: span.operation,
      durationMs: span.duration,
      isError: span.isError,
      note: span.isError ? 'failed' : 'slow',
    });
    if (chosen.length === MOST_TRACES) break;
  }
  return chosen;
}

function badness({ isError, duration }: SampledSpan): number {
  return (isError ? 1e12 : 0) + duration;
}

function nameOfNode({ calls }: EvidenceSource): (id: string) => string | undefined {
  return (id) => calls.nameOf(id);
}

/** The series that a cause shows itself by, the strongest first. */
export function seriesOfCause(cause: RootCauseJson, registry: SeriesRegistry): readonly WatchedSeries[] {
  return cause.evidence
    .flatMap((evidence) => (evidence.type === 'signal' ? [registry.find(evidence.seriesKey)] : []))
    .filter((series) => series !== undefined);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
