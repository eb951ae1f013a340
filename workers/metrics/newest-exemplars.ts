import type { FoundExemplarJson } from '../../proto/api/index.ts';

/** Newest first. Senders repeat an exemplar until they have a newer one: it is shown once. */
export function newestExemplars(exemplars: readonly FoundExemplarJson[], limit: number): FoundExemplarJson[] {
  const sorted = exemplars.toSorted((a, b) => {
    const [left, right] = [a.timeUnixNano, b.timeUnixNano];
    return right.length - left.length || (left > right ? -1 : Number(left < right));
  });
  const seen = new Set<string>();
  const kept: FoundExemplarJson[] = [];
  for (const exemplar of sorted) {
    if (kept.length === limit) break;
    const key = JSON.stringify(exemplar);
    if (seen.has(key)) continue;
    seen.add(key);
    kept.push(exemplar);
  }
  return kept;
}
