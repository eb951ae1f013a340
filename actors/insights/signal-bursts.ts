import { serviceIdOf, type ServiceId, type ServiceKey } from '../../proto/columns/index.ts';
import { BurstRecorder, type Recurrence } from '../../workers/kernels/recurrence/index.ts';
import type { SpanTally } from '../../workers/watch/index.ts';
import type { KeptSignal } from '../ports/index.ts';
import { CountCells } from './count-cells.ts';

/** Requests of a service, or those that failed, as far as they come in bursts. */
export interface BurstingSignal {
  readonly key: string;
  readonly service: ServiceKey;
  readonly serviceId: ServiceId;
  readonly signal: 'requests' | 'errors';
  readonly sinceMs: number;
  readonly cells: CountCells;
  readonly bursts: BurstRecorder;
  recurrence: Recurrence | undefined;
}

const MOST_SIGNALS = 4_000;

/** Bursts of requests and failures of services, by the time at which they arrive. */
export class SignalBursts {
  private readonly signals = new Map<string, BurstingSignal>();
  private readonly begun = new Set<string>();

  add(tally: SpanTally, nowMs: number): void {
    for (const [index, { kind, service }] of tally.series.entries()) {
      if (kind !== 'service') continue;
      this.count(service, 'requests', tally.requests[index] ?? 0, nowMs);
      this.count(service, 'errors', tally.errors[index] ?? 0, nowMs);
    }
  }

  find(key: string): BurstingSignal | undefined {
    return this.signals.get(key);
  }

  all(): Iterable<BurstingSignal> {
    return this.signals.values();
  }

  /** Those of which a burst began since they were taken; at most so many. */
  takeBegun(most: number): readonly BurstingSignal[] {
    const taken = [...this.begun].slice(0, most);
    for (const key of taken) this.begun.delete(key);
    return taken.flatMap((key) => this.signals.get(key) ?? []);
  }

  export(): readonly KeptSignal[] {
    return [...this.signals.values()].map(({ service, signal, sinceMs, cells, bursts }) => {
      return { service, signal, sinceMs, cells: cells.export(), bursts: bursts.export() };
    });
  }

  /** Goes on with what was known; signals that were heard of since stay as they are. */
  restore(kept: readonly KeptSignal[]): void {
    for (const { service, signal, sinceMs, cells, bursts } of kept) {
      const key = keyOf(serviceIdOf(service), signal);
      if (this.signals.has(key)) continue;
      const restored = this.ensure(service, signal, sinceMs, BurstRecorder.import(bursts));
      restored?.cells.addAll(cells);
      if (bursts.times.length > 0) this.begun.add(key);
    }
  }

  private count(service: ServiceKey, signal: BurstingSignal['signal'], count: number, nowMs: number): void {
    const known =
      this.signals.get(keyOf(serviceIdOf(service), signal)) ?? this.ensure(service, signal, nowMs);
    if (known === undefined) return;
    known.cells.add(nowMs, count);
    if (known.bursts.add(nowMs, count)) this.begun.add(known.key);
  }

  private ensure(
    service: ServiceKey,
    signal: BurstingSignal['signal'],
    sinceMs: number,
    bursts = new BurstRecorder(),
  ): BurstingSignal | undefined {
    if (this.signals.size >= MOST_SIGNALS) return undefined;
    const serviceId = serviceIdOf(service);
    const key = keyOf(serviceId, signal);
    const made = {
      ...{ key, service, serviceId, signal, sinceMs, bursts },
      ...{ cells: new CountCells(), recurrence: undefined },
    };
    this.signals.set(key, made);
    return made;
  }
}

function keyOf(serviceId: ServiceId, signal: BurstingSignal['signal']): string {
  return [serviceId, 'recurrence', signal].join('\n');
}
