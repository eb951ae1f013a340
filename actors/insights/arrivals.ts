import { serviceIdOf, SIGNALS, type ServiceId } from '../../proto/columns/index.ts';
import type { PendingBatches } from './pending-batches.ts';
import type { SilenceWatch } from './silence-watch.ts';

const MOST_SERVICES = 20_000;

/** Who sends something at all, and since when. */
export class Arrivals {
  private readonly silence: SilenceWatch;
  private readonly first = new Map<ServiceId, number>();

  constructor(silence: SilenceWatch) {
    this.silence = silence;
  }

  note(parts: ReturnType<PendingBatches['take']>, nowMs: number): void {
    for (const signal of SIGNALS) {
      for (const { service } of parts[signal]) {
        const id = serviceIdOf(service);
        this.silence.arrived(service, id, signal === 'metrics', nowMs);
        if (!this.first.has(id) && this.first.size < MOST_SERVICES) this.first.set(id, nowMs);
      }
    }
  }

  /** When something of a service came first, Unix ms. */
  firstMs(id: ServiceId): number | undefined {
    return this.first.get(id);
  }
}
