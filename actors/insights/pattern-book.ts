import type { InsightJson } from '../../proto/api/index.ts';
import type { ServiceId } from '../../proto/columns/index.ts';
import type { KeptPatternGroup } from '../ports/index.ts';
import type { CallMap } from './call-map.ts';
import type { OpenInsight } from './open-insight.ts';
import type { FindingType, PatternFinding } from './pattern-finding.ts';
import { patternInsight } from './pattern-insight.ts';

export interface PatternBookOptions {
  readonly newId: () => string;
  /** Whether what was found of a subject still holds. */
  readonly holds: (
    type: FindingType,
    subject: string,
    detectedMs: number,
    foundMs: number,
    nowMs: number,
  ) => boolean;
}

export interface PatternUpdate {
  /** Insights about patterns that are new, changed or over. */
  readonly changed: readonly InsightJson[];
  /** Anomalies that were given evidence. */
  readonly explained: ReadonlySet<OpenInsight>;
}

interface Group {
  readonly id: string;
  readonly group: string;
  readonly detectedMs: number;
  /** By subject; of those that were open before a restart nothing is known but the subject until they are found again. */
  readonly findings: Map<string, { finding: PatternFinding | undefined; foundMs: number }>;
  shown: InsightJson;
}

const DAY_MS = 86_400_000;
/** What is found so long after an insight of its kind is one of its own. */
const JOIN_MS = 600_000;
/** The way back to normal is still of an anomaly. */
const AFTERMATH_MS = 600_000;
/** What began so long before an anomaly is not of it. */
const EARLIER_MS = 300_000;
const MOST_OPEN = 50;
const MOST_TOLD = 2_000;
const MOST_OF_AN_ANOMALY = 6;
/** Before that the same is not told again. */
const TOLD_FOR_MS: Readonly<Record<FindingType, number>> = {
  new: DAY_MS,
  rising: 2 * 3_600_000,
  gone: DAY_MS,
  missed: 3_600_000,
  periodic: 30 * DAY_MS,
};

/**
 * Insights about patterns that are open. What is found of a service that has an anomaly is evidence of that: of its members, of what its
 * causes are in, and of services that call these or are called by them.
 */
export class PatternBook {
  private readonly options: PatternBookOptions;
  private readonly open = new Map<string, Group>();
  private readonly told = new Map<string, number>();
  /** Until when what is found of a service is of an anomaly that is over. */
  private readonly aftermaths = new Map<string, number>();
  /** What was told as evidence of open anomalies. */
  private readonly given = new Map<OpenInsight, Set<string>>();

  constructor(options: PatternBookOptions) {
    this.options = options;
  }

  get size(): number {
    return this.open.size;
  }

  update(
    findings: readonly PatternFinding[],
    anomalies: Iterable<OpenInsight>,
    calls: CallMap,
    nowMs: number,
  ): PatternUpdate {
    const covered = this.cover(anomalies, calls, nowMs);
    const changed = new Set<Group>();
    const explained = new Set<OpenInsight>();
    for (const finding of findings.toSorted((one, other) => other.nats - one.nats)) {
      const anomaly = covered.get(finding.serviceId);
      if (anomaly !== undefined && finding.type !== 'periodic') {
        if (this.explain(anomaly, finding)) explained.add(anomaly);
      } else if (anomaly === undefined) this.take(finding, changed, nowMs);
    }
    const ended = this.end(covered, explained, nowMs);
    const shown = [...changed]
      .filter(({ group }) => this.open.has(group))
      .map((group) => this.show(group, nowMs));
    return { changed: [...shown, ...ended], explained };
  }

  export(): {
    readonly open: readonly KeptPatternGroup[];
    readonly told: readonly (readonly [string, number])[];
  } {
    const open = [...this.open.values()].map(({ group, id, findings }) => {
      return { group, insightId: id, subjects: [...findings.keys()] };
    });
    return { open, told: [...this.told] };
  }

  /** Goes on with insights that were open when the platform stopped. Answers those of which nothing is known: they are over. */
  restore(
    insights: readonly InsightJson[],
    kept: {
      readonly open: readonly KeptPatternGroup[];
      readonly told: readonly (readonly [string, number])[];
    },
    nowMs: number,
  ): { readonly open: readonly InsightJson[]; readonly over: readonly InsightJson[] } {
    for (const [key, unixMs] of kept.told) this.told.set(key, Math.max(unixMs, this.told.get(key) ?? 0));
    const groups = new Map(kept.open.map((each) => [each.insightId, each]));
    const [open, over]: [InsightJson[], InsightJson[]] = [[], []];
    for (const shown of insights) {
      const known = groups.get(shown.id);
      if (known === undefined || this.open.has(known.group)) {
        over.push({ ...shown, state: 'over', updatedUnixMs: nowMs, endedUnixMs: shown.updatedUnixMs });
        continue;
      }
      const findings = new Map(
        known.subjects.map((subject) => [subject, { finding: undefined, foundMs: nowMs }]),
      );
      const detectedMs = shown.detectedUnixMs;
      this.open.set(known.group, { id: shown.id, group: known.group, detectedMs, findings, shown });
      open.push(shown);
    }
    return { open, over };
  }

