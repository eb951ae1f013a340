import { parseGoFloat } from '../model/go-numbers.ts';

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};
const DURATION = /^(?:\d+(?:ms|[ywdhms]))+$/u;

/** Numbers as PromQL spells them: `1_000`, `0x1F`, `1e3`, `Inf`, and durations as their seconds. */
export function parseNumber(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]\s*/u, '').replaceAll('_', '');
  if (/^0x[0-9a-f]+$/iu.test(digits)) return sign * Number(digits);
  if (DURATION.test(digits)) return sign * parseDurationSeconds(digits);
  // What starts with a zero and has eight digits or less is octal to Go's ParseInt.
  if (/^0[0-7]+$/u.test(digits)) return sign * parseInt(digits, 8);
  const value = parseGoFloat(digits);
  return value === undefined ? undefined : sign * value;
}

export function parseDurationSeconds(text: string): number {
  let milliseconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[ywdhms])/gu)) {
    milliseconds += Number(count) * Math.round((UNIT_SECONDS[unit ?? ''] ?? 0) * 1000);
  }
  return milliseconds / 1000;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** The text of a quoted string, or undefined if its end or an escape is wrong. A byte that is no UTF-8 becomes a lone surrogate. */
export function unquote(literal: string): string | undefined {
  const quote = literal[0] ?? '';
  if (literal.length < 2 || !literal.endsWith(quote)) return undefined;
  const body = literal.slice(1, -1);
  if (quote === '`') return body;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let at = 0; at < body.length;) {
    if (body[at] !== '\\') {
      const char = String.fromCodePoint(body.codePointAt(at) ?? 0);
      bytes.push(...encoder.encode(char));
      at += char.length;
      continue;
    }
    const escape = readEscape(body.slice(at + 1), quote);
    if (escape === undefined) return undefined;
    bytes.push(...(escape.isByte ? [escape.code] : encoder.encode(String.fromCodePoint(escape.code))));
    at += 1 + escape.length;
  }
  return decodeLossless(Uint8Array.from(bytes));
}

interface Escape {
  readonly code: number;
  readonly length: number;
  readonly isByte: boolean;
}

function readEscape(rest: string, quote: string): Escape | undefined {
  const char = rest[0] ?? '';
  const byte = /^(?:x([0-9a-fA-F]{2})|([0-7]{3}))/u.exec(rest);
  if (byte) {
    const code = byte[1] === undefined ? parseInt(byte[2] ?? '', 8) : parseInt(byte[1], 16);
    return code > 255 ? undefined : { code, length: byte[0].length, isByte: true };
  }
  const point = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/u.exec(rest);
  if (point) {
    const code = parseInt(point[1] ?? point[2] ?? '', 16);
    const isValid = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isValid ? { code, length: point[0].length, isByte: false } : undefined;
  }
  const plain = ESCAPES[char];
  if (plain === undefined || ((char === '"' || char === "'") && char !== quote)) return undefined;
  return { code: plain.charCodeAt(0), length: 1, isByte: false };
}

function decodeLossless(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Bytes that are no UTF-8 stand in the query: each becomes U+DC80…U+DCFF.
    return [...bytes].map((byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('');
  }
}

/** As Go's `%q` quotes it, bytes that are no UTF-8 as `\xff`. */
export function quoteGo(text: string): string {
  const quoted = Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
    return JSON.stringify(char).slice(1, -1);
  });
  return `"${quoted.join('')}"`;
}
