// Hot: once a distinct attribute and query. Bench: bench/hot-query.

/** By code: of all selections. */
export function sumsOf(counts: readonly Uint32Array[], length: number): Uint32Array {
  const sums = new Uint32Array(length);
  for (const ofSelection of counts) {
    const known = Math.min(length, ofSelection.length);
    for (let code = 0; code < known; code += 1) sums[code] = (sums[code] ?? 0) + (ofSelection[code] ?? 0);
  }
  return sums;
}

/** Of each key: its codes that were counted, ascending. */
export function codesByKey(keyOf: Uint32Array, keys: number, sums: Uint32Array): Uint32Array[] {
  const ends = new Uint32Array(keys);
  for (let code = 0; code < sums.length; code += 1) {
    if (sums[code] === 0) continue;
    const key = keyOf[code] ?? 0;
    ends[key] = (ends[key] ?? 0) + 1;
  }
  const lists = Array.from(ends, (size) => new Uint32Array(size));
  ends.fill(0);
  for (let code = 0; code < sums.length; code += 1) {
    if (sums[code] === 0) continue;
    const key = keyOf[code] ?? 0;
    const list = lists[key];
    const at = ends[key] ?? 0;
    ends[key] = at + 1;
    if (list) list[at] = code;
  }
  return lists;
}

/** In no order. */
export function mostFrequent(
  codes: Uint32Array,
  sums: Uint32Array,
  most: number,
): ArrayLike<number> & Iterable<number> {
  if (codes.length <= most) return codes;
  const least = leastOfMost(codes, sums, most);
  const above: number[] = [];
  const level: number[] = [];
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    const sum = sums[code] ?? 0;
    if (sum > least) above.push(code);
    else if (sum === least && level.length < most) level.push(code);
  }
  return [...above, ...level.slice(0, most - above.length)];
}

/** The sum that those of the `most` most frequent codes are at least. By counting, where sums are small: sorting takes ten times as long. */
function leastOfMost(codes: Uint32Array, sums: Uint32Array, most: number): number {
  let greatest = 0;
  for (let index = 0; index < codes.length; index += 1) {
    greatest = Math.max(greatest, sums[codes[index] ?? 0] ?? 0);
  }
  if (greatest > 1_000_000) return codes.map((code) => sums[code] ?? 0).sort()[codes.length - most] ?? 0;
  const howMany = new Uint32Array(greatest + 1);
  for (let index = 0; index < codes.length; index += 1) {
    const sum = sums[codes[index] ?? 0] ?? 0;
    howMany[sum] = (howMany[sum] ?? 0) + 1;
  }
  let left = most;
  for (let sum = greatest; sum > 0; sum -= 1) {
    left -= howMany[sum] ?? 0;
    if (left <= 0) return sum;
  }
  return 0;
}
