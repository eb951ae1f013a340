import type { InsightEvidenceJson } from '../../proto/api/index.ts';
import type { ServiceId, ServiceKey } from '../../proto/columns/index.ts';
import { patternSearchTerm } from '../../workers/kernels/log-patterns/index.ts';
import { BURST_CELL_MS } from '../../workers/kernels/recurrence/index.ts';
import { describeChange, type ChangeWatch } from './change-watch.ts';
import { COUNT_CELL_MS } from './count-cells.ts';
import { scoreOf, serviceJson } from './evidence-json.ts';
import type { FindingType } from './pattern-finding.ts';
import { subjectOf, type PatternWatch, type WatchedPattern } from './pattern-watch.ts';
import type { BurstingSignal } from './signal-bursts.ts';

const CHANGES_BEFORE_MS = 600_000;

/** A term of a search line that finds its records. */
export function queryOf({ template, examples, isCut }: WatchedPattern): string {
  return patternSearchTerm(template, examples[0] ?? template, isCut);
}

export function patternEvidence(
  pattern: WatchedPattern,
  type: FindingType,
  watch: PatternWatch,
  sinceMs: number,
  nowMs: number,
): InsightEvidenceJson {
  const watchedMs = watch.logs(pattern.serviceId)?.sinceMs ?? pattern.firstMs;
  const cells = pattern.cells.complete(nowMs, watchedMs);
  const sinceCells = Math.min(cells.length, Math.max(1, Math.floor((nowMs - sinceMs) / COUNT_CELL_MS)));
  return {
    type: 'log-pattern',
    service: serviceJson(pattern.service),
    pattern: pattern.pattern,
    template: pattern.template,
    trend: type === 'missed' ? 'gone' : type,
    perMinuteBefore: meanOf(cells.subarray(0, cells.length - sinceCells)),
    perMinuteAfter:
      type === 'new' ? perMinuteSince(pattern, nowMs) : meanOf(cells.subarray(cells.length - sinceCells)),
    example: pattern.examples[0] ?? '',
    query: queryOf(pattern),
    seriesKey: subjectOf(pattern),
  };
}

export function recurrenceEvidence(signal: BurstingSignal, nowMs: number): InsightEvidenceJson {
  const { cells, bursts, recurrence } = signal;
  const { startMs, counts } = cells.upTo(nowMs, signal.sinceMs);
  const perSecond = Array.from(counts, (count) => count / (COUNT_CELL_MS / 1_000));
  const nothing = perSecond.map(() => null);
  return {
    type: 'signal',
    service: serviceJson(signal.service),
    signal: signal.signal,
    name: signal.signal,
    operation: '',
    labels: {},
    unit: signal.signal === 'requests' ? '{request}/s' : '{error}/s',
    detector: 'recurrence',
    score: scoreOf(recurrence?.nats ?? 0),
    observed: Math.max(0, ...perSecond),
    expected: bursts.level / (BURST_CELL_MS / 1_000),
    seriesKey: signal.key,
    chart: { startUnixMs: startMs, stepMs: COUNT_CELL_MS, values: perSecond, lower: nothing, upper: nothing },
  };
}

/** The last change of a service that may be why something began, as evidence; none or one. */
export function changeBefore(
  changes: ChangeWatch,
  of: { readonly service: ServiceKey; readonly serviceId: ServiceId },
  sinceMs: number,
  nowMs: number,
): InsightEvidenceJson[] {
  return changes
    .between(sinceMs - CHANGES_BEFORE_MS, nowMs)
    .filter((change) => change.serviceId === of.serviceId && change.atMs <= sinceMs + COUNT_CELL_MS)
    .slice(-1)
    .map((change) => ({
      ...{ type: 'change', service: serviceJson(of.service) },
      ...{ what: describeChange(change), atUnixMs: change.atMs },
    }));
}

function perMinuteSince({ count, firstMs }: WatchedPattern, nowMs: number): number {
  return count / Math.max(1, (nowMs - firstMs) / 60_000);
}

/** Records a minute; what is not known does not count. */
function meanOf(cells: Float64Array): number {
  const known = cells.filter((count) => !Number.isNaN(count));
  const sum = known.reduce((total, count) => total + count, 0);
  return known.length === 0 ? 0 : sum / ((known.length * COUNT_CELL_MS) / 60_000);
}
