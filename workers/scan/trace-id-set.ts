// Hot: once a row. Bench: bench/hot-query.

/** Most rows are turned away by one look at this many bits of their id. */
const FILTER_BITS = 16;

/** Finds rows whose trace id is one of a few, without making a string of each. */
export class TraceIdSet {
  private readonly byFirstWord = new Map<number, Uint8Array[]>();
  private readonly filter = new Uint8Array(2 ** FILTER_BITS);

  /** 32 hexadecimal digits each. */
  constructor(traceIds: readonly string[]) {
    for (const traceId of traceIds) {
      const id = new Uint8Array(Buffer.from(traceId, 'hex'));
      const firstWord = new Uint32Array(id.buffer)[0] ?? 0;
      this.filter[firstWord >>> (32 - FILTER_BITS)] = 1;
      this.byFirstWord.set(firstWord, [...(this.byFirstWord.get(firstWord) ?? []), id]);
    }
  }

  /** Rows of a column of trace ids, ascending. */
  rows(column: Uint8Array, rowCount: number): number[] {
    const words = new Uint32Array(column.buffer, column.byteOffset, 4 * rowCount);
    const { filter } = this;
    const found: number[] = [];
    for (let row = 0; row < rowCount; row += 1) {
      const firstWord = words[4 * row] ?? 0;
      if (filter[firstWord >>> (32 - FILTER_BITS)] === 0) continue;
      const candidates = this.byFirstWord.get(firstWord);
      if (candidates?.some((id) => sameBytes(column, 16 * row, id)) === true) found.push(row);
    }
    return found;
  }
}

function sameBytes(column: Uint8Array, start: number, id: Uint8Array): boolean {
  for (let i = 0; i < id.length; i += 1) if (column[start + i] !== id[i]) return false;
  return true;
}
