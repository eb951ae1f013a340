/** The number in up to six bytes, the lowest first; bytes beyond the end count as 0. */
export function littleEndian(source: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i -= 1) value = value * 256 + (source[start + i] ?? 0);
  return value;
}
