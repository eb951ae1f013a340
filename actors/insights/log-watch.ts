import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { LogCell, Severity } from '../../workers/watch/index.ts';
import { EventCells } from './event-cells.ts';
import type { CrowdedOut } from './insight-counters.ts';
import type { JudgeBatch } from './judge-batch.ts';
import { RecentMap } from './recent-map.ts';
import type { SeriesRegistry } from './series-registry.ts';
import { EVENT_CELL_MS, MOST_SERVICES } from './span-watch.ts';

interface SeverityCells {
  readonly service: ServiceKey;
  readonly serviceId: ServiceId;
  readonly severity: Severity;
  readonly cells: EventCells;
  /** For how long nothing of it came before; taken once. */
  silentSeconds: number;
}

/** Of all services together; more are counted and not watched. */
const MOST_SEVERITIES = 4 * MOST_SERVICES;

/** Records of services by severity. */
export class LogWatch {
  private readonly registry: SeriesRegistry;
  private readonly severities = new RecentMap<string, SeverityCells>(MOST_SEVERITIES);
  private readonly crowdedOut: CrowdedOut;

  constructor(registry: SeriesRegistry, crowdedOut: CrowdedOut) {
    this.registry = registry;
    this.crowdedOut = crowdedOut;
  }

  /** `firstSeenMs`: since when anything of a service was seen. */
  addCells(
    cells: readonly LogCell[],
    firstSeenMs: (service: ServiceId) => number | undefined,
    nowMs: number,
  ): void {
    for (const { service, severity, cellMs, count } of cells) {
      const serviceId = serviceIdOf(service);
      const make = (): SeverityCells => {
        const silentSeconds = Math.max(0, (cellMs - (firstSeenMs(serviceId) ?? cellMs)) / 1_000);
        return { service, serviceId, severity, cells: new EventCells(EVENT_CELL_MS), silentSeconds };
      };
      const known = this.severities.see(`${serviceId} ${severity}`, make, nowMs);
      if (known === undefined) this.crowdedOut.services += 1;
      else known.cells.add(cellMs, count, nowMs);
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

  /** Nothing of any service comes for now: that says nothing of these. */
  pause(nowMs: number): void {
    for (const { cells } of this.severities.values()) cells.pass(nowMs);
  }

  /** What was not logged for a day is forgotten: it would be counted, as none, for ever. */
  sweep(nowMs: number): void {
    this.severities.sweep(nowMs);
  }
}
