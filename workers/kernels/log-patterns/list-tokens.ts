import { WILDCARD } from './shape-tokens.ts';

/** So many values in a row are a list, however many they are. */
const LONG_ROW = 8;

/** Every row of `LONG_ROW` values or more (`<*> <*> …`, `<*>, <*>, …`) as its last one. */
export function withoutLongRows(tokens: readonly string[]): readonly string[] {
  if (tokens.length < LONG_ROW) return tokens;
  const kept: string[] = [];
  let at = 0;
  while (at < tokens.length) {
    let end = at;
    while (end < tokens.length && isListItem(tokens[end])) end += 1;
    const next = Math.max(end, at + 1);
    kept.push(...tokens.slice(end - at >= LONG_ROW ? end - 1 : at, next));
    at = next;
  }
  return kept;
}

function isListItem(token: string | undefined): boolean {
  return token === WILDCARD || token === `${WILDCARD},`;
}
