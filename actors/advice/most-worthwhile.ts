import type { Advice } from './tip-json.ts';

/** Of a category; more would be a list that nobody reads. */
const MOST_SAID = 10;
/** What is said already stays while it is among so many: near the edge it would come and go. */
const MOST_KEPT = 20;

/** Of each category what weighs most, and everything that is more than a matter of economy. */
export function mostWorthwhile(
  found: readonly Advice[],
  isSaid: (advice: Advice) => boolean,
): readonly Advice[] {
  const places = new Map<string, number>();
  return found
    .toSorted((one, other) => other.weight - one.weight)
    .filter((advice) => {
      if (advice.tip === null || advice.severity !== 'info') return true;
      const { category } = advice.tip;
      const place = places.get(category) ?? 0;
      places.set(category, place + 1);
      return place < MOST_SAID || (place < MOST_KEPT && isSaid(advice));
    });
}
