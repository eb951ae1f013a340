import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { CallMap } from './call-map.ts';
import type { OpenInsight } from './open-insight.ts';
import { severityOf } from './severity.ts';
import { NOTHING_IN_COMMON } from './span-comparison.ts';
import type { Trouble } from './symptom.ts';

/** Calm for so long, an insight is over. */
const CALM_MS = 40_000;
/** What was read at start may wait so long for its services to be heard of again. */
const RESTORED_MS = 600_000;
/** What began long before an insight is not of it. */
const EARLIER_MS = 180_000;
/** What begins so long after it is something else, or an insight that stays open would take in all that comes. */
const LATER_MS = 120_000;
/** Of the threshold: less keeps an insight open, and lets a neighbour join. */
const SHARE_TO_HOLD = 0.3;
const SHARE_TO_JOIN = 0.5;
/** Without requests or logs that show it a metric must be this much stronger, in nats. */
const UNFELT_MORE = 3;
const ANALYSES_AFTER_MS = [0, 15_000, 60_000] as const;
const YOUNG_MS = 15_000;
const MOST_OPEN = 100;
const MOST_MEMBERS = 50;
const MOST_BEFORE_MS = 900_000;

export interface BookOptions {
  readonly newId: () => string;
}

/** Insights that are open. Services in trouble at once that call each other are one. */
export class InsightBook {
  readonly open = new Map<string, OpenInsight>();
  private readonly options: BookOptions;
  /** Troubles for which there was no room. */
  crowdedOut = 0;

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
        analyses: [],
        shown: insight,
      });
    }
  }

  /** `threshold` in nats. Answers insights that are new, changed or over. */
  update(
    troubles: ReadonlyMap<ServiceId, Trouble>,
    calls: CallMap,
    threshold: number,
    nowMs: number,
  ): ReadonlySet<OpenInsight> {
    const changed = new Set<OpenInsight>();
    const taken = new Set<ServiceId>();
    for (const insight of this.open.values()) this.hold(insight, troubles, threshold, taken, changed, nowMs);
    const joining = [...troubles.values()].filter(
      ({ serviceId, strength }) => !taken.has(serviceId) && strength >= SHARE_TO_JOIN * threshold,
    );
    this.join(joining, calls, taken, changed, nowMs);
    for (const group of groupsOf(joining, calls, taken)) {
      if (!group.some((trouble) => opens(trouble, threshold))) continue;
      if (this.open.size >= MOST_OPEN) this.crowdedOut += 1;
      else changed.add(this.start(group, nowMs));
    }
    for (const insight of this.open.values()) {
      if (nowMs - insight.heldMs < (insight.members.size === 0 ? RESTORED_MS : CALM_MS)) continue;
      insight.endedMs = insight.heldMs;
      insight.updatedMs = nowMs;
      this.open.delete(insight.id);
      changed.add(insight);
    }
    return changed;
  }

  private hold(
    insight: OpenInsight,
    troubles: ReadonlyMap<ServiceId, Trouble>,
    threshold: number,
    taken: Set<ServiceId>,
    changed: Set<OpenInsight>,
    nowMs: number,
  ): void {
    const known = new Set<string>([
      ...insight.members.keys(),
      ...(insight.shown?.services.map(({ id }) => id) ?? []),
    ]);
    for (const [serviceId, trouble] of troubles) {
      if (!known.has(serviceId) || taken.has(serviceId)) continue;
      taken.add(serviceId);
      if (trouble.strength < SHARE_TO_HOLD * threshold) continue;
      insight.heldMs = nowMs;
      if (this.admit(insight, trouble, nowMs)) changed.add(insight);
    }
    for (const each of changed) each.updatedMs = nowMs;
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
          const neighbours = calls.neighboursOf(serviceId);
          if (![...insight.members.keys()].some((member) => neighbours.has(member))) continue;
          taken.add(serviceId);
          insight.heldMs = nowMs;
          insight.updatedMs = nowMs;
          changed.add(insight);
          isGrowing = this.admit(insight, trouble, nowMs) || isGrowing;
        }
      }
    }
  }

  /** Whether that is news: a service that joins, or one that became clearly worse. */
  private admit(insight: OpenInsight, trouble: Trouble, nowMs: number): boolean {
    const before = insight.members.get(trouble.serviceId);
    if (before === undefined && insight.members.size >= MOST_MEMBERS) return false;
    const isWorse = before === undefined || trouble.strength > before.strength + 3;
    // At first figures are of a few requests; later they may be of a recovery.
    const isYoung = nowMs - insight.detectedMs <= YOUNG_MS;
    if (isWorse || (isYoung && trouble.strength >= before.strength)) {
      insight.members.set(trouble.serviceId, trouble);
    }
    const severity = severityOf([...insight.members.values()]);
    const isGraver = rank(severity) > rank(insight.severity);
    if (isGraver) insight.severity = severity;
    return isWorse || isGraver;
  }

  private start(group: readonly Trouble[], nowMs: number): OpenInsight {
    const since = Math.min(...group.map(({ sinceMs }) => sinceMs));
    const insight: OpenInsight = {
      id: this.options.newId(),
      startedMs: Math.min(nowMs, Math.max(since, nowMs - MOST_BEFORE_MS)),
      detectedMs: nowMs,
      updatedMs: nowMs,
      heldMs: nowMs,
      endedMs: undefined,
      members: new Map(group.slice(0, MOST_MEMBERS).map((trouble) => [trouble.serviceId, trouble])),
      severity: severityOf(group),
      rootCauses: [],
      inCommon: NOTHING_IN_COMMON,
      analyses: ANALYSES_AFTER_MS.map((afterMs) => nowMs + afterMs),
      shown: undefined,
    };
    this.open.set(insight.id, insight);
    return insight;
  }
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
