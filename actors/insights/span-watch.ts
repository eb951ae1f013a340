import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import type { TakenCalls } from '../../workers/topology/index.ts';
import { tallyEdges, type SpanTally, type TalliedSeries } from '../../workers/watch/index.ts';
import { EventCells, type ClosedCell } from './event-cells.ts';
import type { CrowdedOut } from './insight-counters.ts';
import type { JudgeBatch } from './judge-batch.ts';
import { RecentMap } from './recent-map.ts';
import { RecentRate } from './recent-rate.ts';
import type { SeriesRegistry } from './series-registry.ts';
import type { SeriesIdentity, WatchedSeries } from './watched-series.ts';

/** Cells of requests and log records. */
export const EVENT_CELL_MS = 2_000;
/** More are counted and not watched: whoever sends names at random must not fill the memory. */
export const MOST_SERVICES = 5_000;
/** Operations of a service beyond so many are watched together. */
const MOST_OPERATIONS = 200;
/** Calls of a service to more than so many are watched as failures and durations alone. */
export const MOST_CALLEES = 200;
export const OTHER_OPERATIONS = '(other operations)';
const LONGEST_NAME = 300;

/** One of what a service does, with its series where these found a place. */
export interface WatchedOperation {
  readonly rate: RecentRate;
  /** Requests by start of a cell that is not complete, Unix ms. */
  readonly cells: Map<number, number>;
  readonly errors: WatchedSeries | undefined;
  readonly latency: WatchedSeries | undefined;
}

interface WatchedService {
  readonly service: ServiceKey;
  readonly cells: EventCells;
  /** By name, `OTHER_OPERATIONS` among them. */
  readonly operations: Map<string, WatchedOperation>;
  /** Whom it calls, by id. */
  readonly callees: RecentMap<string, Callee>;
}

interface Callee {
  readonly name: string;
  /** Whether the caller says that it calls it; else spans of both sides do. */
  readonly isNamed: boolean;
  /** Its own: of what both sides tell of nothing is known before the later one reports. */
  readonly cells: EventCells;
}

/** Requests, errors and latency of services, of operations, and of calls by whom they go to. */
export class SpanWatch {
  private readonly registry: SeriesRegistry;
  private readonly services = new RecentMap<ServiceId, WatchedService>(MOST_SERVICES);
  private readonly crowdedOut: CrowdedOut;

  constructor(registry: SeriesRegistry, crowdedOut: CrowdedOut) {
    this.registry = registry;
    this.crowdedOut = crowdedOut;
  }

  add(tally: SpanTally, batch: JudgeBatch, nowMs: number): void {
    for (const [index, series] of tally.series.entries()) {
      const id = serviceIdOf(series.service);
      const service = this.serviceOf(id, series.service, nowMs);
      if (service === undefined) this.crowdedOut.services += 1;
      else if (series.kind === 'service') {
        for (const [cell, requests] of cellsOf(tally, index)) service.cells.add(cell, requests, nowMs);
      } else {
        this.addCalls(tally, index, { id, service }, batch, nowMs);
      }
    }
  }

  /**
   * Requests of all services, of what each does where that is more than one thing, and its calls by whom they go to, in cells that are
   * complete, none too.
   */
  close(batch: JudgeBatch, nowMs: number): void {
    const add = (identity: SeriesIdentity, counts: readonly ClosedCell[]): void => {
      if (counts.length === 0) return;
      const series = this.registry.ensure(identity, nowMs);
      if (series === undefined) return;
      for (const { endMs, count } of counts) batch.addCount(series, endMs, count, EVENT_CELL_MS / 1_000);
    };
    for (const [serviceId, { service, cells, operations, callees }] of this.services.entries()) {
      const closed = cells.close(nowMs);
      const whole = requestsOf(serviceId, service);
      add(whole, closed);
      for (const [operation, { cells: open }] of operations) {
        const counts = take(open, closed);
        if (operations.size > 1) add({ ...whole, operation }, counts);
      }
      for (const [peer, { name, cells: calls }] of callees.entries()) {
        add({ ...whole, peer, peerName: name }, calls.close(nowMs, cells.lagMs));
      }
    }
  }

  /** What each service does, as far as it is watched. */
  *watched(): IterableIterator<
    readonly [ServiceId, { readonly service: ServiceKey; readonly operations: Iterable<WatchedOperation> }]
  > {
    for (const [id, { service, operations }] of this.services.entries()) {
      yield [id, { service, operations: operations.values() }];
    }
  }

