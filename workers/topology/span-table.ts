// Hot: once a client, server, producer or consumer span. Bench: bench/ingest.

/**
 * What an entry is. The two halves of a call stand under the id of the client span: its own, and the parent of the
 * server span. `own` stands under a server span's own id, for callers that made no client span.
 */
export const Role = { client: 1, server: 2, own: 3 } as const;

/**
 * Spans that take part in calls, by the id under which they are looked for. Open addressing over typed arrays;
 * entries are marked as met, never removed: the table is cleared as a whole.
 */
export class SpanTable {
  private readonly mask: number;
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** 0: the slot is free. */
  readonly role: Uint8Array;
  readonly node: Int32Array;
  /** Node of the other side as the client's attributes name it, or -1. */
  readonly peer: Int32Array;
  readonly durationNano: Float64Array;
  readonly isError: Uint8Array;
  readonly isMet: Uint8Array;
  used = 0;

  /** `slots` is a power of two. */
  constructor(slots: number) {
    this.mask = slots - 1;
    this.low = new Uint32Array(slots);
    this.high = new Uint32Array(slots);
    this.role = new Uint8Array(slots);
    this.node = new Int32Array(slots);
    this.peer = new Int32Array(slots);
    this.durationNano = new Float64Array(slots);
    this.isError = new Uint8Array(slots);
    this.isMet = new Uint8Array(slots);
  }

  /** Two thirds in use: probing grows long beyond. */
  get isFull(): boolean {
    return this.used * 3 > this.mask * 2;
  }

  /** Slot of the first entry, or of the next one behind slot `behind`; -1 when there is none. */
  find(low: number, high: number, role: number, behind = -1): number {
    let slot = behind < 0 ? this.home(low, high) : (behind + 1) & this.mask;
    while (this.role[slot] !== 0) {
      if (this.low[slot] === low && this.high[slot] === high && this.role[slot] === role) return slot;
      slot = (slot + 1) & this.mask;
    }
    return -1;
  }

  /** Slot of a new entry whose other fields the caller sets. The table must not be full. */
  insert(low: number, high: number, role: number): number {
    let slot = this.home(low, high);
    while (this.role[slot] !== 0) slot = (slot + 1) & this.mask;
    this.low[slot] = low;
    this.high[slot] = high;
    this.role[slot] = role;
    this.used += 1;
    return slot;
  }

  clear(): void {
    if (this.used > 0) this.role.fill(0);
    this.used = 0;
  }

  /** Slots in use, in no particular order. */
  forEach(visit: (slot: number) => void): void {
    if (this.used === 0) return;
    for (let slot = 0; slot <= this.mask; slot += 1) if (this.role[slot] !== 0) visit(slot);
  }

  private home(low: number, high: number): number {
    let mixed = Math.imul(low ^ (high >>> 7), 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    mixed ^= mixed >>> 15;
    return mixed & this.mask;
  }
}
