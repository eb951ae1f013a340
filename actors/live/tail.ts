import type { ServiceBatch } from '../../proto/columns/index.ts';
import { TailRows } from './tail-rows.ts';
import type { TailFilter } from './tail-filter.ts';

/** At ten frames a second, more than anyone can read, and little for a browser. */
const MAX_ROWS_A_FRAME = 200;
/** Whoever comes back need not be told again that there was nothing: a frame without rows says how far it is. */
const QUIET_MS = 10_000;

/** What a tail has gathered since its last frame: the first rows that match, and a count of the others. */
export class Tail {
  readonly filter: TailFilter;
  /** The last arrival of which all is in frames that were taken. */
  through: number;
  private arrival: number;
  private takenMs: number;
  private rows: TailRows;
  private dropped = 0;

  /** Begins after `arrival`. */
  constructor(filter: TailFilter, arrival: number, nowMs: number) {
    this.filter = filter;
    this.through = arrival;
    this.arrival = arrival;
    this.takenMs = nowMs;
    this.rows = new TailRows(filter.topic.kind);
  }

  add(batches: readonly ServiceBatch[], arrival: number): void {
    this.arrival = arrival;
    for (const batch of batches) this.addBatch(batch);
  }

  /** The frame, and a new start; `undefined` when there is nothing to tell. */
  takeFrame(topicKey: string, nowMs: number, cursorAt: (arrival: number) => string): Uint8Array | undefined {
    const isEmpty = this.rows.length === 0 && this.dropped === 0;
    const hasMoved = this.arrival > this.through;
    if (isEmpty && !(hasMoved && nowMs - this.takenMs >= QUIET_MS)) return undefined;
    const frame = this.rows.frame({
      topicKey,
      sequence: String(nowMs),
      mode: 'change',
      dropped: String(this.dropped),
      cursor: cursorAt(this.arrival),
    });
    this.through = this.arrival;
    this.takenMs = nowMs;
    this.rows = new TailRows(this.filter.topic.kind);
    this.dropped = 0;
    return frame;
  }

  private addBatch(part: ServiceBatch): void {
    const mask = this.filter.select(part);
    if (!mask) return;
    for (let row = 0; row < part.batch.rowCount; row += 1) {
      if (mask[row] === 0) continue;
      if (this.rows.length < MAX_ROWS_A_FRAME) this.rows.add(part, row);
      else this.dropped += 1;
    }
  }
}
