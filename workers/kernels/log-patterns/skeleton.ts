// Hot: every log line passes here. Bench: bench/loghub.

/** Stands in a skeleton for a run of letters and digits that is a value by its looks. Control characters of a line are blanks. */
export const VALUE = '\u0001';

const VALUE_CODE = 1;
const BLANK_CODE = 32;

const OTHER = 0;
const BLANK = 1;
const LETTER = 2;
const DIGIT = 3;

/** Of a character below 128; those above are letters. */
const KINDS = Uint8Array.from({ length: 128 }, (_, code) => {
  if (code <= BLANK_CODE || code === 127) return BLANK;
  const character = String.fromCharCode(code);
  if (/\d/.test(character)) return DIGIT;
  return /\w/.test(character) ? LETTER : OTHER;
});

/** A word with fewer digits keeps them, unless it starts with one: `eth0`, `utf8`, `sha256` differ in that the last is a value. */
const DIGITS_OF_A_VALUE = 3;

/**
 * Reduces lines to skeletons: blanks collapsed, words with digits that look like values (`1.5s`, `0x1f`, `blk_38865`) replaced by
 * `VALUE`. All later masking works on the skeleton alone, so that equal skeletons always share one pattern and a hash of it is
 * all that most lines need. One pass, O(characters read), nothing allocated but by `text`.
 */
export class SkeletonScanner {
  /** 53 bits of the last line's skeleton. */
  hash = 0;
  readonly #mostCharacters: number;
  readonly #codes: Uint16Array;
  #length = 0;

  /** Of a longer line only the first `mostCharacters` are read; its rest is one value. */
  constructor(mostCharacters: number) {
    this.#mostCharacters = mostCharacters;
    this.#codes = new Uint16Array(mostCharacters + 2);
  }

  // oxlint-disable-next-line complexity -- one loop without calls: what most lines cost is this function
  scan(line: string): void {
    const codes = this.#codes;
    const isCut = line.length > this.#mostCharacters;
    const end = isCut ? this.#mostCharacters : line.length;
    let length = 0;
    let first = 0x811c9dc5;
    let second = 0x9e3779b1;
    let at = 0;
    while (at < end) {
      const code = line.charCodeAt(at);
      const kind = code < 128 ? KINDS[code] : LETTER;
      if (kind === BLANK) {
        at += 1;
        if (length === 0 || codes[length - 1] === BLANK_CODE) continue;
        codes[length] = BLANK_CODE;
        length += 1;
        first = Math.imul(first ^ BLANK_CODE, 0x01000193);
        second = Math.imul(second ^ BLANK_CODE, 0x85ebca6b);
        continue;
      }
      if (kind === OTHER) {
        codes[length] = code;
        length += 1;
        first = Math.imul(first ^ code, 0x01000193);
        second = Math.imul(second ^ code, 0x85ebca6b);
        at += 1;
        continue;
      }
      const wordStart = length;
      const firstBefore = first;
      const secondBefore = second;
      let digits = kind === DIGIT ? DIGITS_OF_A_VALUE : 0;
      do {
        const inWord = line.charCodeAt(at);
        const inKind = inWord < 128 ? (KINDS[inWord] ?? OTHER) : LETTER;
        if (inKind < LETTER) break;
        if (inKind === DIGIT) digits += 1;
        codes[length] = inWord;
        length += 1;
        first = Math.imul(first ^ inWord, 0x01000193);
        second = Math.imul(second ^ inWord, 0x85ebca6b);
        at += 1;
      } while (at < end);
      const isCutHere = isCut && at === end;
      if (digits >= DIGITS_OF_A_VALUE || isCutHere) {
        length = wordStart;
        codes[length] = VALUE_CODE;
        length += 1;
        first = Math.imul(firstBefore ^ VALUE_CODE, 0x01000193);
        second = Math.imul(secondBefore ^ VALUE_CODE, 0x85ebca6b);
      }
    }
    if (isCut && codes[length - 1] !== VALUE_CODE) {
      codes[length] = VALUE_CODE;
      length += 1;
      first = Math.imul(first ^ VALUE_CODE, 0x01000193);
      second = Math.imul(second ^ VALUE_CODE, 0x85ebca6b);
    } else if (length > 0 && codes[length - 1] === BLANK_CODE) {
      length -= 1;
    }
    // The low bits of a product depend on low bits alone, so both are folded once more.
    first ^= first >>> 15;
    second = Math.imul(second ^ (second >>> 13) ^ length, 0xc2b2ae35);
    second ^= second >>> 16;
    this.#length = length;
    this.hash = (first >>> 0) * 0x200000 + (second >>> 11);
  }

  /** The last line's skeleton. */
  text(): string {
    return String.fromCharCode.apply(null, this.#codes.subarray(0, this.#length) as unknown as number[]);
  }
}
