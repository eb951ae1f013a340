import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import {
  PatternStatistics,
  type PatternActivity,
  type PatternMerge,
} from '../../workers/kernels/log-patterns/index.ts';
import { BurstRecorder, type Recurrence } from '../../workers/kernels/recurrence/index.ts';
import { SEVERITIES, type SeenPattern, type Severity } from '../../workers/watch/index.ts';
import type { KeptLogService, KeptPattern } from '../ports/index.ts';
import { CountCells } from './count-cells.ts';
import { SeriesHistory } from './series-history.ts';

const MOST_PATTERNS = 4_096;
const MOST_SERVICES = 4_096;
const MOST_EXAMPLES = 3;
/** Of 10 s each: a pattern is new for half an hour, where its service was watched for five minutes before. */
const NEW_BUCKETS = 180;
const LEARNING_BUCKETS = 30;

/** A pattern as a service logs it. */
export interface WatchedPattern {
  readonly key: string;
  readonly service: ServiceKey;
  readonly serviceId: ServiceId;
  readonly pattern: string;
  template: string;
  isCut: boolean;
  /** The worst of its records. */
  severity: Severity;
  fingerprint: string;
  frames: readonly string[];
  /** Of this service alone: others may not be for whoever sees it. */
  readonly examples: string[];
  count: number;
  firstMs: number;
  lastMs: number;
  /** Of the service, before its first one. */
  recordsBefore: number;
  readonly history: SeriesHistory;
  readonly cells: CountCells;
  readonly bursts: BurstRecorder;
  recurrence: Recurrence | undefined;
}

/** What a service logs altogether: text records whose pattern is known. */
export interface WatchedLogs {
  readonly service: ServiceKey;
  sinceMs: number;
  records: number;
  readonly cells: CountCells;
}

/** Patterns of services over time, a bounded number: those longest unseen are forgotten. */
export class PatternWatch {
  /** In order of the last record. */
  private readonly patterns = new Map<string, WatchedPattern>();
  private readonly services = new Map<ServiceId, WatchedLogs>();
  private readonly statistics = new PatternStatistics({
    mostPatterns: MOST_PATTERNS,
    newBuckets: NEW_BUCKETS,
    learningBuckets: LEARNING_BUCKETS,
  });
  /** Patterns of which a burst began since they were taken. */
  private begun = new Set<string>();

  add(seen: readonly SeenPattern[], merges: readonly PatternMerge[], nowMs: number): void {
    const since = new Map<ServiceId, number>();
    for (const each of seen) {
      const serviceId = serviceIdOf(each.service);
      const logs = this.logsOf(serviceId, each.service, nowMs);
      // Those of one tick came together.
      const before = since.get(serviceId) ?? logs?.records ?? 0;
      since.set(serviceId, before);
      this.addOne(each, serviceId, before, nowMs);
      if (logs === undefined) continue;
      logs.records += each.count;
      logs.cells.add(nowMs, each.count);
    }
    if (merges.length > 0) this.merge(merges);
    this.forgetOldest();
  }

  /** Templates that the miner gave up have no more records: whoever kept them would take them for gone. */
  retain(patterns: ReadonlySet<string>): void {
    for (const [key, { pattern }] of this.patterns) if (!patterns.has(pattern)) this.drop(key);
    const logging = new Set([...this.patterns.values()].map(({ serviceId }) => serviceId));
    for (const id of this.services.keys()) if (!logging.has(id)) this.services.delete(id);
  }

  find(key: string): WatchedPattern | undefined {
    return this.patterns.get(key);
  }

  all(): Iterable<WatchedPattern> {
    return this.patterns.values();
  }

  get size(): number {
    return this.patterns.size;
  }

  logs(serviceId: ServiceId): WatchedLogs | undefined {
    return this.services.get(serviceId);
  }

  activity(key: string, nowMs: number): PatternActivity | undefined {
    const pattern = this.patterns.get(key);
    const sinceMs = pattern && this.services.get(pattern.serviceId)?.sinceMs;
    return this.statistics.activity(key, nowMs, sinceMs);
  }

  /** At most so many; the others are taken the next time. */
  takeBegun(most: number): readonly WatchedPattern[] {
    const taken: WatchedPattern[] = [];
    for (const key of this.begun) {
      if (taken.length >= most) break;
      this.begun.delete(key);
      const pattern = this.patterns.get(key);
      if (pattern !== undefined) taken.push(pattern);
    }
    return taken;
  }

  export(): { readonly services: readonly KeptLogService[]; readonly patterns: readonly KeptPattern[] } {
    const services = [...this.services.values()].map(({ service, sinceMs, records, cells }) => {
      return { service, sinceMs, records, cells: cells.export() };
    });
    const patterns: KeptPattern[] = [];
    for (const [key, watched] of this.patterns) {
      const activity = this.statistics.stateOf(key);
      if (activity === undefined) continue;
      const { service, pattern, template, isCut, severity, fingerprint, frames, examples } = watched;
      patterns.push({
        ...{ service, pattern, template, isCut, severity, fingerprint, frames, examples: [...examples] },
        ...{ count: watched.count, firstMs: watched.firstMs, lastMs: watched.lastMs },
        ...{ recordsBefore: watched.recordsBefore, activity },
        cells: watched.cells.export(),
        bursts: watched.bursts.export(),
      });
    }
    return { services, patterns };
  }