  /** Services whose findings are of an anomaly, each with the one that it is of. */
  private cover(
    anomalies: Iterable<OpenInsight>,
    calls: CallMap,
    nowMs: number,
  ): Map<ServiceId, OpenInsight> {
    const covered = new Map<string, OpenInsight>();
    const open = new Set<OpenInsight>();
    for (const anomaly of anomalies) {
      open.add(anomaly);
      const services = [
        ...anomaly.members.keys(),
        ...anomaly.rootCauses.map(({ service }) => service.id),
        ...(anomaly.shown?.services.map(({ id }) => id) ?? []),
      ];
      const near = services.flatMap((service) => [...calls.neighboursOf(service)]);
      for (const service of [...services, ...near]) {
        if (!covered.has(service)) covered.set(service, anomaly);
        this.aftermaths.set(service, nowMs + AFTERMATH_MS);
      }
    }
    for (const anomaly of this.given.keys()) if (!open.has(anomaly)) this.given.delete(anomaly);
    for (const [service, untilMs] of this.aftermaths) if (untilMs <= nowMs) this.aftermaths.delete(service);
    return covered as Map<ServiceId, OpenInsight>;
  }

  /** Whether the anomaly did not have it yet. */
  private explain(anomaly: OpenInsight, finding: PatternFinding): boolean {
    if (finding.sinceMs < anomaly.startedMs - EARLIER_MS) return false;
    const given = this.given.get(anomaly) ?? new Set<string>();
    this.given.set(anomaly, given);
    if (given.has(finding.subject) || given.size >= MOST_OF_AN_ANOMALY) return false;
    given.add(finding.subject);
    this.tell(`${finding.type}\n${finding.subject}`, finding.sinceMs);
    const known = anomaly.rootCauses.flatMap(({ evidence }) => evidence);
    const fresh = finding.evidence.filter(
      (one) =>
        one.type === 'log-pattern' &&
        !known.some(
          (other) =>
            other.type === 'log-pattern' &&
            other.pattern === one.pattern &&
            other.service.id === one.service.id,
        ),
    );
    if (fresh.length === 0) return false;
    anomaly.patterns = [...anomaly.patterns, ...fresh];
    return true;
  }

  private take(finding: PatternFinding, changed: Set<Group>, nowMs: number): void {
    const { group: name, subject, type } = finding;
    const open = this.open.get(name);
    const known = open?.findings.get(subject);
    if (open !== undefined && known !== undefined) {
      if (known.finding === undefined) changed.add(open);
      open.findings.set(subject, { finding: known.finding ?? finding, foundMs: nowMs });
      return;
    }
    if (this.aftermaths.has(finding.serviceId)) return;
    const key = `${type}\n${subject}`;
    if (nowMs - (this.told.get(key) ?? Number.NEGATIVE_INFINITY) < TOLD_FOR_MS[type]) return;
    if (open === undefined) {
      if (this.open.size >= MOST_OPEN) return;
      const id = this.options.newId();
      const findings = new Map([[subject, { finding, foundMs: nowMs }]]);
      const shown = patternInsight(id, [finding], nowMs, nowMs);
      const made: Group = { id, group: name, detectedMs: nowMs, findings, shown };
      this.open.set(name, made);
      changed.add(made);
    } else {
      if (nowMs - open.detectedMs > JOIN_MS) return;
      open.findings.set(subject, { finding, foundMs: nowMs });
      changed.add(open);
    }
    this.tell(key, nowMs);
  }

  private end(
    covered: ReadonlyMap<ServiceId, OpenInsight>,
    explained: Set<OpenInsight>,
    nowMs: number,
  ): readonly InsightJson[] {
    const ended: InsightJson[] = [];
    for (const group of this.open.values()) {
      const found = [...group.findings.values()].flatMap(({ finding }) => finding ?? []);
      const [first] = found;
      const anomaly = first && first.type !== 'periodic' ? covered.get(first.serviceId) : undefined;
      const isOfAnomaly =
        anomaly !== undefined && group.shown.startedUnixMs >= anomaly.startedMs - EARLIER_MS;
      if (isOfAnomaly) {
        for (const each of found) if (this.explain(anomaly, each)) explained.add(anomaly);
      } else if (this.isHeld(group, nowMs)) continue;
      this.open.delete(group.group);
      ended.push({ ...group.shown, state: 'over', updatedUnixMs: nowMs, endedUnixMs: nowMs });
    }
    return ended;
  }

  private isHeld({ group, findings, detectedMs }: Group, nowMs: number): boolean {
    const [type] = group.split('\n') as [FindingType];
    return [...findings].some(([subject, { foundMs }]) =>
      this.options.holds(type, subject, detectedMs, foundMs, nowMs),
    );
  }

  private show(group: Group, nowMs: number): InsightJson {
    const found = [...group.findings.values()].flatMap(({ finding }) => finding ?? []);
    if (found.length > 0) group.shown = patternInsight(group.id, found, group.detectedMs, nowMs);
    return group.shown;
  }

  private tell(key: string, unixMs: number): void {
    this.told.delete(key);
    this.told.set(key, unixMs);
    for (const oldest of this.told.keys()) {
      if (this.told.size <= MOST_TOLD) break;
      this.told.delete(oldest);
    }
  }
}
