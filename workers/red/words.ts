/**
 * 64-bit columns as pairs of 32-bit words, low first: reading a row of a BigUint64Array makes a BigInt, reading two
 * words does not. Exact to 2^53; a nanosecond epoch time is good to 256 ns.
 */
export function wordsOf(column: BigUint64Array | BigInt64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
}

export function unsignedAt(words: Uint32Array, row: number): number {
  return (words[2 * row + 1] ?? 0) * 4_294_967_296 + (words[2 * row] ?? 0);
}

export function signedAt(words: Uint32Array, row: number): number {
  return ((words[2 * row + 1] ?? 0) | 0) * 4_294_967_296 + (words[2 * row] ?? 0);
}

const NANOS_A_SECOND = 1_000_000_000;

/** Whole seconds of unsigned nanoseconds, exact. */
export function secondAt(words: Uint32Array, row: number): number {
  const second = Math.floor(unsignedAt(words, row) / NANOS_A_SECOND);
  // Off by one at most, where rounding crossed a second: what is left, in 32 bits, says so.
  const left = ((words[2 * row] ?? 0) - Math.imul(second, NANOS_A_SECOND)) >>> 0;
  if (left < NANOS_A_SECOND) return second;
  return left > 0x8000_0000 ? second - 1 : second + 1;
}
