import type { AnyBatch, Batch, Signal } from '../../proto/columns/index.ts';

/** A batch in a window, with the journal segment that keeps it until the archive has it. */
export interface WindowPart<S extends Signal = Signal> {
  readonly segment: number;
  readonly batch: Batch<S>;
  /** Of the batch's first item, among those of its signal in the segment. */
  readonly firstOrdinal: number;
}

/** Rolling window of one service: its batches by signal, in order of arrival. */
export class Window {
  private readonly parts: { [S in Signal]: WindowPart<S>[] } = { traces: [], metrics: [], logs: [] };

  append(segment: number, batch: AnyBatch, firstOrdinal: number): void {
    // Sound: `signal` picks the array of the batch's own type; TypeScript does not follow the correlation.
    (this.parts[batch.signal] as WindowPart[]).push({ segment, batch, firstOrdinal });
  }

  /** The parts as they are now; batches never change, so the answer may be read at leisure. */
  snapshot<S extends Signal>(signal: S): readonly WindowPart<S>[] {
    return [...this.parts[signal]];
  }

  /** Drops all that came with these segments. */
  evict(segments: ReadonlySet<number>): void {
    for (const signal of ['traces', 'metrics', 'logs'] as const) {
      const parts = this.parts[signal] as WindowPart[];
      const kept = parts.filter(({ segment }) => !segments.has(segment));
      if (kept.length < parts.length) (this.parts[signal] as WindowPart[]) = kept;
    }
  }
}
