// Hot: once a span. Bench: bench/demo-faults.
import type { Batch } from '../../proto/columns/index.ts';

/** Trace ids of a batch as four words each. */
export function traceWords({ columns: { traceId }, rowCount }: Batch<'traces'>): Uint32Array {
  return new Uint32Array(traceId.buffer, traceId.byteOffset, rowCount * 4);
}

/** Whether a row's trace is one of those that are taken, one of so many: the same whoever has which of its spans. */
export function isOfSample(words: Uint32Array, row: number, oneIn: number): boolean {
  return traceHash(words, row) % oneIn === 0;
}

/** Of a row's trace, 32 bits: spreads the ids of those who number them, too (Wellons' triple32). */
export function traceHash(words: Uint32Array, row: number): number {
  const word = (words[4 * row] ?? 0) ^ (words[4 * row + 3] ?? 0);
  let hash = Math.imul(word ^ (word >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
