// Hot: once a selected row. Bench: bench/hot-query.

/** A row by the caller's place for its batch, with its time in two words. */
export interface FoundRow {
  readonly place: number;
  readonly row: number;
  readonly hi: number;
  readonly lo: number;
  /** What rows are counted once by; '' counts each. */
  readonly key: string;
  /** Of rows of one moment the later one comes first: by segment, then by its number in that. */
  readonly segment: number;
  readonly ordinal: number;
}

export type RowOrder = Pick<FoundRow, 'hi' | 'lo' | 'key' | 'segment' | 'ordinal'>;

/** Newest first; of one moment the last that came, or the least key. */
export function compareRows(a: RowOrder, b: RowOrder): number {
  return (
    b.hi - a.hi ||
    b.lo - a.lo ||
    (a.key < b.key ? -1 : Number(a.key > b.key)) ||
    b.segment - a.segment ||
    b.ordinal - a.ordinal
  );
}

/**
 * The newest `limit` rows behind a place, or, with keys, the newest row of each of the newest `limit` keys. Rows that cannot
 * be among them are told by `isOutside` before anything is made of them.
 */
export class NewestRows {
  private readonly limit: number;
  private readonly most: number;
  private readonly after: RowOrder | undefined;
  private rows: FoundRow[] = [];
  private leastHi = -Infinity;
  private leastLo = -Infinity;

  constructor(limit: number, after?: RowOrder) {
    this.limit = limit;
    this.after = after;
    this.most = Math.max(1_000, 4 * limit);
  }

  isTooOld(hi: number, lo: number): boolean {
    return hi < this.leastHi || (hi === this.leastHi && lo < this.leastLo);
  }

  /** Too old, or in front of the place. */
  isOutside(hi: number, lo: number): boolean {
    const { after } = this;
    if (after && (hi > after.hi || (hi === after.hi && lo > after.lo))) return true;
    return this.isTooOld(hi, lo);
  }

  add(row: FoundRow): void {
    if (this.after && compareRows(row, this.after) <= 0) return;
    this.rows.push(row);
    if (this.rows.length >= this.most) this.compact();
  }

  /** Newest first. */
  take(): readonly FoundRow[] {
    this.compact();
    return this.rows;
  }

  private compact(): void {
    this.rows.sort(compareRows);
    const seen = new Set<string>();
    const kept: FoundRow[] = [];
    for (const row of this.rows) {
      if (kept.length === this.limit) break;
      if (row.key !== '' && seen.has(row.key)) continue;
      seen.add(row.key);
      kept.push(row);
    }
    this.rows = kept;
    const last = kept.length === this.limit ? kept.at(-1) : undefined;
    if (!last) return;
    this.leastHi = last.hi;
    this.leastLo = last.lo;
  }
}
