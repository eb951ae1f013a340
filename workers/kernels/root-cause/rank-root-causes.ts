import type { CallEdge, ChangeEvent, RootCauseInput, SignalKind, SignalSeries } from './evidence-input.ts';
import { blamePaths } from './blame-paths.ts';
import { type LogChange, logChanges } from './log-change.ts';
import { groupBy } from './group-by.ts';
import { type ExplainedEdge, passBlame } from './pass-blame.ts';
import { changeOf, courseOf, type SignalChange, type SymptomCourse } from './signal-change.ts';
import { type TraceChange, traceChanges } from './trace-change.ts';

export type Evidence =
  | { readonly type: 'signal'; readonly change: SignalChange }
  | { readonly type: 'trace'; readonly change: TraceChange }
  | { readonly type: 'log'; readonly change: LogChange }
  | { readonly type: 'change'; readonly event: ChangeEvent }
  | { readonly type: 'explains'; readonly caller: string; readonly share: number };

export interface RootCause {
  readonly service: string;
  /** What of it changed most: a kind of signal, or where the evidence is no metric `trace` or `log`. */
  readonly signal: SignalKind | 'trace' | 'log';
  /** Share of all blame, 0 to 1. */
  readonly score: number;
  /**
   * Services from the symptom's to this one, both included, in the order in which most blame walked to it; itself alone where
   * none came from there.
   */
  readonly path: readonly string[];
  /** The strongest first. */
  readonly evidence: readonly Evidence[];
}

/** What moved less is no evidence. */
const LEAST_DEVIATIONS = 3;
/** Evidence of another kind than the symptom's says less about it. */
const WEIGHT_OF_OTHER_KIND = 0.3;
const WEIGHT_OF_TRACES = 15;
/** Of latency and errors as metrics, for a service whose spans are known: they say which part of it is its own. */
const WEIGHT_BESIDE_TRACES = 0.1;
const WEIGHT_OF_LOGS = 1;
/** Standard deviations of log patterns that say as much as a signal that is e times as far off as usual. */
const SURPRISE_OF_ONE = 2;
const WEIGHT_OF_CHANGE = 0.5;
/** For services that the symptom's does not call, not even through others. */
const WEIGHT_OUTSIDE_CONE = 0.3;
/** A callee that grew by half of what its caller did explains it: not every request calls it. */
const FULLY_FROM = 2;
/** Beside siblings that have callers or callees of their own; the far side of one caller's calls is often such a sibling again. */
const WEIGHT_OF_HEARSAY = 0.3;
const LEAST_SURPRISE = 2.5;
const LEAST_SCORE = 0.01;
const MOST_EVIDENCE = 8;

interface Suspect {
  readonly service: string;
  readonly signals: readonly SignalChange[];
  readonly trace: TraceChange | undefined;
  readonly logs: readonly LogChange[];
  readonly changes: readonly ChangeEvent[];
}

/**
 * Which services the symptom most likely comes from, the likeliest first; none when the symptom is not abnormal.
 *
 * Every service gets a strength: the logarithm of how far its signals moved in their harmful direction (median and spread of the
 * normal stretch, weighed by the symptom's course), what it adds to traces by itself, and log patterns that are new, gone or changed
 * in rate. Strength then walks down the call graph to callees that explain it: a callee explains as much of its caller's trouble as its
 * own excess is of the caller's, in their unit. Ideas: MonitorRank (Kim et al. 2013), MicroRCA (Wu et al. 2020), CIRCA (Li et al.
 * 2022: what the callees do not explain is the node's own), Nezha (Yu et al. 2023: patterns expected and missing).
 *
 * Deterministic, and the same under any order of its inputs. O(points · log points + (64 + services) · edges).
 */
