import { parser } from '@prometheus-io/lezer-promql';

/**
 * The grammar knows `step()`, `range()`, `min_of()` and `max_of()` of durations in lower case only, and the latter two
 * nowhere else, where Prometheus has them as functions, too; and no number that ends
 * with its point. What the grammar reads is therefore a text of the same
 * length with words that it knows; names are read from the query itself, at the same places.
 */
export function shadowOf(query: string): string {
  const lower = query
    .replace(/\b(?:step|range|min_of|max_of)\b(?=\s*\()/giu, (word) => word.toLowerCase())
    .replace(/(?<![\w.])\d+\.(?![\w.])/gu, (number) => `${number.slice(0, -1)} `);
  if (!/\b(?:min|max)_of\b/u.test(lower)) return lower;
  const durations = new Set<number>();
  parser.parse(lower).iterate({
    enter: ({ name, from }) => {
      if (name === 'DurationMinOf' || name === 'DurationMaxOf') durations.add(from);
    },
  });
  return lower.replace(/\b(?:min|max)_of\b(?=\s*\()/gu, (word, at: number) =>
    durations.has(at) ? word : 'minute',
  );
}
