import { isRelative, USUAL_RANGE, type TimeRange } from './time-range.ts';

/** A link to another page that keeps the time range. */
export function withRange(
  path: string,
  range: TimeRange,
  more: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams(more);
  if (range.from !== USUAL_RANGE.from || !isRelative(range)) {
    search.set('from', range.from);
    search.set('to', range.to);
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}