export function rankRootCauses(input: RootCauseInput): RootCause[] {
  const course = symptomCourse(input);
  if (course === 'calm') return [];
  const suspects = collectSuspects(input, course);
  const kind = input.symptom?.kind;
  const cone = coneOf(input);
  const strengths = Float64Array.from(suspects, (suspect) => {
    const weight = cone === undefined || cone.has(suspect.service) ? 1 : WEIGHT_OUTSIDE_CONE;
    return weight * strengthOf(suspect, kind);
  });
  const { blame, edges } = passBlame(strengths, explainEdges(input.edges, suspects, kind));
  const total = blame.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return [];
  const symptom = suspects.findIndex(({ service }) => service === input.symptom?.service);
  const paths = blamePaths(suspects.length, edges, symptom);
  return suspects
    .map((suspect, index) => ({
      service: suspect.service,
      signal: signalOf(suspect, kind),
      score: (blame[index] ?? 0) / total,
      path: (paths[index] ?? [index]).map((each) => suspects[each]?.service ?? ''),
      evidence: evidenceOf(suspect, index, edges, suspects, kind),
    }))
    .filter(({ score, evidence }) => score >= LEAST_SCORE && evidence.length > 0)
    .sort((one, other) => other.score - one.score || compare(one.service, other.service));
}

/** The worst of the symptom's series says when the symptom is; 'calm' if they all are as ever. */
function symptomCourse({ series, symptom }: RootCauseInput): SymptomCourse | 'calm' | undefined {
  if (symptom?.kind === undefined) return undefined;
  const own = series
    .filter(({ service, kind }) => service === symptom.service && kind === symptom.kind)
    .sort(compareSeries);
  let worst: { course: SymptomCourse; deviations: number } | undefined;
  for (const each of own) {
    const course = courseOf(each);
    if (course === undefined) continue;
    const { deviations } = changeOf(each, course);
    if (deviations > (worst?.deviations ?? -1)) worst = { course, deviations };
  }
  if (worst !== undefined) return worst.course;
  return own.length > 0 ? 'calm' : undefined;
}

function collectSuspects(input: RootCauseInput, course: SymptomCourse | undefined): Suspect[] {
  const signals = groupBy(
    input.series.toSorted(compareSeries).map((series) => changeOf(series, course)),
    ({ series }) => series.service,
  );
  const { normal = [], abnormal = [] } = input.spans ?? {};
  const traces = traceChanges(normal, abnormal, input.symptom?.service);
  const logs = logChanges(input.logs ?? []);
  const changes = groupBy(
    (input.changes ?? []).toSorted((one, other) => one.time - other.time || compare(one.what, other.what)),
    ({ service }) => service,
  );
  const names = new Set([
    ...input.edges.flatMap(({ caller, callee }) => [caller, callee]),
    ...signals.keys(),
    ...traces.keys(),
    ...logs.keys(),
  ]);
  return [...names].sort(compare).map((service) => ({
    service,
    signals: signals.get(service) ?? [],
    trace: traces.get(service),
    logs: (logs.get(service) ?? []).filter(({ surprise }) => surprise > LEAST_SURPRISE),
    changes: changes.get(service) ?? [],
  }));
}

function strengthOf({ signals, trace, logs, changes }: Suspect, kind: SignalKind | undefined): number {
  const same = mostDeviations(signals, (each) => isOfSymptom(each, kind));
  const others = mostOfOthers(signals, kind);
  const evidence =
    (trace === undefined ? 1 : WEIGHT_BESIDE_TRACES) * strengthOfDeviations(same) +
    WEIGHT_OF_OTHER_KIND * others +
    WEIGHT_OF_TRACES * ((trace?.slowness ?? 0) + (trace?.ownErrors ?? 0)) +
    WEIGHT_OF_LOGS * logStrength(logs);
  return evidence * (changes.length > 0 ? 1 + WEIGHT_OF_CHANGE : 1);
}

function strengthOfDeviations(deviations: number): number {
  return deviations < LEAST_DEVIATIONS ? 0 : Math.log(deviations);
}

function logStrength(logs: readonly LogChange[]): number {
  const worstOf = (isMeant: (change: LogChange) => boolean): number =>
    logs.reduce((most, change) => (isMeant(change) ? Math.max(most, change.surprise) : most), 0);
  return (worstOf(({ isError }) => isError) + worstOf(({ isError }) => !isError)) / SURPRISE_OF_ONE;
}

