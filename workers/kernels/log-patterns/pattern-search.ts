import { WILDCARD } from './shape-tokens.ts';

/** Of a search line (`workers/search/parse-search.ts`), where it is a word. */
const SPECIALS = /[\s()":<>=!*?\\[\]{}]/g;
/** What a pattern sees as one blank. */
// oxlint-disable-next-line no-control-regex -- exactly those that a skeleton takes for blanks
const RUN_OF_BLANKS = /[\u0000-\u001f\u007f]|\u0020\u0020|^\u0020|\u0020$/;
/** Lines of searches are no longer than 4,000. */
const LONGEST_TERM = 2_000;
/** What is behind makes no part of the longest term: three characters of a wildcard become one. */
const LONGEST_READ = 3 * LONGEST_TERM + WILDCARD.length;

/**
 * A term of a search line that finds the records of a pattern: `body:`, its template, `*` for what varies. `example`: a line of it; where
 * that has other blanks than single ones, any text may stand for a blank. `isCut`: the template goes on. Records of another pattern are
 * found where `*` stands for several of their words; no record of this one is left out, except for blanks that its example does not have.
 * O(template + example), in UTF-16 units; a rule of this search line, of no paper.
 */
export function patternSearchTerm(template: string, example: string, isCut = false): string {
  const blank = RUN_OF_BLANKS.test(example) ? '*' : '\\ ';
  const text = template
    .slice(0, LONGEST_READ)
    .split(WILDCARD)
    .map((part) => part.replace(SPECIALS, (special) => (special === ' ' ? blank : `\\${special}`)))
    .join('*');
  const isLong = text.length > LONGEST_TERM;
  const open = RUN_OF_BLANKS.test(example) ? '*' : '';
  const whole = `${open}${isLong ? withoutTornEscape(text.slice(0, LONGEST_TERM)) : text}${isCut || isLong ? '*' : open}`;
  return `body:${withSingleWildcards(whole) || '""'}`;
}

/** An asterisk that is escaped is text. */
function withSingleWildcards(text: string): string {
  return text.replace(/(\\[\s\S])|\*+/g, (_, escaped: string | undefined) => escaped ?? '*');
}

function withoutTornEscape(text: string): string {
  const backslashes = /\\*$/.exec(text)?.[0].length ?? 0;
  const whole = backslashes % 2 === 1 ? text.slice(0, -1) : text;
  return /[\ud800-\udbff]$/.test(whole) ? whole.slice(0, -1) : whole;
}
