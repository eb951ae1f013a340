import type { AnyBatch, DictionarySnapshot } from '../../proto/columns/index.ts';
import type { Joined } from '../service/index.ts';

interface SegmentShare {
  readonly segment: number;
  bytes: number;
  items: number;
  /** Unix ms at which its newest batch came. */
  newestMs: number;
  /** Of its newest batch. */
  arrival: number;
}

interface GenerationShare {
  readonly segment: SegmentShare;
  readonly bytes: number;
}

export interface WindowBudgetOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** What is not archived cannot be had again: it never leaves, and senders have to wait instead. */
  readonly keepsUnarchived?: boolean;
}

/** What a batch takes beside its columns: measured 0.5 to 0.8 KB, and 1.7 KB more once a thread knows of it (`decisions/0011`). */
const BATCH_BYTES = 2_560;

/** Of all the windows may have, a second. */
const RELAX_SHARE = 0.02;

/**
 * What all windows together hold, by journal segment, and what the archive borrows beside them. Oldest go first, a
 * whole segment at a time: archived ones when they are too old or all is too much, others only when all is too much,
 * and then their items wait in the journal.
 */
export class WindowBudget {
  private readonly options: WindowBudgetOptions;
  private segments: SegmentShare[] = [];
  /** A generation of dictionaries lives as long as the newest segment that refers to it. */
  private readonly generations = new Map<number, GenerationShare>();
  /** Items by segment: neither in a window nor archived. */
  private readonly waiting = new Map<number, number>();
  private archivedThrough = 0;
  private newestGone = 0;
  private pinned: number | undefined;
  private borrowedBytes = 0;
  private windowBytes = 0;
  /** Below `maxBytes` while the process is short of memory. */
  private limitBytes: number;

  constructor(options: WindowBudgetOptions) {
    this.options = options;
    this.limitBytes = options.maxBytes;
  }

  get usedBytes(): number {
    return this.windowBytes + this.borrowedBytes;
  }

  get maxBytes(): number {
    return this.options.maxBytes;
  }

  /** Items that are durable, but neither in a window nor archived yet: no query finds them. */
  get waitingItems(): number {
    let items = 0;
    for (const count of this.waiting.values()) items += count;
    return items;
  }

  /** The newest arrival of which the windows lack something: what came after it is all there. */
  get goneThrough(): number {
    return this.newestGone;
  }

  /** Nothing more fits and nothing may leave: the receivers have to push back. */
  get isFull(): boolean {
    return (
      this.options.keepsUnarchived === true &&
      this.usedBytes >= this.limitBytes &&
      (this.segments[0]?.segment ?? 0) > this.archivedThrough
    );
  }

  add(segment: number, batch: AnyBatch, nowMs: number, arrival = 0): void {
    let share = this.segments.at(-1);
    if (share?.segment !== segment) share = this.segments.find((each) => each.segment === segment);
    if (!share) {
      share = { segment, bytes: 0, items: 0, newestMs: nowMs, arrival };
      this.segments.push(share);
      this.segments.sort((a, b) => a.segment - b.segment);
    }
    this.charge(share, this.sizeOf(batch));
    this.chargeDictionary(share, batch.dictionary);
    share.items += batch.rowCount;
    share.newestMs = nowMs;
    share.arrival = arrival;
  }

  /** Batches of a segment became fewer, and their columns took less. */
  joined({ segment, fewerParts, fewerBytes }: Joined): void {
    const share = this.segments.find((each) => each.segment === segment);
    if (share) this.charge(share, -(fewerParts * BATCH_BYTES + fewerBytes));
  }

  archived(through: number): void {
    this.archivedThrough = Math.max(this.archivedThrough, through);
    for (const segment of this.waiting.keys()) {
      if (segment <= this.archivedThrough) this.waiting.delete(segment);
    }
  }

  /** Items that go into the archive without having been in a window. */
  passedOver(segment: number, items: number, arrival = 0): void {
    this.newestGone = Math.max(this.newestGone, arrival);
    if (segment > this.archivedThrough) this.waiting.set(segment, (this.waiting.get(segment) ?? 0) + items);
  }

  /** The process has so much too much: it has to leave the windows, whatever they were promised. */
  squeeze(excessBytes: number): void {
    this.limitBytes = Math.max(0, Math.min(this.limitBytes, this.usedBytes) - excessBytes);
  }

  /** Once a second, while memory is not short: the windows grow again. */
  relax(): void {
    this.limitBytes = Math.min(this.options.maxBytes, this.limitBytes + this.options.maxBytes * RELAX_SHARE);
  }

  /** Whether a window has something of this segment. */
  holds(segment: number): boolean {
    return this.segments.some((share) => share.segment === segment);
  }

  /** The archive holds the batches of this segment: evicting it would free nothing. */
  pin(segment: number | undefined): void {
    this.pinned = segment;
  }

  /** Memory that the archive takes for batches of its own; negative when it is given back. */
  borrow(bytes: number): void {
    this.borrowedBytes += bytes;
  }

  /** What a batch counts for, its dictionary left out. */
  sizeOf(batch: AnyBatch): number {
    return batch.buffer.byteLength + BATCH_BYTES;
  }

  /** Segments that have to leave now, taken off the account. */
  takeEvictable(nowMs: number): readonly number[] {
    const evicted: number[] = [];
    const oldest = this.segments[0];
    // On every append: mostly there is nothing to do.
    if (!oldest || (oldest.segment !== this.pinned && !this.mustLeave(oldest, nowMs))) return evicted;
    this.segments = this.segments.filter((share) => {
      if (!this.mustLeave(share, nowMs)) return true;
      evicted.push(share.segment);
      this.windowBytes -= share.bytes;
      this.passedOver(share.segment, share.items, share.arrival);
      return false;
    });
    if (evicted.length > 0) this.forgetGenerations();
    return evicted;
  }

  private mustLeave({ segment, newestMs }: SegmentShare, nowMs: number): boolean {
    const isTooMuch = this.usedBytes > this.limitBytes;
    if (segment <= this.archivedThrough) return isTooMuch || nowMs - newestMs > this.options.maxAgeMs;
    return isTooMuch && this.options.keepsUnarchived !== true && segment !== this.pinned;
  }

  private charge(share: SegmentShare, bytes: number): void {
    share.bytes += bytes;
    this.windowBytes += bytes;
  }

  private chargeDictionary(share: SegmentShare, { id, tables }: DictionarySnapshot): void {
    let bytes = 0;
    for (const table of Object.values(tables)) bytes += table.bytes.byteLength + table.offsets.byteLength;
    const known = this.generations.get(id);
    if (known?.segment === share && known.bytes >= bytes) return;
    const owner = known && known.segment.segment > share.segment ? known.segment : share;
    if (known) this.charge(known.segment, -known.bytes);
    const all = Math.max(bytes, known?.bytes ?? 0);
    this.charge(owner, all);
    this.generations.set(id, { segment: owner, bytes: all });
  }

  private forgetGenerations(): void {
    const left = new Set(this.segments);
    for (const [id, { segment }] of this.generations) if (!left.has(segment)) this.generations.delete(id);
  }
}
