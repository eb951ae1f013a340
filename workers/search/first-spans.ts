import type { Batch } from '../../proto/columns/index.ts';
import { idHex } from '../json/index.ts';

export interface FoundSpan {
  readonly batch: Batch<'traces'>;
  /** The caller's, for the batch. */
  readonly place: number;
  readonly row: number;
}

/** By start, then by id: as spans of a trace are answered. */
export function compareSpans(a: FoundSpan, b: FoundSpan): number {
  const [startOfA, startOfB] = [startOf(a), startOf(b)];
  if (startOfA !== startOfB) return startOfA < startOfB ? -1 : 1;
  const [idOfA, idOfB] = [spanIdOf(a), spanIdOf(b)];
  return idOfA < idOfB ? -1 : Number(idOfA > idOfB);
}

function startOf({ batch, row }: FoundSpan): bigint {
  return batch.columns.startTimeUnixNano[row] ?? 0n;
}

function spanIdOf({ batch, row }: FoundSpan): string {
  return idHex(batch.columns.spanId, 8, row);
}

/** The `limit` spans that start first; at most twice as many are held. Sorts only where there are more. */
export class FirstSpans {
  private readonly limit: number;
  private spans: FoundSpan[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  add(batch: Batch<'traces'>, place: number, row: number): void {
    this.spans.push({ batch, place, row });
    if (this.spans.length > 2 * this.limit) this.cut();
  }

  take(): { readonly places: Uint32Array; readonly rows: Uint32Array } {
    if (this.spans.length > this.limit) this.cut();
    return {
      places: Uint32Array.from(this.spans, ({ place }) => place),
      rows: Uint32Array.from(this.spans, ({ row }) => row),
    };
  }

  private cut(): void {
    this.spans = this.spans.sort(compareSpans).slice(0, this.limit);
  }
}
