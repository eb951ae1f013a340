/** Share of answers whose truth is among the first 1 and 3 distinct names; an empty list is a miss. */
export function recallOf(
  answers: readonly { readonly truth: string; readonly ranked: readonly string[] }[],
): { top1: number; top3: number; top5: number } {
  const shareAt = (k: number): number =>
    answers.filter(({ truth, ranked }) => [...new Set(ranked)].slice(0, k).includes(truth)).length /
    answers.length;
  return { top1: shareAt(1), top3: shareAt(3), top5: shareAt(5) };
}
