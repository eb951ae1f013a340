import type { PointScore } from './score-half.ts';

/** What others computed for methods that we compute too. */
export type PublishedScores = Readonly<Record<string, Partial<PointScore>>>;

/** Figures are given to three decimals. */
const TOLERANCE = 0.0011;

/** Whether our scorer gives the organisers' methods the figures that they have: each figure, theirs, and whether both agree. */
export function checkScorer(
  ours: Readonly<Record<string, PointScore>>,
  published: PublishedScores,
  tolerance = TOLERANCE,
): Record<string, unknown> {
  const figures: Record<string, { ours: number; published: number; agrees: boolean }> = {};
  for (const [method, scores] of Object.entries(published)) {
    for (const metric of ['smape', 'mase', 'owa'] as const) {
      const theirs = scores[metric];
      const here = ours[method]?.[metric] ?? Number.NaN;
      if (theirs === undefined) continue;
      figures[`${method} ${metric}`] = {
        ours: here,
        published: theirs,
        agrees: Math.abs(here - theirs) <= tolerance,
      };
    }
  }
  return { agrees: Object.values(figures).every(({ agrees }) => agrees), figures };
}
