import type { VisibleServices } from '../../proto/access/index.ts';
import { MOST_MINUTES_BACK, type NoCauseReason, type RootCausesJson } from '../../proto/api/index.ts';
import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import { visibilityTest } from '../../workers/search/index.ts';
import { rootCausesView } from '../insight-view/index.ts';
import type { Analyser } from './analyser.ts';
import { AnalysisRest } from './analysis-rest.ts';
import { readCallMap, type CallMap } from './call-map.ts';
import { LATER_MS } from './claims.ts';
import { short } from './describe.ts';
import type { EngineContext } from './engine-options.ts';
import { signalEvidence } from './evidence-json.ts';
import { guarded } from './guarded-tasks.ts';
import type { InsightCounters } from './insight-counters.ts';
import { isComparable, ownChanges } from './own-changes.ts';
import { explanationOf } from './render-insight.ts';
import { loadOf } from './root-cause-input.ts';
import { HISTORY_CELL_MS } from './series-history.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { SharedTurns } from './shared-turns.ts';
import { troubleOf, type Symptom, type Trouble } from './symptom.ts';
import type { WatchedSeries } from './watched-series.ts';

export interface CausesQuery {
  /** Those that whoever asks may see. */
  readonly visible: VisibleServices;
  readonly service: ServiceKey;
  /** Unix ms: when it began, as far as is known; `MOST_MINUTES_BACK` ago at the earliest. */
  readonly sinceMs: number;
  /** What came later is not looked at. */
  readonly untilMs: number;
  /** What is asked about alone: a kind of signal, or the name of a metric. */
  readonly signal?: string;
}

export type CausesAnswer =
  | { readonly type: 'found'; readonly found: RootCausesJson }
  /** Too many wait, or there was no answer in time lately. */
  | { readonly type: 'busy'; readonly retryAfterMs: number }
  /** A task of it had no answer in time, was refused or failed. */
  | { readonly type: 'failed'; readonly error: unknown };

/** One is made at a time, the others wait. */
const MOST_QUESTIONS = 8;
/** Who waited longer is not answered any more. */
const LONGEST_WAIT_MS = 10_000;
const RETRY_AFTER_MS = 2_000;
const MOST_CHANGED = 12;
/** Of a service: metrics of any number of labels. */
const MOST_SERIES = 500;

export interface CausesOnRequestParts {
  readonly analyser: Analyser;
  readonly registry: SeriesRegistry;
  readonly counters: InsightCounters;
  /** All that is wrong now, by service. */
  readonly troubles: (nowMs: number) => ReadonlyMap<ServiceId, Trouble>;
}

/** What is looked into: the service as it is, or was, and those in trouble that may have to do with it. */
interface Symptoms {
  readonly own: Trouble;
  readonly members: readonly Trouble[];
}

/** Answers why a service is not as it was, with the analysis that insights have, whether or not there is an insight. */
export class CausesOnRequest {
  private readonly context: EngineContext;
  private readonly parts: CausesOnRequestParts;
  private readonly turns = new SharedTurns<CausesAnswer>(MOST_QUESTIONS);
  /** After misses of its own: they say nothing of the analyses of insights, which ask for less. */
  private readonly rest = new AnalysisRest();

  constructor(context: EngineContext, parts: CausesOnRequestParts) {
    this.context = context;
    this.parts = parts;
  }

  /** Of a service that is not watched, or may not be seen: nothing, as of one that is not there. */
  async find(query: CausesQuery): Promise<CausesAnswer> {
    const { visible, service, sinceMs, untilMs, signal } = query;
    const isVisible = visible === 'all' || visibilityTest(visible)(service);
    if (!isVisible || !this.isWatched(serviceIdOf(service))) {
      return nothingWatched(untilMs);
    }
    const askedMs = this.context.options.now();
    const key = [serviceIdOf(service), cellOf(sinceMs), cellOf(untilMs), signal ?? ''].join('\n');
    const answer = this.busy(askedMs, 0) ?? (await this.turns.take(key, () => this.answer(query, askedMs)));
    if (answer === undefined) return { type: 'busy', retryAfterMs: RETRY_AFTER_MS };
    return answer.type === 'found' ? { ...answer, found: rootCausesView(visible)(answer.found) } : answer;
  }

  private isWatched(id: ServiceId): boolean {
    for (const { serviceId } of this.parts.registry.all()) if (serviceId === id) return true;
    return false;
  }

  private busy(nowMs: number, waitedMs: number): CausesAnswer | undefined {
    const leftMs = Math.max(this.rest.leftMs(nowMs), this.parts.analyser.restLeftMs(nowMs));
    if (leftMs === 0 && waitedMs <= LONGEST_WAIT_MS) return undefined;
    return { type: 'busy', retryAfterMs: Math.max(leftMs, RETRY_AFTER_MS) };
  }

