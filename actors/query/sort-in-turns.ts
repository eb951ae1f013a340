import { setImmediate as nextTurn } from 'node:timers/promises';

/** Items compared between two turns of the event loop; some milliseconds. */
const TURN_ITEMS = 16_384;
const RUN_ITEMS = 2_048;

/** Sorts a copy, stably, without holding the event loop: short runs, merged in pairs. */
export async function sortInTurns<Item>(
  items: readonly Item[],
  compare: (a: Item, b: Item) => number,
): Promise<Item[]> {
  let runs: Item[][] = [];
  let sinceTurn = 0;
  const work = async (count: number): Promise<void> => {
    sinceTurn += count;
    if (sinceTurn < TURN_ITEMS) return;
    sinceTurn = 0;
    await nextTurn();
  };
  for (let from = 0; from < items.length; from += RUN_ITEMS) {
    runs.push(items.slice(from, from + RUN_ITEMS).sort(compare));
    // About as many comparisons as merging it four times.
    await work(RUN_ITEMS * 4);
  }
  while (runs.length > 1) {
    const merged: Item[][] = [];
    for (let i = 0; i < runs.length; i += 2) {
      merged.push(await merge(runs[i] ?? [], runs[i + 1] ?? [], compare, work));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

async function merge<Item>(
  left: readonly Item[],
  right: readonly Item[],
  compare: (a: Item, b: Item) => number,
  work: (count: number) => Promise<void>,
): Promise<Item[]> {
  const merged: Item[] = [];
  let at = 0;
  for (const [i, item] of left.entries()) {
    for (let next = right[at]; next !== undefined && compare(next, item) < 0; next = right[at]) {
      merged.push(next);
      at += 1;
    }
    merged.push(item);
    if (i % RUN_ITEMS === 0) await work(RUN_ITEMS);
  }
  for (; at < right.length; at += 1) merged.push(right[at] as Item);
  return merged;
}
