/**
 * First index and number of rows to render of `count` rows of `rowHeight` px, `overscan` more on either side.
 */
export function visibleSpan(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
  overscan: number,
): { readonly first: number; readonly length: number } {
  const top = Math.max(0, Math.min(Math.floor(scrollTop / rowHeight), count - 1));
  const first = Math.max(0, top - overscan);
  const last = Math.min(count, top + Math.ceil(height / rowHeight) + 1 + overscan);
  return { first, length: Math.max(0, last - first) };
}
