import type { PatternPart, SearchSyntaxError, TextPattern } from '../../proto/query/index.ts';

/** Carries a `SearchSyntaxError` out of the parser. */
export class SyntaxFault extends Error {
  readonly error: SearchSyntaxError;

  constructor(error: SearchSyntaxError) {
    super(error.expected);
    this.error = error;
  }
}

/** What a value looks like in the line. */
export interface Value {
  readonly position: number;
  readonly end: number;
  /** As it is meant: escapes resolved. */
  readonly text: string;
  readonly pattern: TextPattern;
  readonly isQuoted: boolean;
}

const SPACE = /\s/;
const MOST_SHOWN = 40;

/** A search line and a place in it. Places are UTF-16 code units, as editors count. */
export class LineReader {
  position = 0;
  private readonly line: string;

  constructor(line: string) {
    this.line = line;
  }

  get isAtEnd(): boolean {
    return this.position >= this.line.length;
  }

  skipSpace(): void {
    while (!this.isAtEnd && SPACE.test(this.peek())) this.position += 1;
  }

  peek(ahead = 0): string {
    return this.line.charAt(this.position + ahead);
  }

  /** Passes `text` if it stands here. */
  accept(text: string): boolean {
    if (!this.line.startsWith(text, this.position)) return false;
    this.position += text.length;
    return true;
  }

  /** Passes a word such as AND if it stands here alone. */
  acceptWord(word: string): boolean {
    if (!this.isAtWord(word)) return false;
    this.position += word.length;
    return true;
  }

  isAtWord(word: string): boolean {
    if (!this.line.startsWith(word, this.position)) return false;
    const next = this.peek(word.length);
    return next === '' || SPACE.test(next) || next === '(' || next === ')' || next === ']' || next === '}';
  }

  fail(expected: string, position = this.position, end?: number): never {
    const rest = this.line.slice(position, end ?? position + MOST_SHOWN);
    const [word = ''] = end === undefined ? rest.split(SPACE) : [rest.slice(0, MOST_SHOWN)];
    throw new SyntaxFault({
      position,
      expected,
      found: position >= this.line.length ? 'the end' : word || rest.charAt(0),
    });
  }

  quoted(): Value {
    const position = this.position;
    this.position += 1;
    let text = '';
    for (;;) {
      if (this.isAtEnd) this.fail('a closing quote');
      const char = this.next();
      if (char === '"') break;
      text += char === '\\' ? this.escaped() : char;
    }
    return { position, end: this.position, text, pattern: literal(text), isQuoted: true };
  }

  /** Up to a space, a bracket or quote, or a character of `stops`; `*` and `?` that are not escaped are wildcards. */
  word(stops: string): Value {
    const position = this.position;
    const parts: PatternPart[] = [];
    let text = '';
    let pending = '';
    const flush = (): void => {
      if (pending !== '') parts.push({ type: 'literal', text: pending });
      pending = '';
    };
    while (!this.isAtEnd) {
      const char = this.peek();
      if (SPACE.test(char) || stops.includes(char)) break;
      this.position += 1;
      if (char === '*' || char === '?') {
        flush();
        // Two in a row mean what one does.
        if (char === '?') parts.push({ type: 'one' });
        else if (parts.at(-1)?.type !== 'any') parts.push({ type: 'any' });
        text += char;
        continue;
      }
      const meant = char === '\\' ? this.escaped() : char;
      text += meant;
      pending += meant;
    }
    flush();
    return { position, end: this.position, text, pattern: parts, isQuoted: false };
  }

  private escaped(): string {
    if (this.isAtEnd) this.fail('a character behind the backslash');
    return this.next();
  }

  /** A whole code point: a surrogate pair is not torn. */
  private next(): string {
    const char = String.fromCodePoint(this.line.codePointAt(this.position) ?? 0);
    this.position += char.length;
    return char;
  }
}

export function literal(text: string): TextPattern {
  return text === '' ? [] : [{ type: 'literal', text }];
}