  /** Nothing of any service comes for now: that says nothing of these. */
  pause(nowMs: number): void {
    for (const { cells, operations, callees } of this.services.values()) {
      cells.pass(nowMs);
      for (const { cells: open } of operations.values()) open.clear();
      for (const { cells: calls } of callees.values()) calls.pass(nowMs);
    }
  }

  /** Calls that only spans of both sides tell of; where not all of these are known how many came says nothing. */
  addUnnamed({ calls, isShort }: TakenCalls, batch: JudgeBatch, nowMs: number): void {
    this.add(tallyEdges(calls, EVENT_CELL_MS), batch, nowMs);
    if (!isShort) return;
    for (const { callees } of this.services.values()) {
      for (const { isNamed, cells } of callees.values()) if (!isNamed) cells.pass(nowMs);
    }
  }

  /** Services, and what they call, that were not seen for a day are forgotten: their requests would be counted, as none, for ever. */
  sweep(nowMs: number): void {
    this.services.sweep(nowMs);
    for (const { callees } of this.services.values()) callees.sweep(nowMs);
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
    if (identity.peer === '') {
      const { cells } = note(service, identity.operation, { errors, latency }, requests, nowMs);
      countIn(cells, service, cellsOf(tally, index), nowMs);
    } else {
      const make = (): Callee => ({
        ...{ name: identity.peerName, isNamed: series.peer?.type !== 'service' },
        cells: new EventCells(EVENT_CELL_MS),
      });
      const callee = service.callees.see(identity.peer, make, nowMs);
      for (const [cell, calls] of cellsOf(tally, index)) callee?.cells.add(cell, calls, nowMs);
    }
    if (errors) batch.addShare(errors, tally.errors[index] ?? 0, requests, nowMs);
    const [from, to] = [tally.durationOffsets[index] ?? 0, tally.durationOffsets[index + 1] ?? 0];
    if (latency) batch.addDurations(latency, tally, from, to, nowMs);
  }

  private serviceOf(id: ServiceId, service: ServiceKey, nowMs: number): WatchedService | undefined {
    const make = (): WatchedService => ({
      ...{
        service,
        cells: new EventCells(EVENT_CELL_MS),
        operations: new Map(),
        callees: new RecentMap(MOST_CALLEES),
      },
    });
    return this.services.see(id, make, nowMs);
  }
}

function identityOf(
  { kind, name, peer }: TalliedSeries,
  serviceId: ServiceId,
  { service, operations }: WatchedService,
): Omit<SeriesIdentity, 'test' | 'source' | 'signal' | 'name' | 'unit'> {
  const called = { service, serviceId, labels: {} };
  if (kind === 'peer') {
    // Ids of services are whole wherever they stand.
    const id = peer?.type === 'service' ? name : name.slice(0, LONGEST_NAME);
    return { ...called, operation: '', peer: id, peerName: peer?.name ?? id };
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
): WatchedOperation {
  const { rate, cells } = operations.get(operation) ?? {
    rate: new RecentRate(),
    cells: new Map<number, number>(),
  };
  rate.add(requests, nowMs);
  const noted = { ...series, rate, cells };
  operations.set(operation, noted);
  return noted;
}

/** As far as the cells of their service are open still. */
function countIn(
  open: Map<number, number>,
  { cells }: WatchedService,
  counts: Iterable<readonly [number, number]>,
  nowMs: number,
): void {
  for (const [cell, count] of counts) {
    if (cells.isOpen(cell, nowMs)) open.set(cell, (open.get(cell) ?? 0) + count);
  }
}

/** The counts of cells that are complete, which are open no more. */
function take(open: Map<number, number>, closed: readonly ClosedCell[]): readonly ClosedCell[] {
  const counts = closed.map((cell) => ({ ...cell, count: open.get(cell.startMs) ?? 0 }));
  for (const { startMs } of closed) open.delete(startMs);
  return counts;
}

/** Start, Unix ms, and requests of each. */
function* cellsOf(tally: SpanTally, index: number): IterableIterator<readonly [number, number]> {
  const to = tally.cellOffsets[index + 1] ?? 0;
  for (let at = tally.cellOffsets[index] ?? 0; at < to; at += 1) {
    yield [tally.cells[at] ?? Number.NaN, tally.cellRequests[at] ?? 0];
  }
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
