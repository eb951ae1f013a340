/** The number in up to six bytes, the lowest first; bytes beyond the end count as 0. */
export function littleEndian(source: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i -= 1) value = value * 256 + (source[start + i] ?? 0);
  return value;
}

/** The number in eight bytes; of those too large to be a size of anything, the largest that is exact. */
export function littleEndian64(source: Uint8Array, start: number): number {
  return littleEndian(source, start + 6, 2) > 0 ? Number.MAX_SAFE_INTEGER : littleEndian(source, start, 6);
}
