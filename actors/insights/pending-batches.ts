import { SIGNALS, type ServiceBatch, type Signal } from '../../proto/columns/index.ts';
import type { ScanPart } from '../../workers/pool/index.ts';

/** Batches of a signal that wait for the next tick: references, but they keep their memory from being freed. */
const MOST_BATCHES = 20_000;
const MOST_BYTES = 128 * 2 ** 20;

/** What came since the last tick. */
export class PendingBatches {
  private readonly parts: Record<Signal, ScanPart[]> = { traces: [], metrics: [], logs: [] };
  private bytes = 0;
  private lost = new Set<Signal>();
  dropped = 0;

  add(segment: number, batches: readonly ServiceBatch[]): void {
    for (const { service, batch } of batches) {
      const parts = this.parts[batch.signal];
      if (parts.length >= MOST_BATCHES || this.bytes >= MOST_BYTES) {
        this.dropped += 1;
        this.lost.add(batch.signal);
        continue;
      }
      this.bytes += batch.buffer.byteLength;
      parts.push({ segment, service, batch });
    }
  }

  /** `lost`: signals of which something came that found no place. */
  take(): Readonly<Record<Signal, readonly ScanPart[]>> & { readonly lost: Set<Signal> } {
    const taken = { ...this.parts, lost: this.lost };
    for (const signal of SIGNALS) this.parts[signal] = [];
    this.lost = new Set();
    this.bytes = 0;
    return taken;
  }
}
