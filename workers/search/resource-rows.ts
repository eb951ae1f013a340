// Hot: once a row. Bench: bench/hot-query.
import type { Batch, DictionarySnapshot } from '../../proto/columns/index.ts';

/** Rows that one resource sent, told by the bytes of its entry. */
export class ResourceRows {
  private readonly entry: Uint8Array;
  /** By generation: the entry's code, or how many entries were looked at in vain. */
  private readonly codes = new Map<number, { readonly code: number; readonly seen: number }>();

  constructor(entry: Uint8Array) {
    this.entry = entry;
  }

  /** In order. */
  rows(batch: Batch): readonly number[] {
    const code = this.codeIn(batch.dictionary);
    const found: number[] = [];
    if (code < 0) return found;
    const { resource } = (batch as Batch<'logs'>).columns;
    for (let row = 0; row < batch.rowCount; row += 1) if (resource[row] === code) found.push(row);
    return found;
  }

  /** −1: the generation does not have it, as far as the snapshot goes. */
  private codeIn({ id, tables: { resources } }: DictionarySnapshot): number {
    const known = this.codes.get(id);
    if (known && (known.code >= 0 || known.seen >= resources.count)) {
      return known.code < resources.count ? known.code : -1;
    }
    let code = -1;
    for (let next = known?.seen ?? 0; next < resources.count && code < 0; next += 1) {
      const [start, end] = [resources.offsets[next] ?? 0, resources.offsets[next + 1] ?? 0];
      if (isSame(this.entry, resources.bytes.subarray(start, end))) code = next;
    }
    this.codes.set(id, { code, seen: resources.count });
    return code;
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
