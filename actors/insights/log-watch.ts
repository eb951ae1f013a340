import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import { PatternStatistics } from '../../workers/kernels/log-patterns/index.ts';
import type { LogCell, SeenPattern, Severity } from '../../workers/watch/index.ts';
import { EventCells } from './event-cells.ts';
import type { JudgeBatch } from './judge-batch.ts';
import { SeriesHistory } from './series-history.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { EVENT_CELL_MS } from './span-watch.ts';

const MOST_PATTERNS = 4_096;

interface SeverityCells {
  readonly service: ServiceKey;
  readonly serviceId: ServiceId;
  readonly severity: Severity;
  readonly cells: EventCells;
  /** For how long nothing of it came before; taken once. */
  silentSeconds: number;
}

/** A pattern as a service logs it. */
export interface WatchedPattern extends SeenPattern {
  readonly serviceId: ServiceId;
  readonly firstMs: number;
  readonly history: SeriesHistory;
}

/** Records of services by severity, and by pattern. */
export class LogWatch {
  private readonly registry: SeriesRegistry;
  private readonly severities = new Map<string, SeverityCells>();
  /** In order of the last record. */
  private readonly patterns = new Map<string, WatchedPattern>();
  readonly statistics = new PatternStatistics({ mostPatterns: MOST_PATTERNS });

  constructor(registry: SeriesRegistry) {
    this.registry = registry;
  }

  /** `firstSeenMs`: since when anything of a service was seen. */
  addCells(
    cells: readonly LogCell[],
    firstSeenMs: (service: ServiceId) => number | undefined,
    nowMs: number,
  ): void {
    for (const { service, severity, cellMs, count } of cells) {
      const serviceId = serviceIdOf(service);
      const key = `${serviceId} ${severity}`;
      let known = this.severities.get(key);
      if (known === undefined) {
        const silentSeconds = Math.max(0, (cellMs - (firstSeenMs(serviceId) ?? cellMs)) / 1_000);
        known = { service, serviceId, severity, cells: new EventCells(EVENT_CELL_MS), silentSeconds };
        this.severities.set(key, known);
      }
      known.cells.add(cellMs, count, nowMs);
    }
  }

  addPatterns(patterns: readonly SeenPattern[], nowMs: number): void {
    for (const seen of patterns) {
      const serviceId = serviceIdOf(seen.service);
      const key = patternKey(serviceId, seen.pattern);
      const known = this.patterns.get(key);
      const kept = known ?? { ...seen, serviceId, firstMs: nowMs, history: new SeriesHistory() };
      kept.template = seen.template;
      if (known !== undefined) kept.count += seen.count;
      // Back to the end: those longest unseen are first.
      this.patterns.delete(key);
      this.patterns.set(key, kept);
      kept.history.addUp(nowMs, seen.count);
      this.statistics.observe(key, nowMs, seen.count);
    }
    for (const key of this.patterns.keys()) {
      if (this.patterns.size <= MOST_PATTERNS) break;
      this.patterns.delete(key);
    }
  }

  close(batch: JudgeBatch, nowMs: number): void {
    for (const known of this.severities.values()) {
      const closed = known.cells.close(nowMs);
      if (closed.length === 0) continue;
      const { service, serviceId, severity } = known;
      const none = { operation: '', peer: '', peerName: '' };
      const labels = { severity };
      const series = this.registry.ensure(
        {
          service,
          serviceId,
          test: 'count',
          source: 'logs',
          signal: 'logs',
          name: 'logs',
          unit: '{record}/s',
          labels,
          ...none,
        },
        nowMs,
      );
      if (series === undefined) continue;
      for (const { endMs, count } of closed) {
        batch.addCount(series, endMs, count, EVENT_CELL_MS / 1_000, known.silentSeconds);
        known.silentSeconds = 0;
      }
    }
  }

  find(key: string): WatchedPattern | undefined {
    return this.patterns.get(key);
  }

  allPatterns(): Iterable<WatchedPattern> {
    return this.patterns.values();
  }

  ofService(serviceId: ServiceId): readonly WatchedPattern[] {
    return [...this.patterns.values()].filter((pattern) => pattern.serviceId === serviceId);
  }

  /** Nothing of any service comes for now: that says nothing of these. */
  pause(nowMs: number): void {
    for (const { cells } of this.severities.values()) cells.pass(nowMs);
  }

  forget(isWatched: (id: ServiceId) => boolean): void {
    for (const [key, { serviceId }] of this.severities) {
      if (!isWatched(serviceId)) this.severities.delete(key);
    }
  }
}

export function patternKey(serviceId: string, pattern: string): string {
  return `${serviceId} ${pattern}`;
}
