/** A regular expression that Go's RE2 would refuse as well, or that has no equal in JavaScript. */
export class InvalidRegexError extends Error {
  readonly code = 'INVALID_REGEX';
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/u;
const KEPT_ESCAPES = 'dDwWsSbBtnrfv';
/** RE2's `\s` knows ASCII only. */
const ASCII_SPACE = '\\t\\n\\f\\r ';

/**
 * What RE2 means by `pattern`, anchored at both ends, `.` matching newlines, as Prometheus compiles its matchers.
 * JavaScript of Node 20 has no inline flags: letters under `(?i)` become classes of both cases.
 */
export function compileRe2(pattern: string): RegExp {
  const source = new Translation(pattern).run();
  try {
    return new RegExp(`^(?:${source})$`, 'su');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidRegexError(`error parsing regexp: ${reason}`, { cause });
  }
}

class Translation {
  private readonly pattern: string;
  private at = 0;
  private ignoresCase = false;
  private out = '';
  private readonly scopes: boolean[] = [];

  constructor(pattern: string) {
    this.pattern = pattern;
  }

  run(): string {
    while (this.at < this.pattern.length) this.step();
    return this.out;
  }

  private step(): void {
    const char = this.pattern[this.at] ?? '';
    if (char === '\\') this.escape(false);
    else if (char === '[') this.bracket();
    else if (char === '(') this.group();
    else if (char === ')') {
      this.ignoresCase = this.scopes.pop() ?? this.ignoresCase;
      this.emit(')');
    } else if (char === '{' && !/^\{\d+(,\d*)?\}/u.test(this.pattern.slice(this.at))) this.emit('\\{');
    else if (char === '}' && !/\{\d+(,\d*)?$/u.test(this.pattern.slice(0, this.at))) this.emit('\\}');
    else this.emit(this.anyCase(char));
  }

  private emit(text: string, consumed = 1): void {
    this.out += text;
    this.at += consumed;
  }

  private anyCase(char: string): string {
    const [lower, upper] = [char.toLowerCase(), char.toUpperCase()];
    return !this.ignoresCase || lower === upper ? char : `[${lower}${upper}]`;
  }

  private group(): void {
    const rest = this.pattern.slice(this.at);
    const named = /^\(\?P?<(\w+)>/u.exec(rest);
    const flags = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])/u.exec(rest);
    const opensScope = named !== null || flags?.[3] !== ')';
    if (opensScope) this.scopes.push(this.ignoresCase);
    if (named) this.emit(`(?<${named[1] ?? ''}>`, named[0].length);
    else if (flags) {
      if (/[^imsU]/u.test(`${flags[1] ?? ''}${flags[2] ?? ''}`)) {
        throw new InvalidRegexError(`error parsing regexp: invalid or unsupported Perl syntax: ${flags[0]}`);
      }
      if (flags[1]?.includes('i')) this.ignoresCase = true;
      if (flags[2]?.includes('i')) this.ignoresCase = false;
      this.emit(opensScope ? '(?:' : '', flags[0].length);
    } else if (rest.startsWith('(?')) {
      throw new InvalidRegexError(
        `error parsing regexp: invalid or unsupported Perl syntax: ${rest.slice(0, 3)}`,
      );
    } else this.emit('(');
  }

  private escape(isInBracket: boolean): void {
    const rest = this.pattern.slice(this.at);
    const property = /^\\([pP])(?:\{(\^?)(\w+)\}|(\w))/u.exec(rest);
    const code = /^\\(?:x\{([0-9A-Fa-f]+)\}|x([0-9A-Fa-f]{2})|([0-7]{3}))/u.exec(rest);
    if (property) this.emit(unicodeProperty(property), property[0].length);
    else if (code) {
      const point = code[3] === undefined ? parseInt(code[1] ?? code[2] ?? '', 16) : parseInt(code[3], 8);
      this.emit(`\\u{${point.toString(16)}}`, code[0].length);
    } else if (rest.startsWith('\\Q')) this.quoted();
    else this.emit(plainEscape(rest[1], isInBracket), 2);
  }

  private quoted(): void {
    const end = this.pattern.indexOf('\\E', this.at);
    const text = this.pattern.slice(this.at + 2, end === -1 ? undefined : end);
    this.at = end === -1 ? this.pattern.length : end + 2;
    for (const char of text) this.out += SYNTAX.test(char) ? `\\${char}` : this.anyCase(char);
  }

  private bracket(): void {
    this.emit('[');
    if (this.pattern[this.at] === '^') this.emit('^');
    let isFirst = true;
    while (this.at < this.pattern.length && (isFirst || this.pattern[this.at] !== ']')) {
      this.bracketItem();
      isFirst = false;
    }
    if (this.at >= this.pattern.length) {
      throw new InvalidRegexError('error parsing regexp: missing closing ]');
    }
    this.emit(']');
  }

  private bracketItem(): void {
    const rest = this.pattern.slice(this.at);
    const named = /^\[:(\^?)(\w+):\]/u.exec(rest);
    const letters = this.ignoresCase ? /^([a-z]-[a-z]|[A-Z]-[A-Z]|[a-zA-Z])/u.exec(rest) : null;
    if (named) {
      const chars = CLASSES[named[2] ?? ''];
      if (chars === undefined || named[1] === '^') {
        throw new InvalidRegexError(`error parsing regexp: invalid character class range: ${named[0]}`);
      }
      this.emit(chars, named[0].length);
    } else if (letters) {
      const range = letters[0];
      this.emit(`${range.toLowerCase()}${range.toUpperCase()}`, range.length);
    } else if (rest.startsWith('\\')) this.escape(true);
    else {
      const char = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      this.emit(SYNTAX.test(char) ? `\\${char}` : char, char.length);
    }
  }
}

function plainEscape(char: string | undefined, isInBracket: boolean): string {
  if (char === undefined) {
    throw new InvalidRegexError('error parsing regexp: trailing backslash at end of expression');
  }
  if (char === 'A' || char === 'z') return char === 'A' ? '^' : '$';
  if (char === 'a') return '\\x07';
  if (char === 's') return isInBracket ? ASCII_SPACE : `[${ASCII_SPACE}]`;
  if (KEPT_ESCAPES.includes(char)) return `\\${char}`;
  if (/[0-9A-Za-z]/u.test(char)) {
    throw new InvalidRegexError(`error parsing regexp: invalid escape sequence: \\${char}`);
  }
  return SYNTAX.test(char) || (isInBracket && char === '-') ? `\\${char}` : char;
}

function unicodeProperty(match: RegExpExecArray): string {
  const name = match[3] ?? match[4] ?? '';
  const isNegated = (match[1] === 'P') !== (match[2] === '^');
  const isCategory = name.length <= 2;
  return `\\${isNegated ? 'P' : 'p'}{${isCategory ? name : `Script=${name}`}}`;
}
