/** Works through all items in their order, `most` at a time: threads and stores are for others, too. */
export async function atATime<Item, Result>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let first = 0; first < items.length; first += most) {
    results.push(...(await Promise.all(items.slice(first, first + most).map(work))));
  }
  return results;
}
