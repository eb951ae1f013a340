import type {
  LogPatternCount,
  RootCauseInput,
  SignalKind,
  SignalSeries,
  SpanEvidence,
} from '../../workers/kernels/root-cause/index.ts';
import type { SampledSpans } from '../../workers/watch/index.ts';
import type { CallMap } from './call-map.ts';
import type { ServiceChange } from '../ports/index.ts';
import { describeChange } from './change-watch.ts';
import type { WatchedPattern } from './pattern-watch.ts';
import { HISTORY_CELL_MS, type SeriesHistory } from './series-history.ts';
import { isOfMetric, isSilence, isWhole, type Trouble } from './symptom.ts';
import type { WatchedSeries } from './watched-series.ts';

/** What is known when causes are looked for. */
export interface AnalysisSource {
  readonly startedMs: number;
  readonly nowMs: number;
  /** What was before is no measure. */
  readonly normalFromMs: number;
  readonly members: readonly Trouble[];
  /** Of members: where the symptom is. Without it where it hurts most. */
  readonly symptomAt: string | undefined;
  readonly calls: CallMap;
  readonly series: Iterable<WatchedSeries>;
  readonly patterns: Iterable<WatchedPattern>;
  readonly changes: readonly ServiceChange[];
  readonly spans: SampledSpans;
}

const NORMAL_MS = 1_800_000;
/** What is just before the estimated onset belongs to neither stretch. */
const BETWEEN_MS = 10_000;
const LOGS_NORMAL_MS = 300_000;
const LATELY_MS = 60_000;
const MOST_SERIES = 4_000;
/** Traffic that grew this long after other symptoms did not cause them. */
const TRAFFIC_LATER_MS = 15_000;

/** Evidence about all that the services in trouble call; series are named by their keys. */
export function rootCauseInput(source: AnalysisSource): RootCauseInput {
  const { members, calls, symptomAt } = source;
  const symptom = symptomOf(
    symptomAt === undefined ? members : members.filter(({ serviceId }) => serviceId === symptomAt),
    calls,
  );
  // Load comes from above: what explains it is the caller's.
  const isLoad = symptom.kind === 'requests';
  const memberIds = members.map(({ serviceId }) => serviceId);
  const nodes = new Set<string>(isLoad ? memberIds : calls.coneOf(memberIds));
  for (const id of memberIds) nodes.add(id);
  const all = isLoad ? [...calls.edges, ...calls.handOvers] : calls.edges;
  const edges = all.filter(({ caller, callee }) => nodes.has(caller) && nodes.has(callee));
  return {
    edges: isLoad ? edges.map(({ caller, callee }) => ({ caller: callee, callee: caller })) : edges,
    series: signalSeries(source, nodes),
    spans: {
      normal: spansFor(symptom.kind, source.spans.normal, nodes),
      abnormal: spansFor(symptom.kind, source.spans.abnormal, nodes),
    },
    logs: logCounts(source, nodes),
    changes: source.changes
      .filter(({ serviceId }) => nodes.has(serviceId))
      .map((change) => ({
        service: change.serviceId,
        what: describeChange(change),
        time: change.atMs / 1_000,
      })),
    symptom: { service: symptom.service, ...(symptom.kind && { kind: symptom.kind }) },
  };
}

/** Where it hurts: the service that no other one in trouble calls, by what users feel most of it. */
function symptomOf(
  members: readonly Trouble[],
  calls: CallMap,
): { readonly service: string; readonly kind?: SignalKind } {
  const load = loadOf(members, calls);
  if (load !== undefined) return { service: load.serviceId, kind: 'requests' };
  const tops = members.filter(
    (member) => !members.some((other) => other !== member && calls.calls(other.serviceId, member.serviceId)),
  );
  const [top] = (tops.length > 0 ? tops : members).toSorted((one, other) => other.strength - one.strength);
  if (top === undefined) return { service: '' };
  const kind = top.symptoms
    .map(({ series }) => kindOf(series))
    .find((each) => each !== undefined && each !== 'requests');
  return { service: top.serviceId, ...(kind && { kind }) };
}

