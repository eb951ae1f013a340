const LONGEST_STATEMENT = 2_000;
const LONGEST_SHOWN = 300;

/**
 * A statement without its values, so that those that only differ in them are one: strings and numbers become `?`, lists of them
 * one `?`, space single, comments nothing. Not a parser: a text that is no SQL comes out shorter and otherwise as it is.
 * The first 2,000 UTF-16 units are read, the first 300 of what comes out kept.
 * O(characters); a normal form as of pg_stat_statements, of no paper.
 */
export function plainStatement(text: string): string {
  return text
    .slice(0, LONGEST_STATEMENT)
    .replace(/\/\*[^]*?\*\/|--[^\n]*/g, ' ')
    .replace(/'(?:[^']|'')*'/g, '?')
    .replace(/\$\d+|:\w+\b|@\w+\b|%s/g, '?')
    .replace(/\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, '?')
    .replace(/\(\s*\?(?:\s*,\s*\?)+\s*\)/g, '(?)')
    .replace(/(?:\(\?\)\s*,\s*)+\(\?\)/g, '(?)')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LONGEST_SHOWN);
}

/** What makes a statement look as if no index served it, or as if it asked for more than anybody reads. */
export function statementSigns(statement: string): readonly string[] {
  const text = statement.toLowerCase();
  if (!text.startsWith('select') && !text.startsWith('with')) {
    return /^(?:update|delete)\b/.test(text) && !/\bwhere\b/.test(text)
      ? ['changes every row: no WHERE']
      : [];
  }
  const signs: string[] = [];
  const isAggregate = /\b(?:count|sum|avg|min|max)\s*\(/.test(text);
  if (/\bfrom\b/.test(text) && !/\bwhere\b|\blimit\b|\bjoin\b/.test(text)) {
    signs.push('reads every row: no WHERE and no LIMIT');
  }
  if (/\blike\s+'%|\blike\s+\?\s*\|\||\bilike\b/.test(text)) {
    signs.push('LIKE that an ordinary index may not serve');
  }
  if (/\bwhere\b.*\b(?:lower|upper|date|trim|coalesce|cast|substring)\s*\(\s*[\w."]+/.test(text)) {
    signs.push('a function around a column in WHERE: only an index on that expression serves it');
  }
  if (/\border\s+by\b/.test(text) && !/\blimit\b|\bfetch\s+first\b/.test(text) && !isAggregate) {
    signs.push('sorts everything: ORDER BY without LIMIT');
  }
  if (/^select\s+\*/.test(text)) signs.push('reads all columns: SELECT *');
  return signs;
}
