import { ANY, ANY_UNIT, WILDCARD } from './shape-tokens.ts';

const UNITS = new Set(
  'B b bytes byte kB KB MB GB TB PB KiB MiB GiB TiB ns us µs ms s sec secs second seconds min mins minute minutes h hours'.split(
    ' ',
  ),
);

/** Whether `text`, a token of a line's shape or of a template, can be read as `token` of a template. */
export function covers(token: string, text: string): boolean {
  if (token === text || token === ANY) return true;
  if (token === WILDCARD) return hasValue(text);
  if (token.startsWith(ANY_UNIT)) return unitOf(text) !== undefined && restOfUnit(text) === restOfUnit(token);
  const first = token.indexOf(WILDCARD);
  if (first < 0) return false;
  const last = token.lastIndexOf(WILDCARD);
  const suffixStart = last + WILDCARD.length;
  const suffixLength = token.length - suffixStart;
  if (text.length < first + suffixLength) return false;
  if (!text.startsWith(token.slice(0, first)) || !text.endsWith(token.slice(suffixStart))) return false;
  if (first === last) return true;
  let at = first;
  const end = text.length - suffixLength;
  for (const piece of token.slice(first + WILDCARD.length, last).split(WILDCARD)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}

/** How two tokens at one place differ: in a value by their looks, or in words that may tell two messages apart. */
export function isValueDifference(one: string, other: string): boolean {
  if (unitOf(one) !== undefined && unitOf(other) !== undefined) return restOfUnit(one) === restOfUnit(other);
  const key = /^[\w.-]+=/.exec(one)?.[0];
  if (key !== undefined && other.startsWith(key)) return true;
  const oneLetters = lettersOf(one);
  const otherLetters = lettersOf(other);
  if (oneLetters === otherLetters) return oneLetters !== '' || (hasValue(one) && hasValue(other));
  return (one === WILDCARD && hasValue(other)) || (other === WILDCARD && hasValue(one));
}

/** The narrowest token of what `one` and `other` share: their ends up to a separator, and a wildcard between. */
export function generalise(one: string, other: string): string {
  if (one === other) return one;
  const oneUnit = unitOf(one);
  if (oneUnit !== undefined && unitOf(other) !== undefined && restOfUnit(one) === restOfUnit(other)) {
    return `${ANY_UNIT}${restOfUnit(one)}`;
  }
  if (covers(one, other)) return widened(one, other);
  if (covers(other, one)) return widened(other, one);
  const prefix = sharedPrefix(one, other);
  const suffix = sharedSuffix(one, other, Math.min(one.length, other.length) - prefix);
  const start = one.slice(0, prefix);
  const end = one.slice(one.length - suffix);
  const whole = `${isWhole(start) ? start : ''}${WILDCARD}${isWhole(end) ? end : ''}`;
  return whole === WILDCARD && !(hasValue(one) && hasValue(other)) ? ANY : whole;
}

function sharedPrefix(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let length = 0;
  while (length < most && one[length] === other[length]) length += 1;
  while (length > 0 && !isSeparator(one[length - 1])) length -= 1;
  return length;
}

function sharedSuffix(one: string, other: string, most: number): number {
  let length = 0;
  while (length < most && one.at(-1 - length) === other.at(-1 - length)) length += 1;
  while (length > 0 && !isSeparator(one.at(-length))) length -= 1;
  return length;
}

/** Values that came with words may be words next time. */
function widened(token: string, covered: string): string {
  return token === WILDCARD && /[A-Za-z]{3}/.test(lettersOf(covered)) ? ANY : token;
}

/** A wildcard cut in two is none. */
function isWhole(part: string): boolean {
  const rest = part.replaceAll(WILDCARD, '');
  return !/<\*?$|^\*?>/.test(rest);
}

function isSeparator(character: string | undefined): boolean {
  return character !== undefined && /[^\w<>*\u0080-\uffff]/.test(character);
}

function hasValue(token: string): boolean {
  return token === ANY || token.includes(WILDCARD) || /[\d/]/.test(token);
}

function lettersOf(token: string): string {
  if (/ip_?v[46]/i.test(token)) return token;
  return token.replaceAll(WILDCARD, '').replace(/[^A-Za-z_\u0080-\uffff]+/g, '');
}

function unitOf(token: string): string | undefined {
  if (token.startsWith(ANY_UNIT)) return ANY_UNIT;
  const word = /^[A-Za-zµ]+/.exec(token)?.[0];
  return word !== undefined && UNITS.has(word) ? word : undefined;
}

function restOfUnit(token: string): string {
  return token.slice(unitOf(token)?.length ?? 0);
}