/** A symptom without a kind is any that users feel. */
function isOfSymptom(kind: SignalKind, symptom: SignalKind | undefined): boolean {
  return symptom === undefined
    ? kind === 'latency' || kind === 'errors' || kind === 'availability'
    : kind === symptom;
}

/** Of kinds that are not the symptom's only what at least doubled counts in full. */
function mostOfOthers(signals: readonly SignalChange[], kind: SignalKind | undefined): number {
  return signals.reduce((most, { series, deviations, before, during }) => {
    if (isOfSymptom(series.kind, kind) || deviations < LEAST_DEVIATIONS) return most;
    const relative = Math.min(1, Math.abs(during - before) / Math.max(Math.abs(before), Number.MIN_VALUE));
    return Math.max(most, relative * strengthOfDeviations(deviations));
  }, 0);
}

function mostDeviations(signals: readonly SignalChange[], isMeant: (kind: SignalKind) => boolean): number {
  return signals.reduce(
    (most, { series, deviations }) => (isMeant(series.kind) ? Math.max(most, deviations) : most),
    0,
  );
}

function explainEdges(
  edges: readonly CallEdge[],
  suspects: readonly Suspect[],
  kind: SignalKind | undefined,
): ExplainedEdge[] {
  const indexOf = new Map(suspects.map(({ service }, index) => [service, index]));
  const seen = new Set<string>();
  const result: ExplainedEdge[] = [];
  for (const { caller, callee } of edges) {
    const from = indexOf.get(caller);
    const to = indexOf.get(callee);
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from} ${to}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const share = explainedShare(suspects[from], suspects[to], kind);
    if (share > 0) result.push({ caller: from, callee: to, explained: share });
  }
  result.sort((one, other) => one.caller - other.caller || one.callee - other.callee);
  return splitAmongCallees(result, suspects, kind, findHearsay(edges, indexOf));
}

function explainedShare(
  caller: Suspect | undefined,
  callee: Suspect | undefined,
  kind: SignalKind | undefined,
): number {
  const above = worstOf(caller?.signals ?? [], kind ?? 'latency');
  const below = worstOf(callee?.signals ?? [], kind ?? 'latency');
  if (above === undefined || below === undefined) return 0;
  if (above.deviations < LEAST_DEVIATIONS || below.deviations < LEAST_DEVIATIONS) return 0;
  return Math.min(1, FULLY_FROM * (below.excess / above.excess));
}

/** Services that call nothing and that only one other calls: all that is known of them may be what that one measured. */
function findHearsay(edges: readonly CallEdge[], indexOf: ReadonlyMap<string, number>): Uint8Array {
  const callers = groupBy(edges, ({ callee }) => callee);
  const calling = new Set(edges.map(({ caller }) => caller));
  const result = new Uint8Array(indexOf.size);
  for (const [service, index] of indexOf) {
    const isOnlyCalledByOne = new Set(callers.get(service)?.map(({ caller }) => caller)).size === 1;
    result[index] = isOnlyCalledByOne && !calling.has(service) ? 1 : 0;
  }
  return result;
}

/** Callees that together explain all of it share by how far off they are; those that explain a part leave the rest with the caller. */
function splitAmongCallees(
  edges: readonly ExplainedEdge[],
  suspects: readonly Suspect[],
  kind: SignalKind | undefined,
  isHearsay: Uint8Array,
): ExplainedEdge[] {
  const deviationsOf = (callee: number): number =>
    worstOf(suspects[callee]?.signals ?? [], kind ?? 'latency')?.deviations ?? 0;
  const weightOfEdge = ({ callee, explained }: ExplainedEdge): number =>
    explained * deviationsOf(callee) * (isHearsay[callee] === 1 ? WEIGHT_OF_HEARSAY : 1);
  const totals = new Map<number, { explained: number; weight: number }>();
  for (const edge of edges) {
    const total = totals.get(edge.caller) ?? { explained: 0, weight: 0 };
    totals.set(edge.caller, {
      explained: total.explained + edge.explained,
      weight: total.weight + weightOfEdge(edge),
    });
  }
  return edges.map((edge) => {
    const total = totals.get(edge.caller) ?? { explained: 0, weight: 1 };
    return { ...edge, explained: (Math.min(1, total.explained) * weightOfEdge(edge)) / total.weight };
  });
}

