/** Finds rows whose trace id is one of a few, without making a string of each. */
export class TraceIdSet {
  private readonly byFirstWord = new Map<number, Uint8Array[]>();

  /** 32 hexadecimal digits each. */
  constructor(traceIds: readonly string[]) {
    for (const traceId of traceIds) {
      const id = new Uint8Array(Buffer.from(traceId, 'hex'));
      const firstWord = new DataView(id.buffer).getUint32(0);
      this.byFirstWord.set(firstWord, [...(this.byFirstWord.get(firstWord) ?? []), id]);
    }
  }

  /** Rows of a column of trace ids, ascending. */
  rows(column: Uint8Array, rowCount: number): number[] {
    const view = new DataView(column.buffer, column.byteOffset, column.byteLength);
    const found: number[] = [];
    for (let row = 0; row < rowCount; row += 1) {
      const candidates = this.byFirstWord.get(view.getUint32(16 * row));
      if (candidates?.some((id) => sameBytes(column, 16 * row, id)) === true) found.push(row);
    }
    return found;
  }
}

function sameBytes(column: Uint8Array, start: number, id: Uint8Array): boolean {
  for (let i = 0; i < id.length; i += 1) if (column[start + i] !== id[i]) return false;
  return true;
}