  private async answer(query: CausesQuery, askedMs: number): Promise<CausesAnswer> {
    const { options } = this.context;
    const nowMs = options.now();
    const busy = this.busy(nowMs, nowMs - askedMs);
    if (busy !== undefined) return busy;
    this.parts.counters.analyses += 1;
    let failure: unknown;
    const onMiss: Parameters<typeof guarded>[1] = (reason, error) => {
      failure = error;
      options.onMiss?.('root causes that were asked for', reason, error);
    };
    const found = await guarded(this.parts.counters, onMiss, () => this.analyse(query, nowMs));
    this.rest.note(found !== undefined, nowMs);
    return found === undefined ? { type: 'failed', error: failure } : { type: 'found', found };
  }

  /** Rejects as tasks do. */
  private async analyse(query: CausesQuery, nowMs: number): Promise<RootCausesJson> {
    const { service, untilMs } = query;
    const name = short(service.name);
    const series = this.seriesOf(query);
    const calls = await readCallMap(this.context);
    const symptoms = await this.symptoms(query, series, calls, nowMs);
    if (symptoms === undefined) {
      if (series.length === 0) {
        const what = `Of ${name} nothing is watched that is called ${short(query.signal ?? '')}.`;
        return nothingFound('unknown-signal', what, untilMs);
      }
      return isComparable(series, query)
        ? nothingFound('nothing-changed', `${name} does what it did before: nothing stands out.`, untilMs)
        : nothingFound('too-new', `Too little is known of ${name} before that to compare it with.`, untilMs);
    }
    const { own, members } = symptoms;
    const asked = {
      ...{ startedMs: own.sinceMs, normalFromMs: undefined, untilMs, symptomAt: own.serviceId },
      members: new Map(members.map((member) => [member.serviceId, member])),
    };
    const { causes, inCommon } = await this.parts.analyser.answer(asked, calls, nowMs);
    return {
      reason: causes.length === 0 ? 'nothing-to-blame' : null,
      explanation: explanationOf({ rootCauses: causes, inCommon }, [own]),
      startedUnixMs: own.sinceMs,
      untilUnixMs: untilMs,
      changed: own.symptoms.slice(0, MOST_CHANGED).map((symptom) => signalEvidence(symptom, untilMs)),
      inCommon: inCommon.evidence,
      rootCauses: causes,
    };
  }

  private seriesOf({ service, signal }: CausesQuery): readonly WatchedSeries[] {
    const id = serviceIdOf(service);
    const found: WatchedSeries[] = [];
    for (const series of this.parts.registry.all()) {
      if (series.serviceId === id && isMeant(series, signal)) found.push(series);
      if (found.length === MOST_SERIES) break;
    }
    return found;
  }

  /** What is wrong as the watch says, which knows since when; of what is well again, or was never that bad, what is other than before. */
  private async symptoms(
    query: CausesQuery,
    series: readonly WatchedSeries[],
    calls: CallMap,
    nowMs: number,
  ): Promise<Symptoms | undefined> {
    const { sinceMs, untilMs, signal } = query;
    const id = serviceIdOf(query.service);
    const now = this.parts.troubles(nowMs);
    const watched = (now.get(id)?.symptoms ?? []).filter(
      (symptom) => isMeant(symptom.series, signal) && symptom.series.sinceMs < untilMs,
    );
    const near = watched.filter((symptom) => symptom.series.sinceMs >= sinceMs - LATER_MS);
    const own =
      ownTrouble(near, nowMs) ??
      ownTrouble(await ownChanges(this.context, id, series, query), nowMs) ??
      ownTrouble(watched, nowMs);
    if (own === undefined) return undefined;
    const isLoad = loadOf([own], calls) !== undefined;
    const others = [...now.values()].filter(
      (other) =>
        other.serviceId !== id &&
        Math.abs(other.sinceMs - own.sinceMs) <= LATER_MS &&
        // Load comes from above, all else from below.
        (isLoad ? calls.coneOf([other.serviceId]).has(id) : calls.coneOf([id]).has(other.serviceId)),
    );
    return { own, members: [own, ...others] };
  }
}

const UNKNOWN = 'Nothing is watched that is called so: a service is known once its telemetry has come.';

function isMeant({ signal, name }: WatchedSeries, wanted: string | undefined): boolean {
  return wanted === undefined || signal === wanted || name === wanted;
}

/** Of what began longer ago what was before is not held any more. */
function ownTrouble(symptoms: readonly Symptom[], nowMs: number): Trouble | undefined {
  const trouble = troubleOf(symptoms);
  return trouble && { ...trouble, sinceMs: Math.max(trouble.sinceMs, nowMs - 60_000 * MOST_MINUTES_BACK) };
}

/** Figures are held by cells: who asks within the same ones asks the same. */
function cellOf(unixMs: number): number {
  return Math.floor(unixMs / HISTORY_CELL_MS);
}

function nothingFound(reason: NoCauseReason, explanation: string, untilUnixMs: number): RootCausesJson {
  return {
    ...{ reason, explanation, startedUnixMs: null, untilUnixMs },
    ...{ changed: [], inCommon: [], rootCauses: [] },
  };
}

/** Of nothing nothing is known. */
export function nothingWatched(untilMs: number): CausesAnswer {
  return { type: 'found', found: nothingFound('unknown-service', UNKNOWN, untilMs) };
}
