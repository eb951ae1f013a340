// Hot: once or twice a client, server, producer or consumer span. Bench: bench/ingest.

/**
 * What an entry is. The two halves of a call stand under the id of the client span: its own, and the parent of the
 * server span. `own` stands under a server span's own id, for callers that made no client span.
 */
export const Role = { client: 1, server: 2, own: 3 } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** A span as the table holds it. */
export interface SpanEntry {
  /** The words of the id it stands under. */
  low: number;
  high: number;
  role: Role;
  node: number;
  /** Node of the other side as the client's attributes name it, or -1. */
  peer: number;
  /** Bucket of the duration; see `durationBucket`. */
  duration: number;
  /** In which it ended, Unix s: kept of servers alone. */
  second: number;
  isError: boolean;
  /** The other half was found. */
  isMet: boolean;
}

/** A slot, four to a line of the processor's cache: low, high, node and marks, peer + 1 and duration. */
const WORDS = 4;
const ROLE_MARK = 3;
const ERROR_MARK = 4;
const MET_MARK = 8;
/** It was there when the last rotation came. */
const OLD_MARK = 16;
const NODE_SHIFT = 5;
/** Nodes and buckets of durations are below this. */
export const NODE_LIMIT = 2 ** 16 - 1;
/** How far from its place an entry may stand: bounds what ids that were made to collide can cost. */
const MAX_PROBES = 64;

/**
 * Spans that take part in calls, by the id under which they are looked for. Open addressing, old and new entries in one
 * table: what is looked for and what is put in stands in the same lines of the processor's cache. Entries are marked as
 * met, never removed; those that are not old yet go into the next table.
 */
export class SpanTable {
  readonly slots: number;
  private readonly mask: number;
  private readonly words: Int32Array;
  /** In which servers ended, by slot: beside the words, since no lookup reads it. */
  private readonly seconds: Uint32Array;
  /** Entries that are not old. */
  fresh = 0;

  /** `slots` is a power of two. */
  constructor(slots: number) {
    this.slots = slots;
    this.mask = slots - 1;
    this.words = new Int32Array(slots * WORDS);
    this.seconds = new Uint32Array(slots);
  }

  /** A third in use by new entries, and no more than that by old ones: probing grows long beyond. */
  get isFull(): boolean {
    return this.fresh * 3 > this.mask;
  }

  /** Slot of the first entry, or of the next one behind slot `behind`; -1 when there is none. */
  find(low: number, high: number, role: Role, behind = -1): number {
    const { words, mask } = this;
    const home = homeOf(low, high) & mask;
    const first = behind < 0 ? 0 : ((behind - home) & mask) + 1;
    for (let probe = first; probe < MAX_PROBES; probe += 1) {
      const slot = (home + probe) & mask;
      const at = slot * WORDS;
      const marks = words[at + 2] ?? 0;
      if (marks === 0) return -1;
      if (words[at] === low && words[at + 1] === high && (marks & ROLE_MARK) === role) return slot;
    }
    return -1;
  }

  /** Whether there was room near the entry's place. The table must not be full. */
  insert(entry: Readonly<SpanEntry>): boolean {
    const { words, mask } = this;
    const home = homeOf(entry.low, entry.high) & mask;
    for (let probe = 0; probe < MAX_PROBES; probe += 1) {
      const slot = (home + probe) & mask;
      const at = slot * WORDS;
      if (words[at + 2] !== 0) continue;
      words[at] = entry.low;
      words[at + 1] = entry.high;
      words[at + 2] =
        entry.role |
        (entry.isError ? ERROR_MARK : 0) |
        (entry.isMet ? MET_MARK : 0) |
        (entry.node << NODE_SHIFT);
      words[at + 3] = ((entry.peer + 1) << 16) | entry.duration;
      if (entry.role === Role.server) this.seconds[slot] = entry.second;
      this.fresh += 1;
      return true;
    }
    return false;
  }

  /**
   * Gives the entries of the slots from one to before another on: the old ones whose other half was not found to `visit`, the others
   * to the next table, where they are old. What `visit` gets is the same object each time.
   */
  passOn(from: number, to: number, next: SpanTable, visit: (entry: Readonly<SpanEntry>) => void): void {
    const { words } = this;
    const entry = newEntry();
    // In the order of their places: what is near here is near there.
    for (let at = from * WORDS; at < to * WORDS; at += WORDS) {
      const marks = words[at + 2] ?? 0;
      if (marks === 0) continue;
      if ((marks & OLD_MARK) === 0) {
        next.keep(this, at);
      } else if ((marks & MET_MARK) === 0) {
        this.read(at / WORDS, entry);
        visit(entry);
      }
    }
  }

  /** Empties the slots from one to before another. */
  clear(from: number, to: number): void {
    this.words.fill(0, from * WORDS, to * WORDS);
  }

  private keep({ words: from, seconds }: SpanTable, start: number): void {
    const { words, mask } = this;
    const home = homeOf(from[start] ?? 0, from[start + 1] ?? 0) & mask;
    for (let probe = 0; probe < MAX_PROBES; probe += 1) {
      const at = ((home + probe) & mask) * WORDS;
      if (words[at + 2] !== 0) continue;
      words[at] = from[start] ?? 0;
      words[at + 1] = from[start + 1] ?? 0;
      words[at + 2] = (from[start + 2] ?? 0) | OLD_MARK;
      words[at + 3] = from[start + 3] ?? 0;
      this.seconds[at / WORDS] = seconds[start / WORDS] ?? 0;
      return;
    }
  }

  nodeOf(slot: number): number {
    return (this.words[slot * WORDS + 2] ?? 0) >>> NODE_SHIFT;
  }

  durationOf(slot: number): number {
    return (this.words[slot * WORDS + 3] ?? 0) & 0xffff;
  }

  /** Node of the other side as a client names it, or -1. */
  peerOf(slot: number): number {
    return ((this.words[slot * WORDS + 3] ?? 0) >>> 16) - 1;
  }

  isError(slot: number): boolean {
    return ((this.words[slot * WORDS + 2] ?? 0) & ERROR_MARK) !== 0;
  }

  markMet(slot: number): void {
    const at = slot * WORDS + 2;
    this.words[at] = (this.words[at] ?? 0) | MET_MARK;
  }

  private read(slot: number, entry: SpanEntry): void {
    const at = slot * WORDS;
    entry.low = this.words[at] ?? 0;
    entry.high = this.words[at + 1] ?? 0;
    entry.role = ((this.words[at + 2] ?? 0) & ROLE_MARK) as Role;
    entry.node = this.nodeOf(slot);
    entry.peer = this.peerOf(slot);
    entry.duration = this.durationOf(slot);
    entry.second = this.seconds[slot] ?? 0;
    entry.isError = this.isError(slot);
  }
}

export function newEntry(): SpanEntry {
  return {
    low: 0,
    high: 0,
    role: Role.client,
    node: 0,
    peer: 0,
    duration: 0,
    second: 0,
    isError: false,
    isMet: false,
  };
}

function homeOf(low: number, high: number): number {
  const mixed = Math.imul(low ^ (high >>> 7), 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
