// Hot: once or twice a client, server, producer or consumer span. Bench: bench/ingest.
import { type Role, SpanTable, type SpanEntry } from './span-table.ts';

export interface WaitingOptions {
  /** Of the table in which a third each may wait, new and old; powers of two. It grows from the one to the other as is needed. */
  readonly minSlots: number;
  readonly maxSlots: number;
  /** An old half that goes, and was not met. The object is the same each time. */
  readonly onUnmet: (entry: Readonly<SpanEntry>) => void;
}

/** Slots that a step looks at: two milliseconds where no half is met. */
const STEP_SLOTS = 2 ** 15;
/** So many new halves, and a step is done: all steps are, before a third of the table is in use, which begins the next turn-over. */
const STEP_HALVES = 2 ** 12;
/** Above all slots of one table: places of the table that is being left begin here. */
const LEFT = 2 ** 26;

/**
 * Halves of calls that wait for the other one. A turn-over lets those go that have been through one, and makes the others old.
 * Of a large table it is a matter of many steps, so that nothing else has to wait for it: until the last one, halves are
 * looked for in the table that is left, too.
 */
export class WaitingHalves {
  private readonly options: WaitingOptions;
  private table: SpanTable;
  /** Its halves from slot `passed` on have yet to go, or to become old in `table`. */
  private left: SpanTable | undefined;
  private passed = 0;
  /** To be used again: empty up to slot `cleared`. New memory would be had from the system for each turn-over. */
  private spare: SpanTable | undefined;
  private cleared = 0;

  constructor(options: WaitingOptions) {
    this.options = options;
    this.table = new SpanTable(options.minSlots);
  }

  get isFull(): boolean {
    return this.table.isFull;
  }

  /** Whether steps of a turn-over are left to be done. */
  get isTurning(): boolean {
    return this.left !== undefined || (this.spare !== undefined && this.cleared < this.spare.slots);
  }

  /** Begins a turn-over with its first step; ends the last one before, if that is not over. */
  turnOver(): void {
    while (this.isTurning) this.step();
    const left = this.table;
    this.table = this.emptyTable(this.slotsAfter(left));
    this.left = left;
    this.passed = 0;
    this.step();
  }

  step(): void {
    const { left, spare } = this;
    if (left) {
      const to = Math.min(left.slots, this.passed + STEP_SLOTS);
      left.passOn(this.passed, to, this.table, this.options.onUnmet);
      this.passed = to;
      if (to < left.slots) return;
      this.left = undefined;
      this.spare = left.slots === this.table.slots ? left : undefined;
      this.cleared = 0;
    } else if (spare) {
      const to = Math.min(spare.slots, this.cleared + 8 * STEP_SLOTS);
      spare.clear(this.cleared, to);
      this.cleared = to;
    }
  }

  /** Place of the first entry, or of the next one behind place `behind`; -1 when there is none. Good until the next step or entry. */
  find(low: number, high: number, role: Role, behind = -1): number {
    if (behind < LEFT) {
      const slot = this.table.find(low, high, role, behind);
      if (slot >= 0) return slot;
    }
    const { left, passed } = this;
    if (!left) return -1;
    let slot = left.find(low, high, role, behind < LEFT ? -1 : behind - LEFT);
    while (slot >= 0 && slot < passed) slot = left.find(low, high, role, slot);
    return slot < 0 ? -1 : LEFT + slot;
  }

  /** As `find`, of the first one, also among those that go with this turn-over. */
  findGoing(low: number, high: number, role: Role): number {
    const slot = this.table.find(low, high, role);
    if (slot >= 0 || !this.left) return slot;
    const going = this.left.find(low, high, role);
    return going < 0 ? -1 : LEFT + going;
  }

  /** Whether there was room near the entry's place. Must not be called when full. */
  insert(entry: Readonly<SpanEntry>): boolean {
    const { table } = this;
    if (!table.insert(entry)) return false;
    if (table.fresh % STEP_HALVES === 0 && this.isTurning) this.step();
    return true;
  }

  nodeOf(place: number): number {
    return this.tableOf(place).nodeOf(place % LEFT);
  }

  durationOf(place: number): number {
    return this.tableOf(place).durationOf(place % LEFT);
  }

  peerOf(place: number): number {
    return this.tableOf(place).peerOf(place % LEFT);
  }

  isError(place: number): boolean {
    return this.tableOf(place).isError(place % LEFT);
  }

  markMet(place: number): void {
    this.tableOf(place).markMet(place % LEFT);
  }

  private tableOf(place: number): SpanTable {
    return place < LEFT ? this.table : (this.left ?? this.table);
  }

  private emptyTable(slots: number): SpanTable {
    const { spare } = this;
    this.spare = undefined;
    if (spare?.slots !== slots) return new SpanTable(slots);
    spare.fresh = 0;
    return spare;
  }

  /** More when the table was too small, fewer when it was too large. */
  private slotsAfter({ slots, isFull, fresh }: SpanTable): number {
    const { minSlots, maxSlots } = this.options;
    if (isFull) return Math.min(maxSlots, 2 * slots);
    return fresh < slots / 32 ? Math.max(minSlots, slots / 2) : slots;
  }
}
