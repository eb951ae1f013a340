import { isAllowedFunction } from './allowed-functions.ts';

/** Words that may stand before a parenthesis in a SELECT and call nothing. */
const KEYWORDS = new Set(
  `all and any array as asof between by case columns cross cube distinct else end except exists fill from full global
  grouping having ilike in inner intersect interpolate is join left like limit lateral not offset on or outer over paste
  prewhere qualify replace right rollup sample select semi anti sets step then to union using values when where with
  totals ties filter order partition rows range groups`.split(/\s+/),
);

/**
 * A second look, at the text: a syntax tree that is printed may leave something out (it did), the text cannot. Calls are
 * a name and a parenthesis in what the parser wrote.
 */
export function callRefusal(sql: string): string | undefined {
  for (const [, quoted, plain] of withoutTexts(sql).matchAll(/(?:`([^`]*)`|([A-Za-z_]\w*)) ?\(/g)) {
    const name = quoted ?? plain ?? '';
    if (quoted === undefined && KEYWORDS.has(name.toLowerCase())) continue;
    if (!isAllowedFunction(name)) return `the function ${name} cannot be used`;
  }
  return undefined;
}

/** What the parser wrote, without the contents of texts. */
export function withoutTexts(sql: string): string {
  return sql.replace(/'(?:[^'\\]|\\.)*'/g, "''");
}
