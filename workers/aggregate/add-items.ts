// Hot: once a selected row and attribute. Bench: bench/hot-query.

/** Counts the codes from one place to another. Eight at a time: 1.9 ns an item, where four take 2.4 and one by one 4. */
export function addItems(counts: Uint32Array, codes: Int32Array, from: number, to: number): void {
  let item = from;
  for (; item + 8 <= to; item += 8) {
    const a = codeAt(codes, item);
    const b = codeAt(codes, item + 1);
    const c = codeAt(codes, item + 2);
    const d = codeAt(codes, item + 3);
    const e = codeAt(codes, item + 4);
    const f = codeAt(codes, item + 5);
    const g = codeAt(codes, item + 6);
    const h = codeAt(codes, item + 7);
    increment(counts, a);
    increment(counts, b);
    increment(counts, c);
    increment(counts, d);
    increment(counts, e);
    increment(counts, f);
    increment(counts, g);
    increment(counts, h);
  }
  for (; item < to; item += 1) increment(counts, codeAt(codes, item));
}

function codeAt(codes: Int32Array, item: number): number {
  return codes[item] ?? 0;
}

function increment(counts: Uint32Array, code: number): void {
  counts[code] = (counts[code] ?? 0) + 1;
}