  /** Goes on with what was known. What came before it was read is added to it. */
  restore(services: readonly KeptLogService[], patterns: readonly KeptPattern[]): void {
    for (const { service, sinceMs, records, cells } of services) {
      const logs = this.logsOf(serviceIdOf(service), service, sinceMs);
      if (logs === undefined) continue;
      logs.sinceMs = Math.min(logs.sinceMs, sinceMs);
      logs.records += records;
      logs.cells.addAll(cells);
    }
    const young = [...this.patterns.values()];
    this.patterns.clear();
    for (const kept of patterns.slice(-MOST_PATTERNS)) this.restoreOne(kept);
    for (const pattern of young) this.takeOver(pattern.key, pattern);
    this.forgetOldest();
  }

  private restoreOne(kept: KeptPattern): void {
    const serviceId = serviceIdOf(kept.service);
    const key = patternKey(serviceId, kept.pattern);
    const { activity, cells, bursts, ...known } = kept;
    const restored: WatchedPattern = {
      ...known,
      ...{ key, serviceId, examples: [...kept.examples], recurrence: undefined },
      ...{ history: new SeriesHistory(), cells: new CountCells(), bursts: BurstRecorder.import(bursts) },
    };
    restored.cells.addAll(cells);
    this.patterns.set(key, restored);
    this.statistics.restore(key, activity);
    if (restored.bursts.times.length > 0) this.begun.add(key);
  }

  private addOne(seen: SeenPattern, serviceId: ServiceId, recordsBefore: number, nowMs: number): void {
    const key = patternKey(serviceId, seen.pattern);
    const pattern = this.patterns.get(key) ?? watch(seen, serviceId, key, recordsBefore, nowMs);
    pattern.template = seen.template;
    pattern.isCut ||= seen.isCut;
    pattern.severity = worse(pattern.severity, seen.severity);
    if (pattern.fingerprint === '') [pattern.fingerprint, pattern.frames] = [seen.fingerprint, seen.frames];
    if (pattern.examples.length < MOST_EXAMPLES && !pattern.examples.includes(seen.example)) {
      pattern.examples.push(seen.example);
    }
    pattern.count += seen.count;
    pattern.lastMs = nowMs;
    pattern.history.addUp(nowMs, seen.count);
    pattern.cells.add(nowMs, seen.count);
    if (pattern.bursts.add(nowMs, seen.count)) this.begun.add(key);
    this.statistics.observe(key, nowMs, seen.count);
    // Back to the end: those longest unseen are first.
    this.patterns.delete(key);
    this.patterns.set(key, pattern);
  }

  private merge(merges: readonly PatternMerge[]): void {
    const into = new Map(merges.map((merge) => [merge.from, merge.into]));
    for (const pattern of [...this.patterns.values()]) {
      let id = pattern.pattern;
      for (let steps = 0; steps < merges.length; steps += 1) {
        const next = into.get(id);
        if (next === undefined) break;
        id = next;
      }
      if (id === pattern.pattern) continue;
      this.patterns.delete(pattern.key);
      this.begun.delete(pattern.key);
      this.takeOver(patternKey(pattern.serviceId, id), { ...pattern, pattern: id });
    }
  }

  /** What was counted of `from` is of the pattern `key`, which may be new. */
  private takeOver(key: string, from: WatchedPattern): void {
    if (from.key !== key) this.statistics.merge(from.key, key);
    const known = this.patterns.get(key);
    if (known === undefined) {
      this.patterns.set(key, { ...from, key });
      return;
    }
    known.severity = worse(known.severity, from.severity);
    known.count += from.count;
    known.firstMs = Math.min(known.firstMs, from.firstMs);
    known.lastMs = Math.max(known.lastMs, from.lastMs);
    known.recordsBefore = Math.min(known.recordsBefore, from.recordsBefore);
    known.cells.addAll(from.cells.export());
    known.examples.push(...from.examples.filter((example) => !known.examples.includes(example)));
    known.examples.splice(MOST_EXAMPLES);
    if (known.fingerprint === '') [known.fingerprint, known.frames] = [from.fingerprint, from.frames];
  }

  private logsOf(serviceId: ServiceId, service: ServiceKey, sinceMs: number): WatchedLogs | undefined {
    let logs = this.services.get(serviceId);
    if (logs === undefined && this.services.size < MOST_SERVICES) {
      logs = { service, sinceMs, records: 0, cells: new CountCells() };
      this.services.set(serviceId, logs);
    }
    return logs;
  }

  private forgetOldest(): void {
    for (const key of this.patterns.keys()) {
      if (this.patterns.size <= MOST_PATTERNS) break;
      this.drop(key);
    }
  }

  private drop(key: string): void {
    this.patterns.delete(key);
    this.statistics.forget(key);
    this.begun.delete(key);
  }
}

export function patternKey(serviceId: string, pattern: string): string {
  return `${serviceId} ${pattern}`;
}

/** What feedback on a pattern is kept under. */
export function subjectOf({ serviceId, pattern }: Pick<WatchedPattern, 'serviceId' | 'pattern'>): string {
  return [serviceId, 'pattern', pattern].join('\n');
}

function watch(
  seen: SeenPattern,
  serviceId: ServiceId,
  key: string,
  recordsBefore: number,
  nowMs: number,
): WatchedPattern {
  const { service, pattern, template, isCut, severity, fingerprint, frames } = seen;
  return {
    ...{ key, service, serviceId, pattern, template, isCut, severity, fingerprint, frames },
    ...{ examples: [], count: 0, firstMs: nowMs, lastMs: nowMs, recordsBefore, recurrence: undefined },
    ...{ history: new SeriesHistory(), cells: new CountCells(), bursts: new BurstRecorder() },
  };
}

function worse(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other;
}
