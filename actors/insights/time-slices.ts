export interface Timed<Item> {
  /** Unix ms. */
  readonly ms: number;
  readonly item: Item;
}

export interface Slices {
  readonly fromMs: number;
  readonly toMs: number;
  /** Stretches of time, evenly spread. */
  readonly count: number;
  /** Of all stretches together. */
  readonly most: number;
}

/**
 * Items of some stretches of a time, at most `most` of them: the time is cut into `count` parts, and of each the last items are taken, an
 * equal number, so that what happened together is there together. O(n log n).
 */
export function slicesOf<Item>(
  items: readonly Timed<Item>[],
  { fromMs, toMs, count, most }: Slices,
): readonly Item[] {
  const lengthMs = (toMs - fromMs) / count;
  if (!(lengthMs > 0)) return [];
  const slices: Timed<Item>[][] = Array.from({ length: count }, () => []);
  for (const each of items) {
    if (each.ms < fromMs || each.ms > toMs) continue;
    slices[Math.min(count - 1, Math.floor((each.ms - fromMs) / lengthMs))]?.push(each);
  }
  const ofSlice = Math.max(1, Math.floor(most / count));
  return slices.flatMap((slice) =>
    slice
      .sort((one, other) => one.ms - other.ms)
      .slice(-ofSlice)
      .map(({ item }) => item),
  );
}
