import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { CallMap } from './call-map.ts';
import { Claims, LATER_MS } from './claims.ts';
import { addToCourse } from './course.ts';
import type { CrowdedOut } from './insight-counters.ts';
import type { OpenInsight } from './open-insight.ts';
import { severityOf } from './severity.ts';
import { NOTHING_IN_COMMON } from './span-comparison.ts';
import { isSilence, reachOf, withSymptomsOf, type Trouble } from './symptom.ts';

/** Calm for so long, an insight is over. */
const CALM_MS = 40_000;
/** What was read at start may wait so long for its services to be heard of again. */
const RESTORED_MS = 600_000;
/** What began long before an insight is not of it. */
const EARLIER_MS = 180_000;
/** Of the threshold: less keeps an insight open, and lets a neighbour join. */
const SHARE_TO_HOLD = 0.3;
const SHARE_TO_JOIN = 0.5;
/** Without requests or logs that show it a metric must be this much stronger, in nats. */
const UNFELT_MORE = 3;
const ANALYSES_AFTER_MS = [0, 15_000, 60_000, 300_000, 900_000] as const;
/** After news of it; what is new needs some seconds to show what it is. */
const AGAIN_AFTER_MS = 8_000;
const MOST_ANALYSES = 16;
/** After so long what an insight did is as it stays, and a measure of what comes beside it. */
export const SETTLES_MS = 15_000;
const YOUNG_MS = 15_000;
const FURTHER = 1.1;
const MOST_OPEN = 100;
const MOST_MEMBERS = 50;
const MOST_BEFORE_MS = 900_000;

export interface BookOptions {
  readonly newId: () => string;
  readonly self: ServiceId;
  /** Troubles for which there is no room are counted there. */
  readonly crowdedOut: CrowdedOut;
}

/** Trouble that began later than an insight at services of it or next to them: of it or not, its causes must say. */
export interface LaterTrouble {
  readonly insight: OpenInsight;
  readonly group: readonly Trouble[];
}

export interface BookUpdate {
  /** Insights that are new, changed or over. */
  readonly changed: Set<OpenInsight>;
  readonly later: readonly LaterTrouble[];
}

/** Insights that are open. Services in trouble at once that call each other are one. */
export class InsightBook {
  readonly open = new Map<string, OpenInsight>();
  private readonly options: BookOptions;

  constructor(options: BookOptions) {
    this.options = options;
  }

  /** Goes on with insights that were open when the platform stopped. */
  restore(insights: readonly InsightJson[], nowMs: number): void {
    for (const insight of insights.slice(0, MOST_OPEN)) {
      this.open.set(insight.id, {
        id: insight.id,
        startedMs: insight.startedUnixMs,
        detectedMs: insight.detectedUnixMs,
        updatedMs: insight.updatedUnixMs,
        heldMs: nowMs,
        endedMs: undefined,
        members: new Map(),
        severity: insight.severity,
        rootCauses: insight.rootCauses,
        inCommon: NOTHING_IN_COMMON,
        patterns: [],
        analyses: [],
        analysed: 0,
        ...{ decided: 0, decidedMs: 0 },
        normalFromMs: undefined,
        untilMs: undefined,
        course: insight.course ?? [],
        shown: insight,
      });
    }
  }

  /** `threshold` in nats. */
  update(
    troubles: ReadonlyMap<ServiceId, Trouble>,
    calls: CallMap,
    threshold: number,
    nowMs: number,
  ): BookUpdate {
    const changed = new Set<OpenInsight>();
    const claims = new Claims(this.open.values(), troubles);
    for (const insight of this.open.values()) this.hold(insight, claims, threshold, changed, nowMs);
    const rest = claims
      .rest()
      .filter((trouble) => trouble.strength >= SHARE_TO_JOIN * threshold && !this.isEcho(trouble, troubles));
    const taken = new Set<ServiceId>();
    this.join(rest, calls, taken, changed, nowMs);
    const later: LaterTrouble[] = [];
    for (const group of groupsOf(rest, calls, taken)) {
      if (!group.some((trouble) => opens(trouble, threshold))) continue;
      const insight = this.nextTo(group, calls);
      if (insight !== undefined) later.push({ insight, group });
      else if (this.hasRoom()) changed.add(this.start(group, nowMs));
    }
    this.end(changed, nowMs);
    return { changed, later };
  }

  /** Later trouble turned out to be of an insight that is open. */
  take({ insight, group }: LaterTrouble, nowMs: number): void {
    insight.heldMs = nowMs;
    insight.updatedMs = nowMs;
    for (const trouble of group) this.admit(insight, trouble, nowMs);
  }

