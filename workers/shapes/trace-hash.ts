/** A hash of the trace in a row, of 16 bytes an id as four words: spreads the ids of those who number them, too (Wellons' triple32). */
export function traceHash(words: Uint32Array, row: number): number {
  const word = (words[4 * row] ?? 0) ^ (words[4 * row + 3] ?? 0);
  let hash = Math.imul(word ^ (word >>> 16), 0x7feb_352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846c_a68b);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export function traceWords({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength >>> 2);
}
