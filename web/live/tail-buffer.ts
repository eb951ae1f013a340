/** The newest `capacity` rows of a tail; older ones are forgotten. */
export interface TailBuffer<Row> {
  push(rows: readonly Row[]): void;
  /** Oldest first; a copy. */
  rows(): Row[];
  clear(): void;
  /** Rows ever pushed. */
  readonly seen: number;
}

export function makeTailBuffer<Row>(capacity: number): TailBuffer<Row> {
  let ring: Row[] = [];
  let start = 0;
  let seen = 0;
  return {
    push(rows) {
      seen += rows.length;
      for (const row of rows) {
        if (ring.length < capacity) {
          ring.push(row);
        } else {
          ring[start] = row;
          start = (start + 1) % capacity;
        }
      }
    },
    rows: () => [...ring.slice(start), ...ring.slice(0, start)],
    clear() {
      ring = [];
      start = 0;
    },
    get seen() {
      return seen;
    },
  };
}