  /** Later trouble turned out to be a matter of its own; undefined: there was no room for it. */
  split({ insight, group }: LaterTrouble, nowMs: number): OpenInsight | undefined {
    if (!this.hasRoom()) return undefined;
    const second = this.start(group, nowMs, insight.startedMs + SETTLES_MS);
    insight.untilMs = Math.min(insight.untilMs ?? nowMs, second.startedMs);
    return second;
  }

  /** The platform does as much as it is sent: beside trouble of others its own figures say nothing. That nothing comes at all is no figure. */
  private isEcho({ serviceId, symptoms }: Trouble, troubles: ReadonlyMap<ServiceId, Trouble>): boolean {
    if (serviceId !== this.options.self || symptoms.some(isSilence)) return false;
    const isOther = (id: ServiceId): boolean => id !== serviceId;
    return (
      [...troubles.keys()].some(isOther) ||
      [...this.open.values()].some(({ members }) => [...members.keys()].some(isOther))
    );
  }

  private hasRoom(): boolean {
    if (this.open.size < MOST_OPEN) return true;
    this.options.crowdedOut.insights += 1;
    return false;
  }

  private hold(
    insight: OpenInsight,
    claims: Claims,
    threshold: number,
    changed: Set<OpenInsight>,
    nowMs: number,
  ): void {
    const known = new Set<ServiceId>([
      ...insight.members.keys(),
      ...(insight.shown?.services.map(({ id }) => id as ServiceId) ?? []),
    ]);
    for (const serviceId of known) {
      const trouble = claims.take(insight, serviceId);
      if (trouble === undefined || trouble.strength < SHARE_TO_HOLD * threshold) continue;
      insight.heldMs = nowMs;
      if (!this.admit(insight, trouble, nowMs)) continue;
      insight.updatedMs = nowMs;
      changed.add(insight);
    }
  }

  private join(
    joining: readonly Trouble[],
    calls: CallMap,
    taken: Set<ServiceId>,
    changed: Set<OpenInsight>,
    nowMs: number,
  ): void {
    for (const insight of this.open.values()) {
      for (let isGrowing = true; isGrowing;) {
        isGrowing = false;
        for (const trouble of joining) {
          const { serviceId } = trouble;
          if (taken.has(serviceId) || !isOfSameTime(insight, trouble)) continue;
          if (!touches(insight, serviceId, calls)) continue;
          taken.add(serviceId);
          insight.heldMs = nowMs;
          insight.updatedMs = nowMs;
          changed.add(insight);
          isGrowing = this.admit(insight, trouble, nowMs) || isGrowing;
        }
      }
    }
  }

  /** The newest insight that a group may be of although it began later. */
  private nextTo(group: readonly Trouble[], calls: CallMap): OpenInsight | undefined {
    return [...this.open.values()]
      .filter(
        (insight) =>
          insight.members.size > 0 &&
          group.some(({ serviceId }) => insight.members.has(serviceId) || touches(insight, serviceId, calls)),
      )
      .sort((one, other) => other.startedMs - one.startedMs)[0];
  }

  private end(changed: Set<OpenInsight>, nowMs: number): void {
    for (const insight of this.open.values()) {
      if (nowMs - insight.heldMs < (insight.members.size === 0 ? RESTORED_MS : CALM_MS)) continue;
      insight.endedMs = insight.heldMs;
      insight.updatedMs = nowMs;
      this.open.delete(insight.id);
      changed.add(insight);
    }
  }

  /** Whether that is news: a service that joins, one that became clearly worse, more that is wrong with it, or worse figures of that. */
  private admit(insight: OpenInsight, trouble: Trouble, nowMs: number): boolean {
    const before = insight.members.get(trouble.serviceId);
    if (before === undefined && insight.members.size >= MOST_MEMBERS) return false;
    // At first figures are of a few requests; later they may be of a recovery.
    const isYoung = nowMs - insight.detectedMs <= YOUNG_MS;
    const isWorse = before === undefined || trouble.strength > before.strength + 3;
    const isFirst = before === undefined || (isYoung && trouble.strength >= before.strength);
    const now = isFirst ? trouble : joined(before, trouble, isWorse);
    const isMore = isWorse || now.symptoms.length > before.symptoms.length;
    insight.members.set(trouble.serviceId, now);
    if (isMore && !isYoung) this.note(insight, trouble, before, nowMs);
    return becomesGraver(insight) || isMore || isFurther(now, before);
  }