/** The last service that more requests came to, if these came no later than all else. */
export function loadOf(members: readonly Trouble[], calls: CallMap): Trouble | undefined {
  const loads = members.flatMap((member) => {
    const load = member.symptoms.find(
      ({ series }) =>
        series.source === 'spans' &&
        series.signal === 'requests' &&
        isWhole(series) &&
        series.observed > series.expected,
    );
    return load ? [{ member, sinceMs: load.series.sinceMs }] : [];
  });
  if (loads.length === 0 || 2 * loads.length < members.length) return undefined;
  const others = members.flatMap(({ symptoms }) =>
    symptoms
      .filter(({ series }) => series.signal === 'errors' || series.signal === 'latency')
      .map(({ series }) => series.sinceMs),
  );
  const first = Math.min(...loads.map(({ sinceMs }) => sinceMs));
  if (first > Math.min(...others) + TRAFFIC_LATER_MS) return undefined;
  const lowest = loads.filter(
    ({ member }) => !loads.some((other) => calls.calls(member.serviceId, other.member.serviceId)),
  );
  return (lowest[0] ?? loads[0])?.member;
}

/** Traces are asked about what hurts: of failures how long spans take says nothing, and of memory or log records nothing does. */
function spansFor(
  kind: SignalKind | undefined,
  spans: readonly SpanEvidence[],
  nodes: ReadonlySet<string>,
): readonly SpanEvidence[] {
  if (kind !== 'errors' && kind !== 'latency') return [];
  const own = spans.filter(({ service }) => nodes.has(service));
  return kind === 'latency' ? own : own.map((span) => ({ ...span, start: 0, duration: 0 }));
}

function signalSeries(source: AnalysisSource, nodes: ReadonlySet<string>): readonly SignalSeries[] {
  const found: SignalSeries[] = [];
  for (const series of source.series) {
    const kind = kindOf(series);
    const node = nodeOf(series, source.calls);
    if (kind === undefined || node === undefined || !nodes.has(node)) continue;
    if (found.length >= MOST_SERIES) break;
    found.push({ service: node, kind, name: series.key, ...stretches(series.history, source) });
  }
  return found;
}

/** Undefined: it is of calls to a service that has figures of its own. */
function nodeOf(series: WatchedSeries, calls: CallMap): string | undefined {
  if (series.peer === '') return series.serviceId;
  return calls.isVirtual(series.peer) ? series.peer : undefined;
}

/** Requests and their like as the service itself measures them say the same once more. */
export function kindOf(series: WatchedSeries): SignalKind | undefined {
  const { signal } = series;
  if (isSilence({ series })) return undefined;
  switch (signal) {
    case 'requests':
      // How often something is called is its callers' doing.
      return isOfMetric(series) || series.peer !== '' ? undefined : signal;
    case 'errors':
    case 'latency':
      return isOfMetric(series) ? undefined : signal;
    case 'logs':
    case 'other':
      return undefined;
    default:
      return signal;
  }
}

/** Of a series, what was before and what was since. */
export function stretches(
  history: SeriesHistory,
  { startedMs, nowMs, normalFromMs }: Pick<AnalysisSource, 'startedMs' | 'nowMs' | 'normalFromMs'>,
): Pick<SignalSeries, 'normal' | 'abnormal'> {
  const stretch = (fromMs: number, toMs: number): SignalSeries['normal'] => {
    const { startMs, values } = history.read(fromMs, toMs);
    const times = Float64Array.from(values, (_, index) => (startMs + index * HISTORY_CELL_MS) / 1_000);
    return { times, values };
  };
  return {
    normal: stretch(Math.max(normalFromMs, startedMs - NORMAL_MS), startedMs - BETWEEN_MS),
    abnormal: stretch(startedMs, nowMs),
  };
}

function logCounts(source: AnalysisSource, nodes: ReadonlySet<string>): readonly LogPatternCount[] {
  const { startedMs, nowMs, patterns } = source;
  const counts: LogPatternCount[] = [];
  for (const { serviceId, pattern, severity, history } of patterns) {
    if (!nodes.has(serviceId)) continue;
    const abnormal = sumOf(history, startedMs, nowMs);
    // One that stopped earlier did not stop now.
    const isCurrent = sumOf(history, startedMs - LATELY_MS, startedMs) > 0;
    if (abnormal === 0 && !isCurrent) continue;
    const normalFromMs = Math.max(source.normalFromMs, startedMs - LOGS_NORMAL_MS);
    const normal = sumOf(history, normalFromMs, startedMs - BETWEEN_MS);
    counts.push({ service: serviceId, pattern, isError: severity === 'error', normal, abnormal });
  }
  return counts;
}

/** Of counts by cell. */
export function sumOf(history: SeriesHistory, fromMs: number, toMs: number): number {
  return history
    .read(fromMs, toMs)
    .values.reduce((sum, value) => (Number.isNaN(value) ? sum : sum + value), 0);
}
