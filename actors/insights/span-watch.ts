import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { SpanTally, TalliedSeries } from '../../workers/watch/index.ts';
import { EventCells } from './event-cells.ts';
import type { JudgeBatch } from './judge-batch.ts';
import { RecentRate } from './recent-rate.ts';
import type { SeriesRegistry } from './series-registry.ts';
import type { SeriesIdentity, WatchedSeries } from './watched-series.ts';

/** Cells of requests and log records. */
export const EVENT_CELL_MS = 2_000;
/** More are not watched: whoever sends names at random must not fill the memory. */
const MOST_SERVICES = 5_000;
/** Operations of a service beyond so many are watched together. */
const MOST_OPERATIONS = 200;
export const OTHER_OPERATIONS = '(other operations)';
const LONGEST_NAME = 300;

/** One of what a service does, with its series where these found a place. */
export interface WatchedOperation {
  readonly rate: RecentRate;
  readonly errors: WatchedSeries | undefined;
  readonly latency: WatchedSeries | undefined;
}

interface WatchedService {
  readonly service: ServiceKey;
  readonly cells: EventCells;
  /** By name, `OTHER_OPERATIONS` among them. */
  readonly operations: Map<string, WatchedOperation>;
}

/** Requests, errors and latency of services, operations and calls to what sends no spans. */
export class SpanWatch {
  private readonly registry: SeriesRegistry;
  private readonly services = new Map<ServiceId, WatchedService>();

  constructor(registry: SeriesRegistry) {
    this.registry = registry;
  }

  add(tally: SpanTally, batch: JudgeBatch, nowMs: number): void {
    for (const [index, series] of tally.series.entries()) {
      const id = serviceIdOf(series.service);
      const service = this.serviceOf(id, series.service);
      if (service === undefined) continue;
      if (series.kind === 'service') {
        const to = tally.cellOffsets[index + 1] ?? 0;
        for (let at = tally.cellOffsets[index] ?? 0; at < to; at += 1) {
          service.cells.add(tally.cells[at] ?? NaN, tally.cellRequests[at] ?? 0, nowMs);
        }
      } else {
        this.addCalls(tally, index, { id, service }, batch, nowMs);
      }
    }
  }

  /** Requests of all services in cells that are complete, none too. */
  close(batch: JudgeBatch, nowMs: number): void {
    for (const [serviceId, { service, cells }] of this.services) {
      const closed = cells.close(nowMs);
      if (closed.length === 0) continue;
      const series = this.registry.ensure(requestsOf(serviceId, service), nowMs);
      if (series === undefined) continue;
      for (const { endMs, count } of closed) {
        batch.addCount(series, endMs, count, EVENT_CELL_MS / 1_000);
      }
    }
  }

  /** What each service does, as far as it is watched. */
  *watched(): IterableIterator<
    readonly [ServiceId, { readonly service: ServiceKey; readonly operations: Iterable<WatchedOperation> }]
  > {
    for (const [id, { service, operations }] of this.services) {
      yield [id, { service, operations: operations.values() }];
    }
  }

  /** Nothing of any service comes for now: that says nothing of these. */
  pause(nowMs: number): void {
    for (const { cells } of this.services.values()) cells.pass(nowMs);
  }

  private addCalls(
    tally: SpanTally,
    index: number,
    { id, service }: { readonly id: ServiceId; readonly service: WatchedService },
    batch: JudgeBatch,
    nowMs: number,
  ): void {
    const series = tally.series[index];
    if (series === undefined) return;
    const identity = identityOf(series, id, service);
    const errors = this.registry.ensure(
      { ...identity, test: 'share', source: 'spans', signal: 'errors', name: 'errors', unit: '1' },
      nowMs,
    );
    const latency = this.registry.ensure(
      { ...identity, test: 'durations', source: 'spans', signal: 'latency', name: 'latency', unit: 'ns' },
      nowMs,
    );
    const requests = tally.requests[index] ?? 0;
    if (identity.peer === '') note(service, identity.operation, { errors, latency }, requests, nowMs);
    if (errors) batch.addShare(errors, tally.errors[index] ?? 0, requests, nowMs);
    const [from, to] = [tally.durationOffsets[index] ?? 0, tally.durationOffsets[index + 1] ?? 0];
    if (latency) batch.addDurations(latency, tally, from, to, nowMs);
  }

  private serviceOf(id: ServiceId, service: ServiceKey): WatchedService | undefined {
    let known = this.services.get(id);
    if (known === undefined && this.services.size < MOST_SERVICES) {
      known = { service, cells: new EventCells(EVENT_CELL_MS), operations: new Map() };
      this.services.set(id, known);
    }
    return known;
  }
}

function identityOf(
  { kind, name, peer }: TalliedSeries,
  serviceId: ServiceId,
  { service, operations }: WatchedService,
): Omit<SeriesIdentity, 'test' | 'source' | 'signal' | 'name' | 'unit'> {
  const called = { service, serviceId, labels: {} };
  if (kind === 'peer') {
    const id = name.slice(0, LONGEST_NAME);
    return { ...called, operation: '', peer: id, peerName: peer?.name.slice(0, LONGEST_NAME) ?? id };
  }
  const own = name.slice(0, LONGEST_NAME);
  const isNamed = operations.has(own) || operations.size < MOST_OPERATIONS;
  return { ...called, operation: isNamed ? own : OTHER_OPERATIONS, peer: '', peerName: '' };
}

function note(
  { operations }: WatchedService,
  operation: string,
  series: Pick<WatchedOperation, 'errors' | 'latency'>,
  requests: number,
  nowMs: number,
): void {
  const rate = operations.get(operation)?.rate ?? new RecentRate();
  rate.add(requests, nowMs);
  operations.set(operation, { ...series, rate });
}

/** All requests of a service, as they are watched. */
export function requestsOf(serviceId: ServiceId, service: ServiceKey): SeriesIdentity {
  const none = { operation: '', peer: '', peerName: '', labels: {} };
  return {
    service,
    serviceId,
    test: 'count',
    source: 'spans',
    signal: 'requests',
    name: 'requests',
    unit: '{request}/s',
    ...none,
  };
}
