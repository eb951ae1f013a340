import { withoutTexts } from './check-calls.ts';

const MOST_DEPTH = 100;
const MOST_MADE = 1_000_000;

/**
 * Functions that make as much as a number says, and the place of that number among their arguments. Of constants they are computed
 * while the query is read, when no limit of memory of its own holds: up to a gigabyte each, seen with 26.7.
 */
const SIZE_ARGUMENTS: ReadonlyMap<string, number> = new Map([
  ['arrayresize', 1],
  ['arraywithconstant', 0],
  ['leftpad', 1],
  ['leftpadutf8', 1],
  ['lpad', 1],
  ['mappopulateseries', 1],
  ['randomfixedstring', 0],
  ['randomprintableascii', 0],
  ['randomstring', 0],
  ['randomstringutf8', 0],
  ['repeat', 1],
  ['rightpad', 1],
  ['rightpadutf8', 1],
  ['rpad', 1],
  ['space', 0],
]);

/** Before anything looks closer at a text: brackets within brackets cost time at every step. */
export function depthRefusal(text: string): string | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '(' || char === '[') depth += 1;
    else if (char === ')' || char === ']') depth -= 1;
    if (depth > MOST_DEPTH) return `at most ${MOST_DEPTH} brackets may stand within one another`;
  }
  return undefined;
}

/** Of what the parser wrote: why it would make too much, whatever stands within what. `undefined`: it would not. */
export function sizeRefusal(sql: string): string | undefined {
  const text = withoutTexts(sql);
  let made = 1;
  for (const call of text.matchAll(/(?:`([^`]*)`|([A-Za-z_]\w*)) ?\(/g)) {
    const name = call[1] ?? call[2] ?? '';
    const place = SIZE_ARGUMENTS.get(name.toLowerCase());
    if (place === undefined) continue;
    const size = argumentsAt(text, call.index + call[0].length)[place] ?? '';
    if (!/^\d{1,15}$/.test(size)) return `the size that ${name} makes must be written as a number`;
    made *= Math.max(1, Number(size));
  }
  return made <= MOST_MADE
    ? undefined
    : `functions such as repeat and arrayResize may make at most ${MOST_MADE} items in a query, their sizes multiplied`;
}

/** Of the call whose arguments begin at a place. */
function argumentsAt(text: string, from: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = from;
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (depth === 0 && (char === ',' || char === ')')) {
      found.push(text.slice(start, at).trim());
      if (char === ')') break;
      start = at + 1;
    } else if (char === '(' || char === '[') depth += 1;
    else if (char === ')' || char === ']') depth -= 1;
  }
  return found;
}