  /** What joins later is told as such, and may say more of the causes. */
  private note(insight: OpenInsight, trouble: Trouble, before: Trouble | undefined, nowMs: number): void {
    const known = new Set(before?.symptoms.map(({ series }) => series.key));
    const first = trouble.symptoms.find(
      (symptom) =>
        before === undefined || (!known.has(symptom.series.key) && symptom.series.source === 'spans'),
    );
    if (first === undefined) return;
    addToCourse(insight, first.series);
    analyseAgain(insight, nowMs);
  }

  private start(group: readonly Trouble[], nowMs: number, normalFromMs?: number): OpenInsight {
    const since = Math.min(...group.map(({ sinceMs }) => sinceMs));
    const insight: OpenInsight = {
      id: this.options.newId(),
      startedMs: Math.min(nowMs, Math.max(since, nowMs - MOST_BEFORE_MS, normalFromMs ?? 0)),
      detectedMs: nowMs,
      updatedMs: nowMs,
      heldMs: nowMs,
      endedMs: undefined,
      members: new Map(group.slice(0, MOST_MEMBERS).map((trouble) => [trouble.serviceId, trouble])),
      severity: severityOf(group),
      rootCauses: [],
      inCommon: NOTHING_IN_COMMON,
      patterns: [],
      // What is not there leaves nothing to look into.
      analyses: group.every(({ symptoms }) => symptoms.every(isSilence))
        ? []
        : ANALYSES_AFTER_MS.map((afterMs) => nowMs + afterMs),
      analysed: 0,
      ...{ decided: 0, decidedMs: 0 },
      normalFromMs,
      untilMs: undefined,
      course: [],
      shown: undefined,
    };
    this.open.set(insight.id, insight);
    return insight;
  }
}

/** The worse speaks, with the worst of its figures. */
function joined(before: Trouble, trouble: Trouble, isWorse: boolean): Trouble {
  return isWorse ? withSymptomsOf(trouble, before) : withSymptomsOf(before, trouble);
}

/** Raises the severity to what its services show. */
function becomesGraver(insight: OpenInsight): boolean {
  const severity = severityOf([...insight.members.values()]);
  if (rank(severity) <= rank(insight.severity)) return false;
  insight.severity = severity;
  return true;
}

/** Whether a figure is so much further from the usual that it shall be shown. */
function isFurther(now: Trouble, before: Trouble): boolean {
  const reach = new Map(before.symptoms.map((symptom) => [symptom.series.key, reachOf(symptom)]));
  return now.symptoms.some(
    (symptom) => reachOf(symptom) > FURTHER * (reach.get(symptom.series.key) ?? Infinity),
  );
}

/** Causes are looked for again soon, unless that was done often enough. */
function analyseAgain(insight: OpenInsight, nowMs: number): void {
  const { analyses, analysed } = insight;
  if (analysed >= MOST_ANALYSES || analyses.some((atMs) => atMs <= nowMs + AGAIN_AFTER_MS)) return;
  insight.analyses = [...analyses, nowMs + AGAIN_AFTER_MS];
}

function touches({ members }: OpenInsight, serviceId: ServiceId, calls: CallMap): boolean {
  const neighbours = calls.neighboursOf(serviceId);
  return [...members.keys()].some((member) => neighbours.has(member));
}

function isOfSameTime({ startedMs }: OpenInsight, { sinceMs }: Trouble): boolean {
  return sinceMs >= startedMs - EARLIER_MS && sinceMs <= startedMs + LATER_MS;
}

function opens({ strength, isFelt }: Trouble, threshold: number): boolean {
  return strength >= threshold + (isFelt ? 0 : UNFELT_MORE);
}

function rank(severity: OpenInsight['severity']): number {
  return severity === 'critical' ? 2 : severity === 'warning' ? 1 : 0;
}

/** Services that are connected through each other, strongest first. */
function groupsOf(
  troubles: readonly Trouble[],
  calls: CallMap,
  taken: ReadonlySet<ServiceId>,
): readonly Trouble[][] {
  const left = new Map(
    troubles
      .filter(({ serviceId }) => !taken.has(serviceId))
      .sort((one, other) => other.strength - one.strength)
      .map((trouble) => [trouble.serviceId as string, trouble]),
  );
  const groups: Trouble[][] = [];
  for (const first of left.values()) {
    const group = [first];
    left.delete(first.serviceId);
    for (const member of group) {
      for (const neighbour of calls.neighboursOf(member.serviceId)) {
        const trouble = left.get(neighbour);
        if (trouble === undefined) continue;
        left.delete(neighbour);
        group.push(trouble);
      }
    }
    groups.push(group);
  }
  return groups;
}