function worstOf(signals: readonly SignalChange[], kind: SignalKind): SignalChange | undefined {
  return signals
    .filter(({ series }) => series.kind === kind)
    .reduce<SignalChange | undefined>(
      (worst, each) => (worst === undefined || each.deviations > worst.deviations ? each : worst),
      undefined,
    );
}

/** The symptom's service and all that it calls, directly or not; undefined when nothing is known of it. */
function coneOf({ edges, symptom }: RootCauseInput): ReadonlySet<string> | undefined {
  if (symptom === undefined || !edges.some(({ caller }) => caller === symptom.service)) return undefined;
  const callees = groupBy(edges, ({ caller }) => caller);
  const cone = new Set([symptom.service]);
  for (const service of cone) {
    for (const { callee } of callees.get(service) ?? []) cone.add(callee);
  }
  return cone;
}

function signalOf({ signals, trace, logs }: Suspect, kind: SignalKind | undefined): RootCause['signal'] {
  const weighed = signals.map(({ series, deviations }) => ({
    kind: series.kind,
    weight: (isOfSymptom(series.kind, kind) ? 1 : WEIGHT_OF_OTHER_KIND) * strengthOfDeviations(deviations),
  }));
  const best = weighed.reduce((most, each) => (each.weight > most.weight ? each : most), {
    kind: kind ?? 'latency',
    weight: 0,
  });
  const ofTraces = WEIGHT_OF_TRACES * ((trace?.slowness ?? 0) + (trace?.ownErrors ?? 0));
  const ofLogs = WEIGHT_OF_LOGS * logStrength(logs);
  if (best.weight >= ofTraces && best.weight >= ofLogs) return best.kind;
  return ofTraces >= ofLogs ? 'trace' : 'log';
}

function evidenceOf(
  suspect: Suspect,
  index: number,
  edges: readonly ExplainedEdge[],
  suspects: readonly Suspect[],
  kind: SignalKind | undefined,
): Evidence[] {
  const signals = suspect.signals
    .filter(({ deviations }) => deviations >= LEAST_DEVIATIONS)
    .sort((one, other) => weightOf(other, kind) - weightOf(one, kind))
    .map((change): Evidence => ({ type: 'signal', change }));
  const { trace } = suspect;
  const traces: Evidence[] =
    trace !== undefined && (trace.slowness > LEAST_SCORE || trace.ownErrors > 0)
      ? [{ type: 'trace', change: trace }]
      : [];
  const logs = suspect.logs.map((change): Evidence => ({ type: 'log', change }));
  const explains = edges
    .filter(({ callee }) => callee === index)
    .map(({ caller, explained }): Evidence => ({
      type: 'explains',
      caller: suspects[caller]?.service ?? '',
      share: explained,
    }));
  const changes = suspect.changes.map((event): Evidence => ({ type: 'change', event }));
  const own = [...signals.slice(0, 3), ...traces, ...logs.slice(0, 2)];
  return own.length === 0 ? [] : [...own, ...changes.slice(0, 2), ...explains].slice(0, MOST_EVIDENCE);
}

function weightOf({ series, deviations }: SignalChange, kind: SignalKind | undefined): number {
  return (isOfSymptom(series.kind, kind) ? 1 : WEIGHT_OF_OTHER_KIND) * deviations;
}

function compareSeries(one: SignalSeries, other: SignalSeries): number {
  return (
    compare(one.service, other.service) || compare(one.kind, other.kind) || compare(one.name, other.name)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
