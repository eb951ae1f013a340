import { ByteBuffer } from '../wire/index.ts';

/** The text is not JSON, or not the JSON that OTLP describes. `message` is a sentence that names the place. */
export class UnreadableJson extends Error {
  override readonly name = 'UnreadableJson';
}

/** Objects and lists inside each other; deeper text is refused before the stack is at risk. */
const MAX_NESTING = 400;

export const Char = {
  quote: 0x22,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  openList: 0x5b,
  backslash: 0x5c,
  closeList: 0x5d,
  lowerE: 0x65,
  lowerU: 0x75,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

const ESCAPED = '"\\/bfnrt';
const UNESCAPED = '"\\/\b\f\n\r\t';
const ESCAPES: ReadonlyMap<number, number> = new Map(
  Array.from(ESCAPED, (char, index) => [char.charCodeAt(0), UNESCAPED.charCodeAt(index)]),
);

/** Bytes of `source` from `start` to `end`; valid until the reader moves on. */
export interface ByteRange {
  source: Uint8Array;
  start: number;
  end: number;
}

/**
 * A cursor over the bytes of a JSON text (RFC 8259), which sees numbers with all their digits and strings as bytes.
 * `JSON.parse` would round 64-bit integers.
 */
export class JsonReader {
  pos = 0;
  /** The latest string read, unescaped, as UTF-8. A lone surrogate becomes U+FFFD. */
  readonly text: ByteRange;
  private readonly bytes: Uint8Array;
  private readonly unescaped = new ByteBuffer();
  private readonly path: (string | number)[] = [];
  private nesting = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.text = { source: bytes, start: 0, end: 0 };
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.pos = 3;
  }

  /** The first byte of the next token; -1 at the end. */
  peek(): number {
    for (;;) {
      const byte = this.bytes[this.pos] ?? -1;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.pos++;
    }
  }

  /** Enters `{` or `[`; answers whether anything is in it. */
  open(opening: number, expected: string): boolean {
    if (this.peek() !== opening) this.failValue(expected);
    if (++this.nesting > MAX_NESTING) {
      this.fail(`objects and lists stand more than ${MAX_NESTING} deep inside each other`);
    }
    this.pos++;
    return !this.closes(opening);
  }

  /** After a member of what `opening` opened: whether another one follows. */
  continues(opening: number): boolean {
    const next = this.peek();
    if (next === Char.comma) {
      this.pos++;
      return true;
    }
    if (this.closes(opening)) return false;
    return this.failSyntax(opening === Char.openObject ? '"," or "}"' : '"," or "]"');
  }

  /** Reads the name of a member and its colon; the name is in `text`. */
  memberName(): void {
    if (this.peek() !== Char.quote) this.failSyntax('a name in quotes');
    this.readString();
    if (this.peek() !== Char.colon) this.failSyntax('":"');
    this.pos++;
  }

  /** Reads a string into `text`. Call when `peek()` is a quote. */
  readString(): void {
    const bytes = this.bytes;
    const text = this.text;
    let pos = this.pos + 1;
    text.source = bytes;
    text.start = pos;
    for (;;) {
      const byte = bytes[pos] ?? -1;
      if (byte === Char.quote) break;
      if (byte === Char.backslash) {
        this.readEscapedString(pos);
        return;
      }
      if (byte < 0x20) {
        this.pos = pos;
        this.failSyntax('the rest of a string');
      }
      pos++;
    }
    text.end = pos;
    this.pos = pos + 1;
  }

  /** Reads a number and returns its characters. Call when `peek()` is a digit or a minus. */
  numberText(): string {
    const start = this.pos;
    if (this.bytes[this.pos] === Char.minus) this.pos++;
    if (this.bytes[this.pos] === Char.zero) this.pos++;
    else this.readDigits();
    if (this.bytes[this.pos] === Char.dot) {
      this.pos++;
      this.readDigits();
    }
    if (((this.bytes[this.pos] ?? 0) | 0x20) === Char.lowerE) {
      this.pos++;
      const sign = this.bytes[this.pos];
      if (sign === Char.plus || sign === Char.minus) this.pos++;
      this.readDigits();
    }
    return asciiOf(this.bytes, start, this.pos);
  }

  /** Passes over `word` (`true`, `false`, `null`) if it is next. */
  takeWord(word: string): boolean {
    this.peek();
    if (asciiOf(this.bytes, this.pos, Math.min(this.pos + word.length, this.bytes.length)) !== word) {
      return false;
    }
    this.pos += word.length;
    return true;
  }

  /** Passes over any value. */
  skipValue(): void {
    const next = this.peek();
    if (next === Char.quote) this.readString();
    else if (isNumberStart(next)) this.numberText();
    else if (next === Char.openList) {
      for (let more = this.open(next, ''); more; more = this.continues(next)) this.skipValue();
    } else if (next === Char.openObject) {
      for (let more = this.open(next, ''); more; more = this.continues(next)) {
        this.memberName();
        this.skipValue();
      }
    } else if (!this.takeWord('true') && !this.takeWord('false') && !this.takeWord('null')) {
      this.failSyntax('a value');
    }
  }

  expectEnd(): void {
    if (this.peek() !== -1) this.failSyntax('the end of the text');
  }

  enter(step: string | number): void {
    this.path.push(step);
  }

  leave(): void {
    this.path.pop();
  }

  /** The value at the cursor is not what the field takes. Where it is no JSON value at all, that is said instead. */
  failValue(expected: string): never {
    const found = this.describeNext();
    if (found === undefined) return this.failSyntax('a value');
    return this.fail(`expected ${expected}, found ${found}`);
  }

  fail(what: string): never {
    throw new UnreadableJson(`At ${this.pathText()} (byte ${this.pos}): ${what}.`);
  }

  private describeNext(): string | undefined {
    const next = this.peek();
    if (next === Char.quote) return 'a string';
    if (next === Char.openObject) return 'an object';
    if (next === Char.openList) return 'a list';
    if (isNumberStart(next)) return 'a number';
    return ['true', 'false', 'null'].find((word) => this.takeWord(word));
  }

  private failSyntax(expected: string): never {
    const byte = this.bytes[this.pos];
    const found = byte === undefined ? 'the end of the text' : JSON.stringify(String.fromCharCode(byte));
    throw new UnreadableJson(
      `It is not valid JSON: at byte ${this.pos}, in ${this.pathText()}, expected ${expected}, found ${found}.`,
    );
  }

  private pathText(): string {
    let text = '';
    for (const step of this.path) {
      if (typeof step === 'number') text += `[${step}]`;
      else text += text === '' ? step : `.${step}`;
    }
    return text === '' ? 'the top' : text;
  }

  private closes(opening: number): boolean {
    const closing = opening === Char.openObject ? Char.closeObject : Char.closeList;
    if (this.peek() !== closing) return false;
    this.pos++;
    this.nesting--;
    return true;
  }

  private readDigits(): void {
    const start = this.pos;
    while (isDigit(this.bytes[this.pos] ?? 0)) this.pos++;
    if (this.pos === start) this.failSyntax('a digit');
  }

  private readEscapedString(firstBackslash: number): void {
    const bytes = this.bytes;
    const out = this.unescaped;
    out.clear();
    let copied = this.pos + 1;
    let pos = firstBackslash;
    for (;;) {
      const byte = bytes[pos] ?? -1;
      if (byte === Char.quote) break;
      if (byte < 0x20) {
        this.pos = pos;
        this.failSyntax('the rest of a string');
      }
      if (byte === Char.backslash) {
        out.append(bytes, copied, pos);
        pos = this.readEscape(pos);
        copied = pos;
      } else {
        pos++;
      }
    }
    out.append(bytes, copied, pos);
    this.text.source = out.bytes;
    this.text.start = 0;
    this.text.end = out.length;
    this.pos = pos + 1;
  }

  /** Writes what the escape at `at` stands for and returns where it ends. */
  private readEscape(at: number): number {
    const kind = this.bytes[at + 1] ?? -1;
    const char = ESCAPES.get(kind);
    if (char !== undefined) {
      this.unescaped.byte(char);
      return at + 2;
    }
    if (kind !== Char.lowerU) {
      this.pos = at;
      this.failSyntax('an escape that JSON knows');
    }
    const unit = this.codeUnit(at);
    const isHigh = unit >= 0xd800 && unit < 0xdc00;
    if (isHigh && this.bytes[at + 6] === Char.backslash && this.bytes[at + 7] === Char.lowerU) {
      const low = this.codeUnit(at + 6);
      if (low >= 0xdc00 && low < 0xe000) {
        this.writeUtf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        return at + 12;
      }
    }
    this.writeUtf8(unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit);
    return at + 6;
  }

  private codeUnit(at: number): number {
    const digits = asciiOf(this.bytes, at + 2, Math.min(at + 6, this.bytes.length));
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      this.pos = at;
      this.failSyntax('four hex digits after \\u');
    }
    return Number.parseInt(digits, 16);
  }

  private writeUtf8(point: number): void {
    const encoded = new TextEncoder().encode(String.fromCodePoint(point));
    this.unescaped.append(encoded, 0, encoded.length);
  }
}

export function isNumberStart(byte: number): boolean {
  return byte === Char.minus || isDigit(byte);
}

export function asciiOf(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let pos = start; pos < end; pos++) text += String.fromCharCode(bytes[pos] ?? 0);
  return text;
}

function isDigit(byte: number): boolean {
  return byte >= Char.zero && byte <= Char.nine;
}
